"""Parsers of `lakeboard artifacts` and `lakeboard artifact …`. The acts are elsewhere."""

from __future__ import annotations

import argparse
from typing import Any

from .upkeep_cli import LAKE_HELP, Command


def add_artifact_commands(commands: Any, command: Command) -> None:
    """`artifacts`, and `artifact show`, `get`, `put`, `verify`, `diff`, `alias`, `rm`, `restore`.

    Args:
        commands: where to add them.
        command: makes one: (commands, name, help, act, example).
    """
    found = command(commands, "artifacts", "list versions of files", _list, "lakeboard artifacts digits")
    found.add_argument("project", nargs="?", metavar="PROJECT", help="this project only")
    found.add_argument("--type", help="only artifacts of this type, such as dataset")
    found.add_argument("--lake", help=LAKE_HELP)
    _json(found)

    one = command(commands, "artifact", "versions of files", _list, "lakeboard artifact get digits:latest data")
    one.set_defaults(lake=None, project=None, type=None, json=False)
    acts = one.add_subparsers(title="acts", metavar="ACT")

    show = command(acts, "show", "print a version and its files", _show, "lakeboard artifact show digits:v3")
    _named(show)
    _json(show)

    get = command(
        acts, "get", "fetch a version's files, compared with their hashes", _get, "lakeboard artifact get digits data"
    )
    _named(get)
    get.add_argument("folder", nargs="?", metavar="FOLDER", help="where to (default: name and version)")
    _json(get)

    put = command(
        acts, "put", "make a version of files and folders", _put, "lakeboard artifact put digits data/ --project mnist"
    )
    _named(put)
    put.add_argument("paths", nargs="+", metavar="PATH", help="files, and folders with all that is in them")
    put.add_argument("--type", default="unspecified", help="free text, such as dataset or model")
    put.add_argument("--alias", action="append", default=[], help="a name for this version; may be repeated")
    put.add_argument("--description", help="what it is")
    _json(put)

    verify = command(acts, "verify", "compare every byte with its SHA-256", _verify, "lakeboard artifact verify digits")
    _named(verify)
    _json(verify)

    diff = command(
        acts, "diff", "how the files of two versions differ", _diff, "lakeboard artifact diff digits:v1 digits"
    )
    _named(diff)
    diff.add_argument("other", metavar="OTHER", help="the version to compare with")
    _json(diff)

    alias = command(acts, "alias", "give a version a name", _alias, "lakeboard artifact alias digits:v3 best")
    _named(alias)
    alias.add_argument("alias", metavar="ALIAS", help="a lower-case word; it leaves whatever version had it")
    alias.add_argument("--remove", action="store_true", help="take it off instead")

    gone = command(acts, "rm", "hide a version; nothing is lost", _remove, "lakeboard artifact rm digits:v3")
    _named(gone)
    gone.add_argument("--purge", action="store_true", help="remove it for ever, but what other versions name")
    gone.add_argument("--yes", metavar="NAME:VERSION", help="its full name, for a purge")
    gone.add_argument("--why", help="the reason, kept with the decision")

    back = command(acts, "restore", "show a version again", _restore, "lakeboard artifact restore digits:v3")
    _named(back)


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="NAME, NAME:v3, NAME:ALIAS, or PROJECT/NAME:…")
    parser.add_argument("--project", help="whose it is, where the lake has several")
    parser.add_argument("--lake", help=LAKE_HELP)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


# The acts are imported when they are called: `lakeboard --version` needs none of them.


def _list(options: argparse.Namespace) -> int:
    from .artifact_commands import list_artifacts

    return list_artifacts(options.lake, options.project, type=options.type, as_json=options.json)


def _show(options: argparse.Namespace) -> int:
    from .artifact_commands import show

    return show(options.lake, options.name, project=options.project, as_json=options.json)


def _get(options: argparse.Namespace) -> int:
    from .artifact_commands import get

    return get(options.lake, options.name, options.folder, project=options.project, as_json=options.json)


def _put(options: argparse.Namespace) -> int:
    from .artifact_commands import put

    return put(
        options.lake,
        options.name,
        options.paths,
        project=options.project,
        type=options.type,
        aliases=options.alias,
        description=options.description,
        as_json=options.json,
    )


def _verify(options: argparse.Namespace) -> int:
    from .artifact_commands import verify

    return verify(options.lake, options.name, project=options.project, as_json=options.json)


def _diff(options: argparse.Namespace) -> int:
    from .artifact_commands import diff

    return diff(options.lake, options.name, options.other, project=options.project, as_json=options.json)


def _alias(options: argparse.Namespace) -> int:
    from .artifact_commands import alias

    return alias(options.lake, options.name, options.alias, project=options.project, remove=options.remove)


def _remove(options: argparse.Namespace) -> int:
    from .artifact_commands import remove

    op = "purge" if options.purge else "delete"
    return remove(options.lake, options.name, project=options.project, op=op, yes=options.yes, why=options.why)  # type: ignore[arg-type]


def _restore(options: argparse.Namespace) -> int:
    from .artifact_commands import remove

    return remove(options.lake, options.name, project=options.project, op="restore", yes=None, why=None)
