"""What an analyst imports: Polars frames over a lake. Reads only, but for people's edits.

Everything in `__all__` is public, and stays where it is; all else may move. Nothing is imported before a name is used.

- filters: `parse_filter`, `compile_filter`, `to_text`, `to_sentence`, `alike`
- runs as tables: `run_table`, `group_runs`, `config_columns`, `render_labels`, `run_colours`
- curves: `make_curves`, `curve_table`, `band`, `band_table`, `group_names`, `sparkline`, with `Curve` and `Band`
- one run: `RunView`, `RunConsole`, `run_metrics`, `run_params`, `run_results`, `run_env`, `run_writers`, `relatives`
- boards: `Definition`, `Measure`, `Board`, `BoardVersion`, `board_records`, `default_definition`, `describe`
- comparing: `differences`, `environments`, `rank_correlations`, `frontier`, `on_frontier`
- what people keep: `SavedViews`, `SavedView`, `ViewVersion`, `trash_frame`
- the lake: `Overview`, `Inventory`, `take_inventory`, `writers_frame`, `tasks_frame`, `problems_frame`, `first_sight`,
  `known_runs`, `Snapshot`, `Survey`, `Problem`
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..lazy import lazy_names

if TYPE_CHECKING:
    from ..schema.problems import Problem
    from .boards.automatic import default_definition
    from .boards.board import Board
    from .boards.definition import Definition, Measure
    from .boards.describe import describe
    from .boards.records import board_records
    from .boards.versions import BoardVersion
    from .compare.correlation import rank_correlations
    from .compare.differences import differences, environments
    from .compare.pareto import frontier, on_frontier
    from .curves.bands import Band, band, band_table, group_names
    from .curves.curves import Curve, curve_table, make_curves
    from .curves.sparklines import sparkline
    from .edits.saved_views import SavedView, SavedViews, ViewVersion
    from .edits.trash import trash_frame
    from .filters.grammar import parse_filter
    from .filters.language import compile_filter
    from .filters.refine import alike
    from .filters.sentence import to_sentence
    from .filters.syntax import to_text
    from .logs.console import RunConsole
    from .names.params import config_columns
    from .overview.inventory import (
        Inventory,
        first_sight,
        known_runs,
        problems_frame,
        take_inventory,
        tasks_frame,
        writers_frame,
    )
    from .overview.overview import Overview
    from .run.relatives import relatives
    from .run.run import RunView
    from .run.tables import run_env, run_metrics, run_params, run_results, run_writers
    from .snapshots.snapshot import Snapshot
    from .snapshots.survey import Survey
    from .tables.grouping import group_runs
    from .tables.label_templates import render_labels
    from .tables.run_colours import run_colours
    from .tables.run_table import run_table

__all__ = [
    "Band",
    "Board",
    "BoardVersion",
    "Curve",
    "Definition",
    "Inventory",
    "Measure",
    "Overview",
    "Problem",
    "RunConsole",
    "RunView",
    "SavedView",
    "SavedViews",
    "Snapshot",
    "Survey",
    "ViewVersion",
    "alike",
    "band",
    "band_table",
    "board_records",
    "compile_filter",
    "config_columns",
    "curve_table",
    "default_definition",
    "describe",
    "differences",
    "environments",
    "first_sight",
    "frontier",
    "group_names",
    "group_runs",
    "known_runs",
    "make_curves",
    "on_frontier",
    "parse_filter",
    "problems_frame",
    "rank_correlations",
    "relatives",
    "render_labels",
    "run_colours",
    "run_env",
    "run_metrics",
    "run_params",
    "run_results",
    "run_table",
    "run_writers",
    "sparkline",
    "take_inventory",
    "tasks_frame",
    "to_sentence",
    "to_text",
    "trash_frame",
    "writers_frame",
]  # fmt: skip

_WHERE: Final = {
    "compile_filter": "filters.language", "parse_filter": "filters.grammar", "to_sentence": "filters.sentence",
    "to_text": "filters.syntax", "alike": "filters.refine", "run_table": "tables.run_table",
    "group_runs": "tables.grouping", "render_labels": "tables.label_templates", "run_colours": "tables.run_colours",
    "make_curves": "curves.curves", "curve_table": "curves.curves", "Curve": "curves.curves", "band": "curves.bands",
    "band_table": "curves.bands", "group_names": "curves.bands", "Band": "curves.bands",
    "sparkline": "curves.sparklines", "run_metrics": "run.tables", "run_params": "run.tables", "run_env": "run.tables",
    "run_results": "run.tables",
    "run_writers": "run.tables", "relatives": "run.relatives", "RunView": "run.run",
    "RunConsole": "logs.console", "Definition": "boards.definition",
    "Measure": "boards.definition", "Board": "boards.board", "BoardVersion": "boards.versions",
    "board_records": "boards.records", "default_definition": "boards.automatic", "describe": "boards.describe",
    "differences": "compare.differences", "environments": "compare.differences",
    "rank_correlations": "compare.correlation", "frontier": "compare.pareto", "on_frontier": "compare.pareto",
    "SavedView": "edits.saved_views", "SavedViews": "edits.saved_views", "ViewVersion": "edits.saved_views",
    "trash_frame": "edits.trash", "Overview": "overview.overview", "Inventory": "overview.inventory",
    "take_inventory": "overview.inventory", "writers_frame": "overview.inventory", "tasks_frame": "overview.inventory",
    "problems_frame": "overview.inventory", "first_sight": "overview.inventory", "known_runs": "overview.inventory",
    "Snapshot": "snapshots.snapshot", "Survey": "snapshots.survey", "Problem": ".schema.problems",
    "config_columns": "names.params",
}  # fmt: skip

__getattr__ = lazy_names(__name__, _WHERE, globals())


def __dir__() -> list[str]:
    return sorted(__all__)
