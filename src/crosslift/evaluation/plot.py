"""A report as a picture: which joints are off, and how many are within which distance."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .measures import MEASURES
from .report import Report
from .tally import CURVE, PCK_THRESHOLD

PLAIN, ALIGNED, QUIET = "#2166ac", "#92c5de", "#8c8c8c"
"""Colours that colour-blind people can tell apart, also when printed in grey."""


def draw_report(report: Report) -> Figure:
    """Errors by joint to the left, the share of joints by distance to the right."""
    count = len(report.joints())
    figure = Figure(figsize=(10, max(3.6, 1.3 + 0.24 * count)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
    draw_joints(left, report)
    draw_shares(right, report)
    told = report.evaluation
    figure.suptitle(
        f"{told.protocol.name}: {told.total.frames:,} frames of {told.total.clips:,} clips",
        fontsize=11,
    )
    return figure


def draw_joints(axes: Axes, report: Report) -> None:
    """A bar for each joint, before alignment, and a narrower one after it."""
    rows = report.joints()
    places = list(range(len(rows)))
    for name, width, colour in (("mpjpe", 0.74, ALIGNED), ("p_mpjpe", 0.34, PLAIN)):
        values = [row[name] for row in rows.values()]
        axes.barh(places, values, width, color=colour, label=MEASURES[name].title)
    axes.set_yticks(places, [joint.replace("_", " ") for joint in rows], fontsize=8.5)
    axes.invert_yaxis()
    axes.set_xlabel("mean error, mm")
    axes.legend(frameon=False, fontsize=8.5)
    _bare(axes)


def draw_shares(axes: Axes, report: Report) -> None:
    """How many joints are within each distance of their true place."""
    told = report.evaluation
    measured = report.shares()
    axes.plot([1000 * threshold for threshold in CURVE], 100 * measured.numpy(), color=PLAIN)
    limit = 1000 * PCK_THRESHOLD
    figures = told.figures(average=False)
    axes.axvline(limit, color=QUIET, linewidth=0.9, linestyle="--")
    axes.annotate(
        f"{100 * figures['pck']:.1f} % within {limit:.0f} mm\nAUC {100 * figures['auc']:.1f} %",
        (limit, 4),
        xytext=(5, 0),
        textcoords="offset points",
        fontsize=8.5,
        color=QUIET,
    )
    axes.set(xlim=(0, 1000 * CURVE[-1]), ylim=(0, 101))
    axes.set_xlabel("distance from the true place, mm")
    axes.set_ylabel("joints within it, %")
    axes.grid(color="#e6e6e6", linewidth=0.7)
    _bare(axes)


def _bare(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
