"""Parsers of `lakeboard media …`. The acts are elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .upkeep_cli import LAKE_HELP, Command


def add_media_commands(commands: Any, command: Command) -> None:
    """`media list`, `media get`.

    Args:
        commands: where to add them.
        command: makes one: (commands, name, help, act, example).
    """
    media = command(
        commands, "media", "pictures, tables and the like of a run", _list, "lakeboard media list brisk-otter-417"
    )
    acts = media.add_subparsers(title="acts", metavar="ACT", required=True)

    found = command(acts, "list", "list what a run logged", _list, "lakeboard media list brisk-otter-417")
    _run(found)
    found.add_argument("--json", action="store_true", help="one JSON object an item, a line each")

    get = command(
        acts,
        "get",
        "save what a run logged as files",
        _get,
        "lakeboard media get brisk-otter-417 val/samples --steps 90-",
    )
    _run(get)
    get.add_argument("key", metavar="KEY", help="what it was logged as; lakeboard media list names them")
    get.add_argument(
        "--steps", type=_steps, default=(None, None), help="only these: 90, 0-90, 90- or -90 (default all)"
    )
    get.add_argument("--out", type=Path, default=Path(), help="the folder for the files (default: this one)")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="run id, or a name that only one run has")
    parser.add_argument("--project", help="look in this project only")
    parser.add_argument("--lake", help=LAKE_HELP)


def _steps(text: str) -> tuple[int | None, int | None]:
    """The first and the last step that are meant; None where there is none."""
    low, dash, high = text.strip().partition("-")
    try:
        first, last = (int(low) if low else None), (int(high) if high else None)
    except ValueError:
        first = last = None
    if (first is None and last is None) or (first is not None and last is not None and first > last):
        raise argparse.ArgumentTypeError(f"{text!r} is no range of steps; use one such as 90, 0-90, 90- or -90")
    return first, last if dash else first


def _list(options: argparse.Namespace) -> int:
    from .media_commands import list_media

    return list_media(options.lake, options.run, project=options.project, as_json=options.json)


def _get(options: argparse.Namespace) -> int:
    from .media_commands import get_media

    return get_media(
        options.lake, options.run, options.key, project=options.project, steps=options.steps, out=options.out
    )
