"""The settings under which published figures were made, by name.

A protocol says which clips, which joints and which average. `docs/protocols.md` tells who publishes
by which, and why two of them cannot be compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..clip import Clip
from ..errors import SettingsError, unknown_name
from ..metrics import joint_set
from ..skeleton import Skeleton

Average = Literal["frames", "actions", "prefixes", "sequences"]
Headline = Literal["mpjpe", "p_mpjpe", "n_mpjpe"]

AVERAGES: Mapping[Average, str] = {
    "frames": "every frame has the same weight",
    "actions": "every action has the same weight, whatever its length",
    "prefixes": "as actions, but a clip also counts for each action with whose name its own begins,"
    " so that Sitting holds SittingDown as well",
    "sequences": "every sequence has the same weight, whatever its length",
}


@dataclass(frozen=True)
class Protocol:
    """Which clips are compared, over which joints, and how their errors are averaged."""

    name: str
    help: str
    """What is compared, in a line."""
    skeletons: tuple[str, ...] = ()
    """In which it can be computed; any unless given."""
    joints: str | None = None
    """The set of joints that errors are taken over (`metrics.JOINT_SETS`); all unless given."""
    correct: str | None = None
    """The set that PCK and AUC are taken over; that of the errors unless given."""
    headline: Headline = "mpjpe"
    """The figure that is quoted."""
    average: Average = "frames"
    sequence: str = "recording"
    """The label by which sequences are told apart."""
    expects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Labels and all their values that belong to it; clips with others are left out."""
    formats: tuple[str, ...] = ()
    """Readers of the data set; truths that come from another one are refused."""
    annotation: str | None = None
    """The kind of truth; another one is refused."""
    trained_on: str = ""
    """What the lifter has seen. No file tells it, so it is not checked."""
    frames: int | None = None
    """How many frames count if all are there."""
    rooted: bool = True
    """Whether both poses are moved so that their roots lie at zero."""
    published: str = ""
    """Who gives figures by it."""


PLAIN = Protocol("plain", "Any clips and skeleton, all joints, relative to the root.")
ABSOLUTE = replace(
    PLAIN,
    name="plain-absolute",
    help="Any clips and skeleton, all joints where they are before the camera.",
    rooted=False,
)

H36M_ACTIONS = ("Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing",
                "Purchases", "Sitting", "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking",
                "WalkTogether")  # fmt: skip
H36M_MEASURES: tuple[Headline, ...] = ("mpjpe", "p_mpjpe", "n_mpjpe")
"""Protocol 1, 2 and 3."""
H36M_SKELETONS = {"17": ("h36m17",), "16": ("h36m16", "h36m17"), "14": ("h36m17", "h36m16")}

H36M = Protocol(
    "h36m-p{}",
    "Human3.6M, two unseen subjects.",
    expects={
        "subject": ("S9", "S11"),
        "action": H36M_ACTIONS,
        "camera": ("54138969", "55011271", "58860488", "60457274"),
    },
    formats=("h36m", "h36m_archive", "h36m_cdf"),
    trained_on="S1, S5, S6, S7, S8",
    average="actions",
)
ONE_SUBJECT = replace(
    H36M,
    name="h36m-s1-p{}",
    help="Human3.6M with little data, two unseen subjects.",
    trained_on="S1",
)
CROSS_SUBJECT = replace(
    H36M,
    name="h36m-cross-subject-p{}",
    help="Human3.6M, adaptation to four subjects without their 3D.",
    expects={**H36M.expects, "subject": ("S5", "S6", "S7", "S8")},
    trained_on="S1, and the 2D of S5, S6, S7, S8",
)


def _h36m(
    base: Protocol, joints: str, average: Average = "actions", published: str = "", third: str = ""
) -> Iterator[Protocol]:
    """One setting on Human3.6M as Protocol 1, 2 and 3.

    Args:
        published: Who gives Protocol 1 and 2.
        third: Who gives Protocol 3.
    """
    parts = ("" if joints == "17" else f"-{joints}", "" if average == "actions" else f"-{average}")
    for number, headline in enumerate(H36M_MEASURES, 1):
        yield replace(
            base,
            name=base.name.format(number) + "".join(parts),
            skeletons=H36M_SKELETONS[joints],
            joints=joints,
            headline=headline,
            average=average,
            published=third if headline == "n_mpjpe" else published,
        )


def _3dhp(annotation: str, form: str, average: Average, published: str = "") -> Protocol:
    """One form of MPI-INF-3DHP's test."""
    parts = ("" if form == "official" else f"-{form}", "" if average == "frames" else f"-{average}")
    joints, correct = ("17", "14") if form == "official" else (form, form)
    return Protocol(
        f"3dhp-{annotation.replace('_', '-')}" + "".join(parts),
        "MPI-INF-3DHP, six test sequences, valid frames.",
        skeletons=("mpi_inf_3dhp17", "h36m17", *(("h36m16",) if form == "16" else ())),
        joints=joints,
        correct=correct,
        average=average,
        sequence="subject",
        expects={"subject": ("TS1", "TS2", "TS3", "TS4", "TS5", "TS6")},
        formats=("mpi_inf_3dhp", "mpi_inf_3dhp_npz", "spin"),
        annotation=annotation,
        trained_on="Human3.6M, or its own training set",
        frames=2929,
        published=published,
    )


def _panoptic(joints: str, published: str = "") -> Protocol:
    return Protocol(
        f"panoptic-{joints}",
        f"CMU Panoptic, three test sequences, {joints} joints.",
        skeletons=(f"panoptic{joints}",),
        expects={"recording": ("171026_pose3", "161029_piano2", "170915_office1")},
        formats=("panoptic",),
        trained_on="171204_pose1-3, 171026_pose1-2, 171026_cello3, 161029_piano3-4, 170407_office2",
        published=published,
    )


def _3dpw(skeleton: str, text: str) -> Protocol:
    return Protocol(
        f"3dpw-{skeleton}",
        f"3DPW, test sequences, {text}.",
        skeletons=(skeleton,),
        expects={"split": ("test",)},
        formats=("threedpw",),
        trained_on="other data sets",
    )


def _corpus(name: str, domain: str, rig: str, text: str) -> Protocol:
    return Protocol(
        f"corpus-{name}",
        f"The motion corpus, {text}.",
        skeletons=("h36m17",),
        joints="17",
        expects={"domain": (domain,), "split": ("val",), "rig": (rig,)},
        formats=("mocap",),
        trained_on="source people (train) under the source rig",
        published="this project's benchmarks",
    )


_ALL = (
    PLAIN,
    ABSOLUTE,
    *_h36m(H36M, "17", "actions", "VideoPose3D, MixSTE, D3DP, P-STMO, PoSynDA", "VideoPose3D"),
    *_h36m(H36M, "16", published="SemGCN"),
    *_h36m(H36M, "14"),
    *_h36m(H36M, "17", "frames", "L2D-Pose (every 100th frame, or 5th)"),
    *_h36m(H36M, "16", "frames", "PoseAug, PoseDA, DH-AUG"),
    *_h36m(H36M, "14", "frames"),
    *_h36m(H36M, "17", "prefixes", "Diff3DHPE", "Diff3DHPE"),
    *_h36m(ONE_SUBJECT, "17"),
    *_h36m(ONE_SUBJECT, "16", "frames", "DH-AUG"),
    *_h36m(CROSS_SUBJECT, "17", published="PoSynDA"),
    *_h36m(CROSS_SUBJECT, "16", "frames", "PoseDA, AdaptPose"),
    _3dhp("annot3", "official", "frames"),
    _3dhp("annot3", "official", "sequences", "D3DP, PoSynDA"),
    _3dhp("annot3", "16", "frames"),
    _3dhp("annot3", "16", "sequences"),
    _3dhp("annot3", "17", "frames"),
    _3dhp("annot3", "17", "sequences"),
    _3dhp("univ_annot3", "official", "frames", "the official script, P-STMO"),
    _3dhp("univ_annot3", "official", "sequences", "Diff3DHPE"),
    _3dhp("univ_annot3", "16", "frames", "PoseAug, PoseDA, DH-AUG"),
    _3dhp("univ_annot3", "16", "sequences", "DH-AUG (video)"),
    _3dhp("univ_annot3", "17", "frames", "a variant of the official script"),
    _3dhp("univ_annot3", "17", "sequences"),
    _panoptic("15", "L2D-Pose (every 15th frame, one person)"),
    _panoptic("19"),
    _3dpw("smpl24", "SMPL's 24 joints"),
    _3dpw("h36m17", "SMPL's joints mapped to 17"),
    _corpus("source", "source", "source", "source people under the source rig"),
    _corpus("cameras", "source", "target", "source people under the target rig"),
    _corpus("people", "target", "source", "target people under the source rig"),
    _corpus("target", "target", "target", "target people under the target rig"),
)
PROTOCOLS: Mapping[str, Protocol] = {protocol.name: protocol for protocol in _ALL}
"""Every protocol by name."""

UNSUPPORTED: Mapping[str, str] = {
    "3dpw-14": "The published figures on 3DPW are of 14 joints that a regressor draws from the SMPL"
    " body model, which nobody may pass on; choose 3dpw-smpl24 or 3dpw-h36m17, whose figures"
    " cannot be compared with them.",
}
"""What is asked for and cannot be had, and why."""


def protocol_named(name: str) -> Protocol:
    """The protocol of that name."""
    if name in UNSUPPORTED:
        raise SettingsError(UNSUPPORTED[name])
    if name not in PROTOCOLS:
        raise SettingsError(unknown_name("protocol", name, PROTOCOLS))
    return PROTOCOLS[name]


def averaged_by(protocol: Protocol) -> str | None:
    """The label whose values are given the same weight; None where every frame is."""
    labels = {"actions": "action", "prefixes": "action", "sequences": protocol.sequence}
    return labels.get(protocol.average)


def counted_joints(protocol: Protocol, skeleton: Skeleton) -> list[int]:
    """The joints that errors are taken over."""
    return _joints(protocol.joints, skeleton)


def correct_joints(protocol: Protocol, skeleton: Skeleton) -> list[int]:
    """The joints that PCK and AUC are taken over."""
    return _joints(protocol.correct or protocol.joints, skeleton)


def _joints(name: str | None, skeleton: Skeleton) -> list[int]:
    return list(range(len(skeleton))) if name is None else joint_set(name, skeleton)


def told(clip: Clip, key: str) -> str | None:
    """What a clip says of itself in its labels or, failing that, in its provenance."""
    return clip.labels.get(key) or clip.provenance.get(key)
