"""Parser of `lakeboard import …`. The act is elsewhere."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from typing import Any

from .importers.source import KINDS
from .upkeep_cli import LAKE_HELP, Command


def add_import_command(commands: Any, command: Command) -> None:
    """`import`.

    Args:
        commands: where to add it.
        command: makes one: (commands, name, help, act, example).
    """
    parser = command(
        commands,
        "import",
        "runs of MLflow, TensorBoard, W&B and others; again brings only what is new",
        _import,
        "lakeboard import mlruns/ --dry-run",
    )
    parser.add_argument("source", metavar="SOURCE", help="a folder, a file, or the address of an MLflow server")
    parser.add_argument("--kind", choices=KINDS, help="what it is of (default: by what stands there)")
    parser.add_argument("--lake", help=LAKE_HELP)
    parser.add_argument("--project", help="put all runs into this project (default: the source's own)")
    parser.add_argument("--since", type=_day, metavar="DAY", help="only runs that began then or later: 2026-01-31")
    parser.add_argument("--ended-only", action="store_true", help="leave out runs that the source says are running")
    parser.add_argument("--deleted", action="store_true", help="runs in the source's bin as well")
    parser.add_argument("--no-artifacts", action="store_true", help="leave their files where they are")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--json", action="store_true", help="one JSON object a run, a line each")


def _day(text: str) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-01-31") from error
    return round(datetime(day.year, day.month, day.day).astimezone().timestamp() * 1000)


def _import(options: argparse.Namespace) -> int:
    from .import_command import run_import

    return run_import(options)
