"""Poses while the frames come: one frame of keypoints in, its pose out."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from .camera import Camera
from .errors import CameraError, DataError, SettingsError
from .geometry import mirror, place_root
from .lifters.direct import Direct, mirrored
from .lifters.inputs import Seen
from .networks.time_mixer import TimeMixer
from .networks.time_mixer_stream import TimeMixerStream
from .networks.videopose import VideoPose
from .networks.videopose_stream import VideoPoseStream, check_causal
from .resampling import NEAR


class Stream:
    """One person before one camera: what a causal lifter says of every frame as it comes.

    The poses are those that the lifter gives for the whole clip, but for missing joints: these stay
    where they were last seen, for nobody knows yet where they will be seen next.
    """

    def __init__(
        self,
        lifter: Direct,
        camera: Camera,
        fps: float,
        *,
        body: Float[Tensor, " joints"] | None = None,
    ) -> None:
        """Prepare for the first frame.

        Args:
            lifter: A causal VideoPose3D or TimeMixer, or one that looks at single frames.
            fps: Frames a second that will come.
            body: Bone lengths in metres, for a lifter that can be told the body.
        """
        if camera.focal.ndim > 1:
            raise CameraError(
                "A stream takes one camera, but was given one for each frame; give it the first "
                "frame's, which serves as long as focal length and lens stay the same."
            )
        self.lifter, self.camera, self.fps = lifter, camera, fps
        self.body = None if body is None else body[None]
        self.answer = answering(lifter)
        blank = camera.focal.new_full((len(lifter.skeleton), 3), torch.nan)
        self.pose, self.held = blank, blank[:, :2]
        self.scores = torch.zeros_like(blank[:, 0])

    def push(
        self,
        keypoints: Float[Tensor, "joints 2"],
        scores: Float[Tensor, " joints"] | None = None,
    ) -> Float[Tensor, "joints 3"]:
        """The pose of the next frame: in metres about the root, along the camera's axes.

        NaN until a frame shows the first joint. Afterwards `scores` are 0 for the joints that this
        frame did not show, and `held` is where they were taken to be.

        Args:
            keypoints: In pixels; NaN where a joint is missing.
            scores: 0 where a joint is missing; all that are numbers are there unless given.
        """
        check_frame(keypoints, self.lifter)
        given = torch.ones_like(keypoints[:, 0]) if scores is None else scores
        known = keypoints.isfinite().all(dim=-1) & (given > 0)
        self.scores = torch.where(known, given, 0)
        before, self.held = self.held, torch.where(known[:, None], keypoints, self.held)
        if self.held.isfinite().any():
            self.pose = self.lifted(before, torch.where(known[:, None], keypoints, torch.nan))
        return self.pose

    @property
    def place(self) -> Float[Tensor, " 3"]:
        """Where the root of the last pose is, by the reprojection of this one frame.

        In metres, in the camera's frame; NaN where the frame shows too little.
        """
        return place_root(self.pose, self.held, self.scores, self.camera)

    @property
    def provenance(self) -> dict[str, str]:
        """What should be said of the poses: that the lifter knows other movements' steps."""
        known = self.lifter.fps
        if known is None or abs(known / self.fps - 1) <= NEAR:
            return {}
        said = f"lifted as they came, {self.fps:g} a second, by a lifter trained at {known:g}"
        return {"frames": said}

    @torch.no_grad()
    def lifted(
        self, before: Float[Tensor, "joints 2"], keypoints: Float[Tensor, "joints 2"]
    ) -> Float[Tensor, "joints 3"]:
        """The lifter's pose of the newest of two frames, the older of which fills its gaps."""
        lifter = self.lifter
        frames = torch.stack([before, keypoints])[None]
        scores = torch.stack([torch.ones_like(self.scores), self.scores])[None]
        if bool((self.scores > 0).all()):
            frames, scores = frames[:, 1:], scores[:, 1:]
        seen = Seen(frames, self.camera[None][None], scores, self.body)
        views = [seen, mirrored(seen, lifter.skeleton)] if lifter.flip else [seen]
        told = [lifter.given(each).newest() for each in views]
        answers = self.answer(torch.cat([each.numbers[:, 0] for each in told])).to(keypoints)
        poses = torch.cat([
            lifter.as_poses(answer[None, None], each.facing)[:, 0]
            for answer, each in zip(answers, told, strict=True)
        ])  # fmt: skip
        poses = lifter.about_root(poses)
        return (poses[0] + mirror(poses[1], lifter.skeleton)) / 2 if lifter.flip else poses[0]


Answer = Callable[[Float[Tensor, "rows joints numbers"]], Float[Tensor, "rows joints 3"]]


def answering(lifter: Direct) -> Answer:
    """The network of a lifter as it answers frame by frame."""
    if isinstance(lifter.network, VideoPose):
        check_causal(lifter.network)
        return VideoPoseStream(lifter.network).push
    if isinstance(lifter.network, TimeMixer) and lifter.frames > 1:
        return TimeMixerStream(lifter.network).push
    if lifter.frames == 1:
        return lambda given: lifter.read(lifter.network, given[:, None].to(lifter.dtype))[0][:, 0]
    raise SettingsError(
        f"A stream needs a lifter that answers for the newest frame, but "
        f"{type(lifter.network).__name__} answers for the frames of a window of {lifter.frames}; "
        "take a causal one, such as videopose with network.causal, or one of single frames."
    )


def check_frame(keypoints: Tensor, lifter: Direct) -> None:
    """Refuse keypoints of another skeleton, or of several frames."""
    joints = len(lifter.skeleton)
    if keypoints.shape != (joints, 2):
        raise DataError(
            f'This stream takes frames of the {joints} joints of "{lifter.skeleton.name}", but was '
            f"given keypoints of shape {tuple(keypoints.shape)}; map them, and push frame by frame."
        )
