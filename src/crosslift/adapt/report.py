"""What an adaptation changed, as plain data and sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..evaluation.measures import MEASURES
from ..label_free import SCORES

COMBINED = "Weighted mean of those that go with the true error; by it weights are kept. 1 is usual."
AGAINST_TRUTH = {
    "mpjpe": "Mean distance of joints from the truth, about the root.",
    "p_mpjpe": "The same after the best turn, shift and scale.",
    "n_mpjpe": "The same after the best scale.",
    "pck": "Share of joints within 150 mm.",
    "auc": "Mean of that share over thresholds from 0 to 150 mm.",
}
MORE_IS_BETTER = ("pck", "auc")


@dataclass(frozen=True)
class Row:
    """One figure before and after."""

    name: str
    title: str
    unit: str
    sentence: str
    before: float
    after: float

    @property
    def better(self) -> bool:
        """Whether the change is for the better, or none."""
        change = self.after - self.before
        return change >= 0 if self.name in MORE_IS_BETTER else change <= 0

    def numbers(self) -> tuple[str, str, str]:
        """Before, after and the change, as people read them."""
        unit = f" {self.unit}" if self.unit else ""
        share = f"{100 * (self.after / self.before - 1):+.1f} %" if self.before else "-"
        return f"{self.before:.3g}{unit}", f"{self.after:.3g}{unit}", share


@dataclass(frozen=True, eq=False)
class Report:
    """An adaptation from the outside."""

    title: str
    kept_original: bool
    scores: Sequence[Row]
    """By keypoints alone."""
    errors: Sequence[Row]
    """Against truths, if there were any."""
    facts: Mapping[str, Any]
    """Method, lifter, target, bodies, training, distributions: plain data."""
    remarks: Sequence[str] = ()
    origin: str = ""
    """By what it was made."""

    @property
    def verdict(self) -> str:
        """Whether it helped, in one sentence."""
        rows = {row.name: row for row in self.scores}
        before, _, change = rows["combined"].numbers()
        tried, size = self.facts["tried"], self.facts["size"]
        if self.kept_original and tried < rows["combined"].before:
            return (
                "Nothing better was found: the original lifter is kept, since after training "
                f"people came out {size['tried']:.0%} as tall as was told or assumed, and "
                f"{size['before']:.0%} before."
            )
        if self.kept_original:
            return (
                f"Nothing better was found: the original lifter is kept, whose combined score is "
                f"{before}; the best that training found has {tried:.3g}."
            )
        return f"The adapted lifter is kept: its combined score changed by {change}."

    @property
    def sentences(self) -> list[str]:
        """What a reader of the figures has to know."""
        people = [
            f"{name or 'The person'}: {each['how']}; {100 * each['stature_m']:.0f} cm by these "
            "bones."
            for name, each in self.facts["people"].items()
        ]
        trained = self.facts["trained"]
        how_long = (
            f"Trained for {trained['batches']:,} batches in {trained['seconds'] / 60:.1f} minutes "
            f"on {self.facts['source']}; {trained['ended']}."
        )
        return [*people, how_long, *self.remarks]

    def data(self) -> dict[str, Any]:
        """All of it for JSON."""
        return {
            "verdict": self.verdict,
            "kept": "original" if self.kept_original else "adapted",
            **self.facts,
            "scores": figures(self.scores),
            **({"errors": figures(self.errors)} if self.errors else {}),
            "remarks": list(self.remarks),
            "origin": self.origin,
        }


def figures(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Before and after by name."""
    return {
        row.name: {
            "before": round(row.before, 5),
            "after": round(row.after, 5),
            "unit": row.unit,
        }
        for row in rows
    }


def score_rows(before: Mapping[str, float], after: Mapping[str, float]) -> list[Row]:
    """Unlabelled scores that are known of both lifters, the combined one first."""
    rows = [Row("combined", "combined", "", COMBINED, before["combined"], after["combined"])]
    for name, score in SCORES.items():
        if name in before and name in after:
            title = name.replace("_", " ")
            unit = score.unit.partition(" of ")[0]
            rows.append(Row(name, title, unit, score.sentence, before[name], after[name]))
    return rows


def error_rows(before: Mapping[str, float], after: Mapping[str, float]) -> list[Row]:
    """Errors against truths."""
    return [
        Row(name, MEASURES[name].title, MEASURES[name].unit, AGAINST_TRUTH[name], before[name],
            after[name])
        for name in before
    ]  # fmt: skip
