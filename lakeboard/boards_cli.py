"""Parsers of `lakeboard boards …`. The acts are elsewhere."""

from __future__ import annotations

import argparse
from typing import Any

from .upkeep_cli import LAKE_HELP, Command


def add_boards_commands(commands: Any, command: Command) -> None:
    """`boards list`, `show`, `export`, `save`, `delete`, `restore`.

    Args:
        commands: where to add them.
        command: makes one: (commands, name, help, act, example).
    """
    boards = command(commands, "boards", "leaderboards saved in the lake", _list, "lakeboard boards show vision-cup")
    boards.set_defaults(lake=None, project=None, deleted=False, json=False)
    acts = boards.add_subparsers(title="acts", metavar="ACT")

    found = command(acts, "list", "list the saved boards", _list, "lakeboard boards list --project digits")
    found.add_argument("--project", help="only boards that this project's runs may compete on")
    found.add_argument("--deleted", action="store_true", help="deleted ones too")
    found.add_argument("--json", action="store_true", help="one JSON object a line")
    _lake(found)

    show = command(acts, "show", "print a board", _show, "lakeboard boards show vision-cup --as-of 2026-11-01")
    _board(show)
    show.add_argument("--project", help="whose runs compete, where the board names no project")
    show.add_argument("--as-of", help="as it was then: 2026-11-01 or 2026-11-01T12:00, UTC unless it says otherwise")
    show.add_argument("--version", dest="board_version", help="an old version; lakeboard boards history names them")
    show.add_argument("--limit", type=int, default=50, help="how many rows to show (default 50)")
    show.add_argument("--json", action="store_true", help="one JSON object a line, all columns, no limit")

    history = command(acts, "history", "list a board's versions", _history, "lakeboard boards history vision-cup")
    _board(history)
    history.add_argument("--json", action="store_true", help="one JSON object a line")

    export = command(
        acts, "export", "print a board's definition as JSON", _export, "lakeboard boards export vision-cup > cup.json"
    )
    _board(export)
    export.add_argument("--version", dest="board_version", help="an old version instead of the one that counts")

    save = command(acts, "save", "save a board from JSON", _save, "lakeboard boards save vision-cup cup.json")
    _board(save)
    save.add_argument("file", metavar="FILE", help="what export printed; - for the standard input")

    _board(command(acts, "delete", "hide a board; nothing is lost", _delete, "lakeboard boards delete vision-cup"))

    restore = command(acts, "restore", "show a board again", _restore, "lakeboard boards restore vision-cup")
    _board(restore)
    restore.add_argument("--version", dest="board_version", help="make this old version count again")


def _lake(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lake", help=LAKE_HELP)


def _board(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("board", metavar="BOARD", help="its name in links; lakeboard boards list tells them")
    _lake(parser)


# The acts are imported when they are called: `lakeboard --version` needs none of them.


def _list(options: argparse.Namespace) -> int:
    from .boards_commands import list_boards

    return list_boards(options.lake, options.project, deleted=options.deleted, as_json=options.json)


def _show(options: argparse.Namespace) -> int:
    from .boards_commands import show_board

    return show_board(
        options.lake,
        options.board,
        project=options.project,
        as_of=options.as_of,
        version=options.board_version,
        limit=options.limit,
        as_json=options.json,
    )


def _history(options: argparse.Namespace) -> int:
    from .boards_commands import board_history

    return board_history(options.lake, options.board, as_json=options.json)


def _export(options: argparse.Namespace) -> int:
    from .boards_commands import export_board

    return export_board(options.lake, options.board, version=options.board_version)


def _save(options: argparse.Namespace) -> int:
    from .boards_commands import save_board

    return save_board(options.lake, options.board, options.file)


def _delete(options: argparse.Namespace) -> int:
    from .boards_commands import delete_board

    return delete_board(options.lake, options.board)


def _restore(options: argparse.Namespace) -> int:
    from .boards_commands import restore_board

    return restore_board(options.lake, options.board, version=options.board_version)
