"""Tables that are figures, too: confusion matrices, precision and recall, ROC. No library is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any, Final

from ...schema.errors import InvalidValue
from ...schema.values import brief
from .item import Held
from .table import Table, drawn_table

_MOST_POINTS: Final = 1_000
"""Of a curve; more are not seen."""
_SHADES: Final = [[0, "#f1f6fa"], [1, "#1f6f9f"]]
"""Of counts: numbers can be read on each of them, on light pages and on dark ones."""
_MOST_CLASSES: Final = 1_000


def confusion_matrix(
    y_true: Any, y_pred: Any, labels: Sequence[Any] | None = None, *, title: str | None = None
) -> Table:
    """How often each class was taken for each: a table of `actual`, `predicted`, `count`, drawn as a heat map.

    Never raises; what is wrong is told when it is logged.

    Args:
        y_true: the right class of each example, numbers or names.
        y_pred: the class that was predicted.
        labels: names of classes in order: of class numbers 0, 1, ... or the classes themselves; default all that occur.
        title: of the figure.
    """
    return _made(lambda: _matrix(_listed(y_true, "y_true"), _listed(y_pred, "y_pred"), labels, title))


def pr_curve(y_true: Any, y_score: Any, labels: Sequence[Any] | None = None, *, title: str | None = None) -> Table:
    """Precision over recall: a table of `class`, `recall`, `precision`, `threshold`, drawn as lines.

    Never raises; what is wrong is told when it is logged.

    Args:
        y_true: the right class of each example: 0 or 1, or the class's number where scores have a column for each.
        y_score: how sure the model was of class 1; or a row for each example with a score for each class.
        labels: names of classes 0, 1, ...
        title: of the figure.
    """
    return _made(lambda: _curve(y_true, y_score, labels, title, roc=False))


def roc_curve(y_true: Any, y_score: Any, labels: Sequence[Any] | None = None, *, title: str | None = None) -> Table:
    """True over false positives: a table of `class`, `fpr`, `tpr`, `threshold`, drawn as lines with their areas.

    Never raises; what is wrong is told when it is logged. Arguments are those of `pr_curve`.
    """
    return _made(lambda: _curve(y_true, y_score, labels, title, roc=True))


def _made(make: Any) -> Table:
    held: Held[Table] = Held(make)
    if not held.broken:
        return held.get()
    out = Table()
    out._rows = held  # type: ignore[assignment] # noqa: SLF001 - its trouble is told when the table is logged
    return out


def _listed(values: Any, name: str) -> list[Any]:
    """The values of an array or a sequence as plain ones."""
    for step in ("detach", "cpu"):
        values = getattr(values, step)() if hasattr(values, step) else values
    found = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(found, (str, bytes)) or not isinstance(found, Iterable):
        raise InvalidValue(f"has {name}={brief(values)}; pass one value for each example")
    return list(found)


def _same(a: list[Any], b: list[Any], names: tuple[str, str]) -> None:
    if len(a) != len(b) or not a:
        raise InvalidValue(
            f"has {len(a):,} values in {names[0]} and {len(b):,} in {names[1]}; pass as many of both, at least one"
        )


def _matrix(y_true: list[Any], y_pred: list[Any], labels: Sequence[Any] | None, title: str | None) -> Table:
    _same(y_true, y_pred, ("y_true", "y_pred"))
    seen = {*y_true, *y_pred}
    if labels is None:
        order: list[Any] = sorted(seen, key=lambda c: (isinstance(c, str), c))
        names = [str(each) for each in order]
    else:
        names = [str(each) for each in labels]
        numbered = all(isinstance(c, int) and 0 <= c < len(names) for c in seen)
        order = list(range(len(names))) if numbered else list(labels)
    missing = seen - set(order)
    if missing:
        raise InvalidValue(f"has the class {brief(min(missing, key=str))}, which is not among labels={brief(names)}")
    if len(order) > _MOST_CLASSES:
        raise InvalidValue(f"has {len(order):,} classes; at most {_MOST_CLASSES:,} are drawn")
    place = {each: n for n, each in enumerate(order)}
    counts = [[0] * len(order) for _ in order]
    for actual, predicted in zip(y_true, y_pred, strict=True):
        counts[place[actual]][place[predicted]] += 1
    rows = [[names[i], names[j], counts[i][j]] for i in range(len(order)) for j in range(len(order))]
    heat = {
        "type": "heatmap", "z": counts, "x": names, "y": names, "colorscale": _SHADES, "showscale": False,
        "texttemplate": "%{z}", "xgap": 1, "ygap": 1,
        "hovertemplate": "actual %{y}<br>predicted %{x}<br>%{z} examples<extra></extra>",
    }  # fmt: skip
    layout = {
        "xaxis": {"title": {"text": "Predicted"}, "type": "category", "showgrid": False},
        "yaxis": {"title": {"text": "Actual"}, "type": "category", "autorange": "reversed", "showgrid": False},
        **({"title": {"text": str(title)}} if title else {}),
    }
    return drawn_table(("actual", "predicted", "count"), rows, {"data": [heat], "layout": layout})


def _curve(y_true: Any, y_score: Any, labels: Sequence[Any] | None, title: str | None, *, roc: bool) -> Table:
    truth, scores = _listed(y_true, "y_true"), _listed(y_score, "y_score")
    _same(truth, scores, ("y_true", "y_score"))
    if isinstance(scores[0], Sequence) and not isinstance(scores[0], str):
        width = len(scores[0])
        if any(len(row) != width for row in scores) or not all(0 <= int(c) < width for c in truth):
            raise InvalidValue(f"has scores of {width} classes, but rows or classes in y_true that do not fit them")
        columns = [(n, [int(c) == n for c in truth], [float(row[n]) for row in scores]) for n in range(width)]
    else:
        if not {int(c) for c in truth} <= {0, 1}:
            raise InvalidValue("has one score an example and classes other than 0 and 1; pass a score for each class")
        columns = [(1, [bool(c) for c in truth], [float(each) for each in scores])]
    x, y = ("fpr", "tpr") if roc else ("recall", "precision")
    rows: list[list[Any]] = []
    lines: list[dict[str, Any]] = []
    for number, positive, given in columns:
        name = str(labels[number]) if labels is not None and number < len(labels) else str(number)
        points = _points(positive, given, roc=roc)
        if not points:
            # No example of this class, or (for ROC) none of another: there is no curve.
            continue
        area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))
        told = f"{name} (area {area:.3f})" if roc else name
        every = max(1, -(-len(points) // _MOST_POINTS))
        shown = [p for n, p in enumerate(points) if n % every == 0 or n == len(points) - 1]
        rows += [[name, *point] for point in shown]
        lines.append(
            {"type": "scatter", "mode": "lines", "name": told, "x": [p[0] for p in shown], "y": [p[1] for p in shown]}
        )
    if not lines:
        raise InvalidValue("has no class with examples for and against it, so there is no curve")
    heads = ("False positive rate", "True positive rate") if roc else ("Recall", "Precision")
    layout = {
        "xaxis": {"title": {"text": heads[0]}, "range": [0, 1]},
        "yaxis": {"title": {"text": heads[1]}, "range": [0, 1.02]},
        "showlegend": True,
        "legend": {"x": 0.98, "xanchor": "right", "y": 0.04, "yanchor": "bottom"},
        **({"title": {"text": str(title)}} if title else {}),
    }
    return drawn_table(("class", x, y, "threshold"), rows, {"data": lines, "layout": layout})


def _points(positive: Sequence[bool], scores: Sequence[float], *, roc: bool) -> list[tuple[float, float, float | None]]:
    """(x, y, threshold) from the surest example on; examples of equal scores are one point."""
    total = sum(positive)
    others = len(positive) - total
    if not total or (roc and not others):
        return []
    order = sorted(zip(scores, positive, strict=True), key=lambda each: -each[0])
    hits = misses = 0
    out: list[tuple[float, float, float | None]] = [(0.0, 0.0 if roc else 1.0, None)]
    for score, group in groupby(order, key=lambda each: each[0]):
        for _, right in group:
            hits, misses = hits + right, misses + (not right)
        point = (misses / others, hits / total) if roc else (hits / total, hits / (hits + misses))
        out.append((*point, score))
    return out
