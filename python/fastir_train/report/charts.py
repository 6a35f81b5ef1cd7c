"""Charts as SVG text, for pages that load nothing from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fastir_train.report.templates import render

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


def bars(title: str, values: Sequence[Bar]) -> Markup:
    """Horizontal bars, to the left of a line where something shrank."""
    low = min(0.0, *(bar.change for bar in values))
    high = max(0.0, *(bar.change for bar in values))
    scale = _PLOT / ((high - low) or 1)
    zero = _LABEL - low * scale
    drawn = [
        {
            "name": bar.name,
            "change": f"{bar.change:+.2%}",
            "kind": "grew" if bar.change > 0 else "shrank",
            "label": _LABEL - 6,
            "value": _LABEL + _PLOT + 6,
            "top": 30 + number * _ROW,
            "height": _ROW - 6,
            "start": zero + min(0.0, bar.change) * scale,
            "width": max(abs(bar.change) * scale, 1),
        }
        for number, bar in enumerate(values)
    ]
    height = 36 + len(values) * _ROW
    return render(
        "bars.svg",
        title=title,
        label=", ".join(f"{bar['name']} {bar['change']}" for bar in drawn),
        width=_LABEL + _PLOT + _VALUE,
        height=height,
        axes=[(zero, zero, 28, height - 4)],
        bars=drawn,
    )


def scatter(title: str, axes: tuple[str, str], values: Sequence[Point]) -> Markup:
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
    texts = [
        _text(width / 2, height - 14, axes[0], centred=True),
        _text(16, height / 2, axes[1], centred=True, turned=True),
        *(_text(at(x, 0)[0], height - 34, f"{x:+.0%}") for x in (left, right)),
        *(_text(edge - 34, at(0, y)[1], f"{y:+.0%}") for y in (bottom, top)),
    ]
    points = []
    for point in values:
        across, down = at(point.x, point.y)
        shown = f"{point.name}: {point.x:+.2%} {axes[0]}, {point.y:+.2%} {axes[1]}"
        points.append({"x": across, "y": down, "title": shown})
        texts.append(_text(across + 9, down - 6, point.name))
    return render(
        "scatter.svg",
        title=title,
        label=", ".join(f"{p.name} {p.x:+.2%} and {p.y:+.2%}" for p in values),
        width=width,
        height=height,
        axes=[
            (edge, width - 2 * edge, zero[1], zero[1]),
            (zero[0], zero[0], edge, height - edge),
        ],
        texts=texts,
        points=points,
    )


def _text(
    x: float, y: float, text: str, *, centred: bool = False, turned: bool = False
) -> dict[str, object]:
    return {"x": x, "y": y, "text": text, "centred": centred, "turned": turned}
