"""Parsers of the commands that change or tidy a lake: people's decisions, and upkeep. The acts are elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Act = Callable[[argparse.Namespace], int]
Command = Callable[[Any, str, str, Act, str], argparse.ArgumentParser]
LAKE_HELP = "folder or URL such as s3://bucket/lake (default: LAKEBOARD_LAKE, else ./lake)"
_RUN_HELP = "run id, or a name that only one run has"


def add_edit_commands(commands: Any, command: Command) -> None:
    """`delete`, `restore`, `rename`, `tag`, `note`, `purge`.

    Args:
        commands: where to add them.
        command: makes one: (commands, name, help, act, example).
    """
    for name, text in (("delete", "hide runs; nothing is lost"), ("restore", "take a delete back")):
        parser = command(commands, name, text, _edit, f"lakeboard {name} brisk-otter-417 --project digits")
        parser.add_argument("runs", nargs="+", metavar="RUN", help=_RUN_HELP)
        parser.set_defaults(op=name, arg=None)
        _where(parser)

    rename = command(commands, "rename", "give a run another name", _edit, "lakeboard rename brisk-otter-417 baseline")
    rename.add_argument("runs", nargs=1, metavar="RUN", help=_RUN_HELP)
    rename.add_argument("arg", metavar="NAME", help="its new name")
    rename.set_defaults(op="rename")
    _where(rename)

    tag = command(commands, "tag", "add a tag to runs, or take it off", _tag, "lakeboard tag paper brisk-otter-417")
    tag.add_argument("arg", metavar="TAG", help="the tag")
    tag.add_argument("runs", nargs="+", metavar="RUN", help=_RUN_HELP)
    tag.add_argument("--remove", action="store_true", help="take it off")
    _where(tag)

    note = command(commands, "note", "replace a run's notes", _edit, 'lakeboard note brisk-otter-417 "lr too high"')
    note.add_argument("runs", nargs=1, metavar="RUN", help=_RUN_HELP)
    note.add_argument("arg", metavar="TEXT", help='the notes, Markdown; "" for none')
    note.set_defaults(op="note")
    _where(note)

    purge = command(commands, "purge", "remove runs for ever", _purge, "lakeboard purge brisk-otter-417 --now")
    purge.add_argument("runs", nargs="*", metavar="RUN", help=_RUN_HELP)
    purge.add_argument("--trash", action="store_true", help="every deleted run of --project, instead of naming them")
    purge.add_argument(
        "--yes",
        metavar="NAME",
        help="instead of being asked: the run's name once more; for several their number or the project's name",
    )
    purge.add_argument("--now", action="store_true", help="free the bytes at once, not with a later tidy")
    _where(purge)


def add_upkeep_commands(commands: Any, command: Command) -> None:
    """`tidy`, `fsck`, `du`, `sync`. See `add_edit_commands`."""
    tidy = command(
        commands, "tidy", "pack small objects, end runs whose job died, remove what was purged", _tidy, "lakeboard tidy"
    )
    _where(tidy)
    tidy.add_argument("--silent-hours", type=_hours, default=24.0, help="a job silent for so long is dead (default 24)")
    tidy.add_argument("--min-singles", type=_count, default=200, help="pack from more objects than this (default 200)")
    tidy.add_argument("--dry-run", action="store_true", help="tell what would be done, and write nothing")
    tidy.add_argument("--json", action="store_true", help="one JSON object a line")

    fsck = command(
        commands, "fsck", "check every object; exit code 1 where something is wrong", _fsck, "lakeboard fsck --repair"
    )
    fsck.add_argument("--lake", help=LAKE_HELP)
    fsck.add_argument("--repair", action="store_true", help="put right what can be; never deletes the only copy")
    fsck.add_argument("--quick", action="store_true", help="of sealed points read the footers alone")
    fsck.add_argument(
        "--artifacts", action="store_true", help="also read every file of artifacts and compare its SHA-256"
    )
    fsck.add_argument(
        "--secrets", action="store_true", help="instead: look for secrets in params, environments, errors, differences"
    )
    fsck.add_argument("--json", action="store_true", help="one JSON object a line")

    du = command(commands, "du", "bytes, objects and monthly cost", _du, "lakeboard du --runs")
    _where(du)
    du.add_argument("--runs", action="store_true", help="run by run (as with --project)")
    du.add_argument("--price", type=float, help="dollars a month for 2**30 bytes (default: Amazon S3 Standard)")
    du.add_argument("--json", action="store_true", help="one JSON object a line")

    sync = command(commands, "sync", "copy what another lake lacks", _sync, "lakeboard sync ./lake s3://bucket/lake")
    sync.add_argument("source", help="lake to copy from; nothing is written there")
    sync.add_argument("target", help="lake to copy into; nothing there is overwritten")
    sync.add_argument("--project", help="only this project")
    sync.add_argument("--json", action="store_true", help="one JSON object a line")


def _where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lake", help=LAKE_HELP)
    parser.add_argument("--project", help="this project only")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} must be 0 or more")
    return number


def _hours(text: str) -> float:
    number = float(text)
    if not 0 <= number < 1e6:
        raise argparse.ArgumentTypeError(f"{text} must be a number of hours, 0 or more")
    return number


def _edit(options: argparse.Namespace) -> int:
    from .commands import edit_runs

    return edit_runs(options.lake, options.runs, options.op, options.arg, project=options.project)


def _tag(options: argparse.Namespace) -> int:
    from .commands import edit_runs

    op = "untag" if options.remove else "tag"
    return edit_runs(options.lake, options.runs, op, options.arg, project=options.project)  # type: ignore[arg-type]


def _purge(options: argparse.Namespace) -> int:
    from .upkeep_commands import purge

    return purge(
        options.lake,
        options.runs,
        project=options.project,
        trash=options.trash,
        yes=options.yes,
        now=options.now,
    )


def _tidy(options: argparse.Namespace) -> int:
    from .upkeep_commands import tidy

    return tidy(
        options.lake,
        options.project,
        silent_hours=options.silent_hours,
        min_singles=options.min_singles,
        dry_run=options.dry_run,
        as_json=options.json,
    )


def _fsck(options: argparse.Namespace) -> int:
    from .upkeep_commands import check, check_secrets

    if options.secrets:
        return check_secrets(options.lake, as_json=options.json)
    return check(
        options.lake,
        repair=options.repair,
        quick=options.quick,
        artifacts=options.artifacts,
        as_json=options.json,
    )


def _du(options: argparse.Namespace) -> int:
    from .upkeep.usage import GB_MONTH_DOLLARS
    from .upkeep_commands import du

    price = GB_MONTH_DOLLARS if options.price is None else options.price
    return du(options.lake, options.project, runs=options.runs, price=price, as_json=options.json)


def _sync(options: argparse.Namespace) -> int:
    from .upkeep_commands import copy

    return copy(options.source, options.target, options.project, as_json=options.json)
