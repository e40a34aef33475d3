"""From a board to what its table shows: medals, mean ± std, rank ranges, in words and digits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, Final

import polars as pl

from ....query.boards.automatic import default_definition
from ....query.boards.board import Board
from ....query.boards.definition import Definition
from ....query.names.columns import is_metric, split_statistic
from ....query.names.metrics import metric_labels
from ....schema.text.labels import split_label
from ...components.values import Cell, Column, Row, run_cell
from ...format.numbers import NONE, count, decimals_for, exact, number
from ...format.palette import marks_of
from ...run_tables.cells import milliseconds
from ...state.links import PROJECT, link
from ...state.views import BoardView

_MEDALS: Final = {"gold": 1, "silver": 2, "bronze": 3}
_COMBINED: Final = {"mean_rank": "Mean rank", "mean_normalised": "Mean score", "mean": "Mean"}
_COMBINED_TITLES: Final = {
    "mean_rank": "The mean of the ranks in the columns; lower is better",
    "mean_normalised": "In each column the best counts 1 and the worst 0; their mean",
    "mean": "The mean of the values",
}


def metrics_on_offer(runs: pl.DataFrame) -> list[str]:
    """Names of all metrics, without datasets, that a board may rank by."""
    return list(dict.fromkeys(split_label(label)[0] for label in metric_labels(runs.schema)))


def definition_for(runs: pl.DataFrame, view: BoardView, *, goals: Mapping[str, str] | None = None) -> Definition | None:
    """The board that a view asks for: what the project's runs suggest, changed by what the address says.

    Null where no run has a metric.
    """
    usual = None
    if view.metric:
        names = set(runs.columns)
        others = [name for name in names if is_metric(name, names) and _stem(name, names) != view.metric]
        usual = default_definition(runs.drop(others), goals=goals)
    usual = usual or default_definition(runs, goals=goals)
    if usual is None:
        return None
    return replace(usual, entry=view.by or usual.entry, combine=view.combine, where=view.where)


def _stem(column: str, names: Set[str]) -> str:
    """The metric of a column, without statistic and dataset."""
    return split_label(split_statistic(column, names)[0].removeprefix("metrics."))[0]


def table_of(
    board: Board,
    *,
    project: str,
    most: int,
    page: int = 1,
    part: int = 1,
    columns_most: int | None = None,
    colours: Mapping[str, int] | None = None,
) -> tuple[list[Column], list[Row]]:
    """Columns and rows of a board, best first.

    Args:
        board: which.
        project: the one that is looked at.
        most: rows of a page.
        page: of rows, from 1.
        part: of the measures' columns, from 1.
        columns_most: measures of a part; null for all.
        colours: of runs, as `run_colours.board_colours` gives them.
    """
    frame = board.frame
    several = len(board.measures) > 1
    entry = board.definition.entry
    ranges = frame["rank_low"].is_not_null().any()
    gaps = several and (frame["coverage"] < frame["cells"]).any()
    seeds = entry != "run"
    columns = [
        Column("rank", "#", "rank", title="1, 2, 2, 4: equal scores share a rank"),
        Column(
            "entry", {"config": "Config", "user": "User", "group": "Group", "run": "Run"}.get(entry, "Entry"), "run"
        ),
    ]
    if entry != "user":
        columns.append(Column("user", "User", wide=True))
    if seeds:
        columns.append(Column("n", "Runs", "number", title="Runs behind the row, such as seeds"))
    if several:
        kind = board.definition.combine
        columns.append(Column("combined", _COMBINED[kind], "number", title=_COMBINED_TITLES[kind]))
    first = 0 if columns_most is None else (part - 1) * columns_most
    for each in board.measures[first : None if columns_most is None else first + columns_most]:
        less = "lower is better" if each.goal == "minimize" else "higher is better"
        measure = each.measure
        counted = {"best": "best", "last": "last", "at_best": f"at best {measure.select_on}"}[measure.counts]
        columns.append(
            Column(
                f"value:{each.label}",
                measure.dataset or measure.metric,
                "score",
                over=f"{measure.metric} {'↓' if each.goal == 'minimize' else '↑'}" if measure.dataset else
                ("↓" if each.goal == "minimize" else "↑") + f" {counted}",
                title=f"{each.label}: the {counted} value of a run; {less}",
            )
        )  # fmt: skip
    if ranges:
        columns.append(Column("range", "Rank range", "text", title="Ranks in 95 % of resamples of its runs"))
    if gaps:
        columns.append(Column("coverage", "Covered", "number", title="Columns with a value"))
    columns.append(Column("when", "When", "time", title="When its best run ended", wide=True))
    shown = frame.slice((page - 1) * most, most)
    return columns, _rows(board, columns, shown, project=project, colours=colours or {})


def _rows(
    board: Board, columns: Sequence[Column], frame: pl.DataFrame, *, project: str, colours: Mapping[str, int]
) -> list[Row]:
    shown = {column.id for column in columns}
    places = {
        each.label: decimals_for([v for v in frame[f"value:{each.label}"].to_list() if v is not None])
        for each in board.measures
        if f"value:{each.label}" in shown
    }
    homes = dict(board.values.select("run_id", "project").iter_rows()) if len(board.definition.projects) > 1 else {}
    marks = marks_of(frame["run_id"].drop_nulls(), colours) if board.definition.entry == "run" else {}
    out = []
    for row in frame.iter_rows(named=True):
        cells = [_cell(column, row, board, places, marks, homes, project) for column in columns]
        out.append(Row(row["entry"], cells, label=row["entry"], tint="" if row["rank"] is not None else "quiet"))
    return out


def _cell(
    column: Column,
    row: Mapping[str, Any],
    board: Board,
    places: Mapping[str, int | None],
    marks: Mapping[str, Any],
    homes: Mapping[str, str],
    project: str,
) -> Cell:
    match column.id:
        case "rank":
            rank = row["rank"]
            if rank is None:
                return {
                    "text": "base" if row["baseline"] else NONE,
                    "title": row["reason"] or "A baseline is not ranked",
                }
            return {"text": str(rank), "medal": rank if rank <= len(_MEDALS) else None}
        case "entry":
            # Curves are of one project; of several, that of the best run.
            project = row["project"] or project
            ids = [each for each in row["run_ids"] if homes.get(each, project) == project]
            target = ("run", {PROJECT: project, "run": ids[0]})
            if len(ids) > 1:
                target = ("curves", {PROJECT: project, "runs": ids})
            return run_cell(
                row["entry"],
                row["entry"],
                link(*target),
                mark=marks.get(row["run_id"]),
                live=bool(row["live"]),
            ) | {"title": f"{count(len(ids), 'run')}; best: {row['name'] or row['run_id']}"}
        case "user":
            user: str | None = row["user"]
            return user
        case "n":
            marked = [(row["n_failed"], "failed"), (row["n_unstated"], "ended by the next")]
            said = ", ".join(word if n == row["n"] else f"{n} {word}" for n, word in marked if n)
            return {"text": str(row["n"])} | ({"sub": said} if said else {})
        case "combined":
            return {"text": number(row["combined"], 2 if board.definition.combine == "mean_rank" else 4)}
        case "range":
            return _range(row)
        case "coverage":
            return f"{row['coverage']}/{row['cells']}"
        case "when":
            return None if row["when"] is None else {"text": milliseconds(row["when"])}
    label = column.id.removeprefix("value:")
    value, std = row[f"value:{label}"], row[f"std:{label}"]
    if value is None:
        return None
    cell: dict[str, Any] = {"text": number(value, places[label]), "title": _title(label, row)}
    if std is not None:
        decimals = places[label]
        cell["sub"] = f"± {number(std) if decimals is None else f'{std:.{decimals}f}'}"
    gain = row[f"gain:{label}"]
    if gain is not None and not row["baseline"]:
        decimals, precision = places[label], board.definition.precision
        decimals = decimals if decimals is None or precision is None else min(decimals, precision)
        cell["delta"] = f"{gain:+.{decimals}f}" if decimals is not None else f"{gain:+.3g}"
        cell["better"] = gain > 0
    medal = _MEDALS.get(row[f"medal:{label}"] or "")
    return cell | ({"medal": medal} if medal else {})


def _range(row: Mapping[str, Any]) -> Cell:
    low, high = row["rank_low"], row["rank_high"]
    if low is None or high is None:
        return None
    text = str(low) if low == high else f"{low}\N{EN DASH}{high}"
    if row["not_distinguishable"] and row["rank"] != 1:
        return {
            "text": text,
            "sub": "≈ #1",
            "title": (
                f"Rank {low} to {high} in 95 % of resamples of its runs. Not distinguishable from #1: in more than 5 % "
                "of them it is at least as good. More seeds would tell."
            ),
        }
    return {"text": text, "title": f"Rank {low} to {high} in 95 % of resamples of its runs"}


def _title(label: str, row: Mapping[str, Any]) -> str:
    parts = [exact(row[f"value:{label}"])]
    if row[f"std:{label}"] is not None:
        parts.append(f"mean ± standard deviation of {count(row[f'n:{label}'], 'run')}")
    if row[f"gain:{label}"] is not None:
        gain = row[f"gain:{label}"]
        parts.append(f"{abs(gain):.4g} {'better' if gain > 0 else 'worse'} than the best baseline (+ is better)")
    return "\n".join(parts)
