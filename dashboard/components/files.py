"""The files of a version of an artifact on the page: a tree of them, and a look into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

import streamlit as st

from ...schema.artifacts.manifest import FileRow
from ...schema.media.kinds import EXTENSIONS, HTML, JSON, SVG, TEXT, UNKNOWN
from ..format.numbers import count
from .component import component

FOLDER: Final = "lb-files"
"""Below the server's address, where files are."""
ARCHIVES: Final = "lb-archives"
"""Where all files of a version, or of a folder in it, are as one."""
MOST_FILES: Final = 5_000
"""Of one version; the browser is given no more."""
Look: TypeAlias = Literal["", "image", "text", "json", "html", "audio", "video", "table"]
"""How a file is looked into; empty for not at all."""
_TEXTS: Final = (
    "bib c cc cfg conf cpp css diff env go h hpp ini ipynb java jl js jsonl log lua md patch pl prototxt py pyi r rb "
    "rs rst scala sh sql tex toml ts txt xml yaml yml"
).split()  # fmt: skip
_TABLES: Final = ("csv", "tsv", "parquet")
_TYPES: Final = (
    {extension: media_type for media_type, extension in EXTENSIONS.items()}
    | {"jpeg": "image/jpeg", "htm": HTML, "oga": "audio/ogg", "csv": "text/csv", "tsv": "text/tab-separated-values"}
    | dict.fromkeys(_TEXTS, TEXT)
)
_HTML: Final = "<div class='lb-files'></div>"


def type_of(path: str) -> str:
    """The media type that a file is sent as, by how its name ends, out of a fixed list."""
    return _TYPES.get(_extension(path), UNKNOWN)


def look_of(path: str) -> Look:
    """How the page looks into a file of this name."""
    extension, media_type = _extension(path), type_of(path)
    if extension in _TABLES:
        return "table"
    known: dict[str, Look] = {JSON: "json", HTML: "html", SVG: "image"}
    if media_type in known:
        return known[media_type]
    first = media_type.partition("/")[0]
    looks: dict[str, Look] = {"image": "image", "text": "text", "audio": "audio", "video": "video"}
    # A name without an extension, README say, is most often a text; bytes that are none are said to be none.
    return looks.get(first, "" if extension else "text")


def _extension(path: str) -> str:
    return PurePosixPath(path).suffix.lower().removeprefix(".")


def files_folder(project: str, artifact: str, version: str) -> str:
    """Where the files of a version are, relative to the server's address, with a slash at the end."""
    # Encoded twice: a server decodes a path once before it looks for slashes.
    return "/".join([FOLDER, *_segments(project, artifact, version), ""])


def archive_folder(project: str, artifact: str, version: str) -> str:
    """Where all files of a version are as one archive; behind it may stand a folder's address."""
    return "/".join([ARCHIVES, *_segments(project, artifact, version), ""])


def _segments(project: str, artifact: str, version: str) -> tuple[str, str, str]:
    return _twice(project), _twice(artifact), version


def _twice(segment: str) -> str:
    return quote(quote(segment, safe=""), safe="")


def as_data(rows: Sequence[FileRow], *, folder: str, archive: str = "", chosen: str) -> dict[str, Any]:
    """What the browser's side is given.

    Args:
        rows: the files, sorted by path.
        folder: of their addresses.
        archive: address of all of them as one; empty for none.
        chosen: the path of the file that is looked into; empty for none.
    """
    kept = list(rows[:MOST_FILES])
    kept += [row for row in rows[MOST_FILES:] if row.path == chosen]
    left = len(rows) - len(kept)
    return {
        "files": [
            {
                "p": row.path,
                "at": "/".join(_twice(segment) for segment in row.path.split("/")),
                "b": row.bytes,
                "k": look_of(row.path) if row.object is not None else "",
                "h": row.sha256 or "",
                "r": row.reference or "",
            }
            for row in kept
        ],
        "folder": folder,
        "archive": archive if any(row.object is not None for row in rows) else "",
        "chosen": chosen,
        "rest": f"{count(left, 'further file')} not shown." if left else "",
    }


def show(data: Mapping[str, Any], *, key: str, on_choose: Callable[[str], None]) -> None:
    """Put a version's files onto the page. Costs no request; the browser asks for the file that is looked into.

    Args:
        data: of `as_data`.
        key: of the widget.
        on_choose: called with the path that somebody chose.
    """

    def acted() -> None:
        act = st.session_state[key].act
        if isinstance(act, Mapping) and isinstance(act.get("path"), str):
            on_choose(act["path"])

    component("files", _HTML)(key=key, data=data, on_act_change=acted)
