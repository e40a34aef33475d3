"""`wandb.plot`: ready-made charts, as tables with a figure where a lake has one, else as plain tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .. import Table
from .. import confusion_matrix as _confusion_matrix
from .. import pr_curve as _pr_curve
from .. import roc_curve as _roc_curve
from .arrays import plain


def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[str] | None = None,
    title: str = "Confusion Matrix Curve",
    split_table: bool = False,
) -> Any:
    """How often each class was taken for each."""
    if preds is None and probs is not None:
        preds = [max(range(len(row)), key=lambda at: row[at]) for row in map(list, plain(probs))]
    return _confusion_matrix(plain(y_true), plain(preds), class_names, title=title)


def pr_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Any = None,
    interp_size: int = 21,
    title: str = "Precision-Recall Curve",
    split_table: bool = False,
) -> Any:
    """Precision over recall."""
    return _pr_curve(plain(y_true), plain(y_probas), labels, title=title)


def roc_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Any = None,
    title: str = "ROC Curve",
    split_table: bool = False,
) -> Any:
    """True over false positives."""
    return _roc_curve(plain(y_true), plain(y_probas), labels, title=title)


def _table(table: Any, *columns: Any, title: str = "", **options: Any) -> Any:
    """The table of a chart."""
    return table


line = scatter = bar = histogram = _table


def line_series(
    xs: Any, ys: Any, keys: Iterable[Any] | None = None, title: str = "", xname: str = "x", split_table: bool = False
) -> Any:
    """Several lines, as a table of `x`, the line and its value."""
    lines = [list(plain(each)) for each in ys]
    shared = [list(plain(xs))] * len(lines) if not hasattr(next(iter(xs), None), "__len__") else [list(x) for x in xs]
    names = [str(key) for key in keys] if keys is not None else [f"line {n}" for n in range(len(lines))]
    rows = [
        [x, name, y]
        for at, name, each in zip(shared, names, lines, strict=False)
        for x, y in zip(at, each, strict=False)
    ]
    return Table(rows, [xname, "line", "value"])
