"""The lines of Python that give a board, or its records, in a notebook. Pure."""

from __future__ import annotations

from ...format.snippets import call, literal, recipe
from .model import ShownBoard

_DEFINITION = "from lakeboard.query import Definition"
_RECORDS = "from lakeboard.query import board_records"
_TIME = "from datetime import datetime"


def board_code(lake: str, project: str, shown: ShownBoard, *, version: str = "", record_of: str | None = None) -> str:
    """Code that binds `frame` to the board's frame, or to the records of one of its measures.

    A saved board is asked for by its name, so that the code follows it; one that was changed or never saved is
    spelled out.

    Args:
        lake: its address.
        project: the one that is looked at.
        shown: with a definition.
        version: an old version of the saved board.
        record_of: the label of a measure.
    """
    imports, lines = [], []
    # A version that is not there any more is not what is shown.
    pinned = shown.saved is not None and shown.saved.id == version
    options = {"as_of": shown.as_of, "version": version if pinned else None}
    if shown.as_of is not None:
        imports.append(_TIME)
    if shown.saved is not None and not shown.altered and not shown.saved.deleted:
        asked = call("lake.board", project, shown.saved.slug, **options)
    else:
        assert shown.definition is not None
        imports.append(_DEFINITION)
        lines.append(f"definition = Definition.from_json({literal(shown.definition.to_json())})")
        flat = call("lake.board", project, as_of=shown.as_of)
        head = f"lake.board({literal(project)}"
        asked = flat.replace(head, f"{head}, definition", 1)
    lines.append(f"board = {asked}")
    if record_of is None:
        lines.append("frame = board.frame")
    else:
        imports.append(_RECORDS)
        lines.append(f"frame = board_records(board, {literal(record_of)})")
    return recipe(lake, *lines, imports=imports)
