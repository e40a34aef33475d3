"""What `lakeboard boards …` does: each act is one call of `query`, and its printing."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .commands import open_for_reading
from .logger.origin import user_name
from .printing import print_columns, say
from .schema.errors import InvalidSetting
from .schema.values import json_safe

if TYPE_CHECKING:
    from .query.boards.board import Board
    from .query.boards.versions import BoardVersion


def list_boards(lake: str | None, project: str | None, *, deleted: bool, as_json: bool) -> int:
    """Print the saved boards."""
    opened = open_for_reading(lake)
    found = opened.boards(project, deleted=deleted)
    if as_json:
        for each in found:
            say(json.dumps(_plain(each)))
        return 0
    if not found:
        say(f"no saved boards in {opened.url}; save one on the Leaderboard page, or with: lakeboard boards save")
        return 0
    rows = [
        [each.slug, each.title, _projects(each), each.editor or "-", _time(each.at), _state(each)] for each in found
    ]
    print_columns(["board", "title", "projects", "saved by", "saved", "state"], rows)
    for problem in opened.board_problems():
        say(f"lakeboard: {problem.message}", file=sys.stderr)
    return 0


def show_board(
    lake: str | None,
    slug: str,
    *,
    project: str | None,
    as_of: str | None,
    version: str | None,
    limit: int,
    as_json: bool,
) -> int:
    """Print a board: ranks, scores, and what a reader must know."""
    from .query.boards.describe import describe

    opened = open_for_reading(lake)
    when = _moment(as_of)
    saved = opened.saved_board(slug, as_of=when, version=version)
    projects = saved.definition.projects or ((project,) if project else ())
    if not projects:
        raise InvalidSetting(f"board {slug!r} is for every project; say which with --project")
    made = opened.board(projects[0], slug, as_of=when, version=version)
    if as_json:
        for row in made.frame.iter_rows(named=True):
            say(json.dumps(json_safe(_times(row))))
        return 0
    say(saved.title + (f", as of {_time(when)}" if when else ""))
    _print_board(made, limit)
    say("")
    for text in [*describe(made.definition), *(note.text for note in made.notes)]:
        say(f"- {text}")
    return 0


def board_history(lake: str | None, slug: str, *, as_json: bool) -> int:
    """Print a board's versions, oldest first."""
    from .query.boards.describe import what_changed

    found = open_for_reading(lake).board_history(slug)
    if as_json:
        for each in found:
            say(json.dumps(_plain(each)))
        return 0
    rows = [
        [each.id, _time(each.at), each.editor or "-", "; ".join(what_changed(each, found[n - 1] if n else None))]
        for n, each in enumerate(found)
    ]
    print_columns(["version", "saved", "by", "what changed"], rows)
    return 0


def export_board(lake: str | None, slug: str, *, version: str | None) -> int:
    """Print a definition as JSON that `save_board` takes."""
    saved = open_for_reading(lake).saved_board(slug, version=version)
    say(json.dumps(saved.definition.to_plain(), sort_keys=True, indent=1))
    return 0


def save_board(lake: str | None, slug: str, file: str) -> int:
    """Save a definition from a file of JSON as the version that counts."""
    from .query.boards.definition import Definition

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{file} can't be read: {error}") from error
    saved = open_for_reading(lake).save_board(Definition.from_json(text), slug, editor=user_name())
    say(f"saved {saved.slug}, version {saved.id}")
    return 0


def delete_board(lake: str | None, slug: str) -> int:
    """Hide a board."""
    open_for_reading(lake).delete_board(slug, editor=user_name())
    say(f"deleted {slug}; take it back with: lakeboard boards restore {slug}")
    return 0


def restore_board(lake: str | None, slug: str, *, version: str | None) -> int:
    """Show a board again, or make an old version count."""
    saved = open_for_reading(lake).restore_board(slug, version, editor=user_name())
    say(f"restored {slug}, version {saved.id}")
    return 0


def _print_board(made: Board, limit: int) -> None:
    several = len(made.measures) > 1
    names = ["rank", made.definition.entry, *(["combined"] if several else []), *(each.label for each in made.measures)]
    rows = []
    for row in made.frame.head(limit).iter_rows(named=True):
        rank = "base" if row["baseline"] else "-" if row["rank"] is None else str(row["rank"])
        cells = [_number(row[f"value:{each.label}"], row[f"std:{each.label}"]) for each in made.measures]
        rows.append([rank, row["entry"], *([_number(row["combined"])] if several else []), *cells])
        rows[-1].append(f"{row['coverage']}/{row['cells']}")
    print_columns([*names, "covered"], rows)
    if made.frame.height > limit:
        say(f"{made.frame.height} rows, {limit} shown (--limit)")


def _number(value: float | None, std: float | None = None) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" + (f" ± {std:.2g}" if std is not None else "")


def _plain(version: BoardVersion) -> dict[str, Any]:
    return {
        "board": version.slug, "version": version.id, "saved_at": version.at.isoformat(), "editor": version.editor,
        "deleted": version.deleted, "definition": version.definition.to_plain(),
    }  # fmt: skip


def _times(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}


def _projects(version: BoardVersion) -> str:
    return ", ".join(version.definition.projects) or "all"


def _state(version: BoardVersion) -> str:
    return "deleted" if version.deleted else "counts"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidSetting(f"--as-of {text!r} is no time; write 2026-11-01 or 2026-11-01T12:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
