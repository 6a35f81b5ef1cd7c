"""Charts as SVG text, for pages that load nothing from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_ROW, _LABEL, _PLOT, _VALUE = 22, 130, 300, 70


@dataclass(frozen=True)
class Bar:
    """A relative change by name."""

    name: str
    change: float


@dataclass(frozen=True)
class Point:
    """Two relative changes by name."""

    name: str
    x: float
    y: float


def bars(title: str, values: Sequence[Bar]) -> str:
    """Horizontal bars, to the left of a line where something shrank."""
    low = min(0.0, *(bar.change for bar in values))
    high = max(0.0, *(bar.change for bar in values))
    scale = _PLOT / ((high - low) or 1)
    zero = _LABEL - low * scale
    parts = []
    for number, bar in enumerate(values):
        top = 30 + number * _ROW
        start, width = zero + min(0.0, bar.change) * scale, abs(bar.change) * scale
        kind = "grew" if bar.change > 0 else "shrank"
        parts.append(
            f'<text x="{_LABEL - 6}" y="{top + 13}" text-anchor="end">{escape(bar.name)}</text>'
            f'<rect class="{kind}" x="{start:.1f}" y="{top + 2}" width="{max(width, 1):.1f}" '
            f'height="{_ROW - 6}"><title>{escape(bar.name)}: {bar.change:+.2%}</title></rect>'
            f'<text x="{_LABEL + _PLOT + 6}" y="{top + 13}">{bar.change:+.2%}</text>'
        )
    height = 36 + len(values) * _ROW
    parts.append(_axis(zero, zero, 28, height - 4))
    label = ", ".join(f"{bar.name} {bar.change:+.2%}" for bar in values)
    return _svg(title, label, _LABEL + _PLOT + _VALUE, height, "".join(parts))


def scatter(title: str, axes: tuple[str, str], values: Sequence[Point]) -> str:
    """Points with their names beside them; the axes cross where nothing changes.

    The figures at both ends of an axis are where it begins and ends.
    """
    width, height, edge = 560, 360, 60
    spans = []
    for each in ("x", "y"):
        found = [0.0, *(getattr(point, each) for point in values)]
        slack = 0.1 * (max(found) - min(found)) or 0.01
        spans.append((min(found) - slack, max(found) + slack))
    (left, right), (bottom, top) = spans

    def at(x: float, y: float) -> tuple[float, float]:
        across = edge + (x - left) / (right - left) * (width - 3 * edge)
        down = height - edge - (y - bottom) / (top - bottom) * (height - 2 * edge)
        return across, down

    zero = at(0, 0)
    parts = [
        _axis(edge, width - 2 * edge, zero[1], zero[1]),
        _axis(zero[0], zero[0], edge, height - edge),
        f'<text x="{width / 2}" y="{height - 14}" text-anchor="middle">{escape(axes[0])}</text>'
        f'<text transform="translate(16 {height / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(axes[1])}</text>",
    ]
    for across, where in ((left, at(left, 0)), (right, at(right, 0))):
        parts.append(f'<text x="{where[0]:.1f}" y="{height - 34}">{across:+.0%}</text>')
    for down in (bottom, top):
        parts.append(f'<text x="{edge - 34}" y="{at(0, down)[1]:.1f}">{down:+.0%}</text>')
    for point in values:
        across, down = at(point.x, point.y)
        label = f"{point.name}: {point.x:+.2%} {axes[0]}, {point.y:+.2%} {axes[1]}"
        parts.append(
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="5">'
            f"<title>{escape(label)}</title></circle>"
            f'<text x="{across + 9:.1f}" y="{down - 6:.1f}">{escape(point.name)}</text>'
        )
    label = ", ".join(f"{p.name} {p.x:+.2%} and {p.y:+.2%}" for p in values)
    return _svg(title, label, width, height, "".join(parts))


def _axis(left: float, right: float, top: float, bottom: float) -> str:
    return f'<line class="axis" x1="{left:.1f}" x2="{right:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>'


def _svg(title: str, label: str, width: float, height: float, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'aria-label="{escape(title)}: {escape(label)}">'
        f'<text class="title" x="4" y="18">{escape(title)}</text>{content}</svg>'
    )
