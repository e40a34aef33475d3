"""Keys of all objects in a lake: build and parse, an inverse pair.

::

    _lake.json
    live/project=<P>/<R>.<W>.<k>.<hi>-<len>.parquet             TailKey     a running writer's unsealed rows
    metrics/project=<P>/run_id=<R>/<W>.<hi>-<len>.parquet       PointsKey   sealed rows
    media/project=<P>/run_id=<R>/<W>.<hi>-<len>.parquet         MediaKey    pictures, tables and the like
    media/project=<P>/run_id=<R>/<W>.<seq>.<ext>                MediaFileKey  one of these that is large
    runs/project=<P>/r-<R>.<W>.<version>.parquet                RowKey      the row of an ended run
    runs/project=<P>/z-<gen>-<rand>.parquet                     PackKey     many such rows
    edits/project=<P>/e-<hlc>-<rand>.parquet                    EditKey     people's decisions
    edits/project=<P>/z-<gen>-<rand>.parquet                    PackKey     many such decisions
    boards/<slug>/<hlc>-<rand>.json                             DocumentKey a leaderboard's definition
    views/<slug>/<hlc>-<rand>.json                              DocumentKey a saved view of the table of runs
    logs/project=<P>/run_id=<R>/<W>.<hi>-<len>.log              LogKey      what a run printed (`schema.logs.keys`)
    artifacts/…, files/…                                        see `lakeboard.schema.artifacts.keys`

`<W>` is `w<attempt>-<8 hex>`, new for every process. A file named `<hi>-<len>` holds exactly the rows
`hi-len <= seq < hi` of its writer, so the name determines the content. Numbers are zero-padded: names sort in
order, and a pack sorts after all that it was made from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from .artifacts.keys import ArtifactKey, parse_artifact_key
from .logs.keys import LOGS, LogKey, parse_log
from .media.keys import EXTENSION, MediaFileKey, MediaKey
from .names import check_project, check_run_id
from .segments import decode_segment as decode_segment
from .segments import encode_segment as encode_segment

LAKE_KEY: Final = "_lake.json"
Area: TypeAlias = Literal["live", "metrics", "media", "runs", "edits"]
DocumentArea: TypeAlias = Literal["boards", "views"]

_R: Final = r"(?P<run>[A-Za-z][A-Za-z0-9_-]{0,63})"
_W: Final = r"(?P<writer>w[0-9]{3,}-[0-9a-f]{8})"
_P: Final = r"project=(?P<project>[^/]+)"
_RANGE: Final = r"(?P<hi>[0-9]{12,})-(?P<len>[0-9]{12,})"
_TAIL: Final = re.compile(rf"live/{_P}/{_R}\.{_W}\.(?P<k>[0-9]{{8,}})\.{_RANGE}\.parquet")
_POINTS: Final = re.compile(rf"metrics/{_P}/run_id={_R}/{_W}\.{_RANGE}\.parquet")
_MEDIA: Final = re.compile(rf"media/{_P}/run_id={_R}/{_W}\.{_RANGE}\.parquet")
_MEDIA_FILE: Final = re.compile(
    rf"media/{_P}/run_id={_R}/{_W}\.(?P<seq>[0-9]{{12,}})\.(?P<ext>{EXTENSION.pattern})", re.ASCII
)
_ROW: Final = re.compile(rf"runs/{_P}/r-{_R}\.{_W}\.(?P<version>[0-9]{{8,}})\.parquet")
_PACK: Final = re.compile(rf"(?P<area>runs|edits)/{_P}/z-(?P<gen>[0-9]{{12,}})-(?P<rand>[0-9a-f]{{8}})\.parquet")
_EDIT: Final = re.compile(rf"edits/{_P}/e-(?P<hlc>[0-9]{{20,}})-(?P<rand>[0-9a-f]{{8}})\.parquet")
_DOCUMENT: Final = re.compile(
    r"(?P<area>boards|views)/(?P<slug>(?!\.{1,2}/)[^/]+)/(?P<hlc>[0-9]{20,})-(?P<rand>[0-9a-f]{8})\.json"
)


def project_prefix(area: Area, project: str) -> str:
    """The folder that holds a project's objects of one area, with a trailing slash."""
    return f"{area}/project={encode_segment(project)}/"


def run_prefix(project: str, run_id: str) -> str:
    """The folder that holds a run's sealed points, with a trailing slash."""
    return f"{project_prefix('metrics', project)}run_id={run_id}/"


def parse_project_dir(name: str) -> str | None:
    """The project that a folder `project=<P>` is named after, or None for a folder of another kind."""
    if not name.startswith("project="):
        return None
    try:
        return check_project(decode_segment(name.removeprefix("project=")))
    except (ValueError, UnicodeDecodeError):
        return None


def writer_id(attempt: int, rand: str) -> str:
    """A writer's name: `attempt` counts from 1, `rand` is 8 hex digits."""
    return f"w{attempt:03d}-{rand}"


def attempt_of(writer: str) -> int:
    """The attempt a writer's name carries."""
    return int(writer[1:].partition("-")[0])


@dataclass(frozen=True, slots=True)
class TailKey:
    """A running writer's unsealed rows `hi - length <= seq < hi`; `k` counts the writer's flushes from 0."""

    project: str
    run_id: str
    writer: str
    k: int
    hi: int
    length: int

    @property
    def lo(self) -> int:
        """First row of the range."""
        return self.hi - self.length

    @property
    def path(self) -> str:
        """The object's key."""
        name = f"{self.run_id}.{self.writer}.{self.k:08d}.{self.hi:012d}-{self.length:012d}.parquet"
        return project_prefix("live", self.project) + name


@dataclass(frozen=True, slots=True)
class PointsKey:
    """Sealed rows `hi - length <= seq < hi` of one writer."""

    project: str
    run_id: str
    writer: str
    hi: int
    length: int

    @property
    def lo(self) -> int:
        """First row of the range."""
        return self.hi - self.length

    @property
    def name(self) -> str:
        """The file's name below the run's folder, as a run row lists it."""
        return f"{self.writer}.{self.hi:012d}-{self.length:012d}.parquet"

    @property
    def path(self) -> str:
        """The object's key."""
        return run_prefix(self.project, self.run_id) + self.name


@dataclass(frozen=True, slots=True)
class RowKey:
    """The row of an ended run, as one writer left it; the highest version counts."""

    project: str
    run_id: str
    writer: str
    version: int

    @property
    def path(self) -> str:
        """The object's key."""
        return f"{project_prefix('runs', self.project)}r-{self.run_id}.{self.writer}.{self.version:012d}.parquet"


@dataclass(frozen=True, slots=True)
class PackKey:
    """Many run rows (or edits) in one object; `gen` is one more than the highest among its inputs."""

    area: Literal["runs", "edits"]
    project: str
    gen: int
    rand: str

    @property
    def path(self) -> str:
        """The object's key."""
        return f"{project_prefix(self.area, self.project)}z-{self.gen:012d}-{self.rand}.parquet"


@dataclass(frozen=True, slots=True)
class EditKey:
    """One act of a person, on one run or many."""

    project: str
    hlc: int
    rand: str

    @property
    def path(self) -> str:
        """The object's key."""
        return f"{project_prefix('edits', self.project)}e-{self.hlc:020d}-{self.rand}.parquet"


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """One saved version of a document: of a leaderboard's definition, of a view of the table of runs."""

    area: DocumentArea
    slug: str
    hlc: int
    rand: str

    @property
    def version(self) -> str:
        """The version's id, `<hlc>-<rand>`: sorts in the order in which versions count."""
        return f"{self.hlc:020d}-{self.rand}"

    @property
    def path(self) -> str:
        """The object's key."""
        return f"{self.area}/{encode_segment(self.slug)}/{self.version}.json"


Key: TypeAlias = (
    TailKey | PointsKey | MediaKey | MediaFileKey | RowKey | PackKey | EditKey | DocumentKey | LogKey | ArtifactKey
)


def parse_key(key: str) -> Key | None:
    """What the object under `key` is, or None for an object that lakeboard did not write.

    The inverse of `.path`: `parse_key(k.path) == k` for every valid key, and a returned key has `.path == key`.
    """
    if key.startswith(f"{LOGS}/"):
        found: Key | None = parse_log(key)
    elif key.startswith(("files/", "artifacts/")):
        return _artifact_key(key)
    else:
        found = _parse(key)
    return found if found is not None and found.path == key else None


@lru_cache(maxsize=16_384)
def _artifact_key(key: str) -> ArtifactKey | None:
    """Remembered, since whoever makes many versions lists all those of the project again for each."""
    found = parse_artifact_key(key)
    return found if found is not None and found.path == key else None


def _parse(key: str) -> Key | None:
    area_of = {"live": _TAIL, "metrics": _POINTS, "media": _MEDIA, "boards": _DOCUMENT, "views": _DOCUMENT}
    pattern = area_of.get(key.partition("/")[0])
    if pattern is _MEDIA and not key.endswith(".parquet"):
        pattern = _MEDIA_FILE
    match = pattern.fullmatch(key) if pattern else _ROW.fullmatch(key) or _PACK.fullmatch(key) or _EDIT.fullmatch(key)
    if match is None:
        return None
    part = match.groupdict()
    try:
        if pattern is _DOCUMENT:
            area: DocumentArea = "boards" if part["area"] == "boards" else "views"
            return DocumentKey(area, decode_segment(part["slug"]), int(part["hlc"]), part["rand"])
        project = check_project(decode_segment(part["project"]))
        if "run" in part:
            check_run_id(part["run"])
    except (ValueError, UnicodeDecodeError):
        return None
    if "len" in part and int(part["len"]) > int(part["hi"]):
        return None
    if pattern is _TAIL:
        return TailKey(project, part["run"], part["writer"], int(part["k"]), int(part["hi"]), int(part["len"]))
    if pattern is _POINTS:
        return PointsKey(project, part["run"], part["writer"], int(part["hi"]), int(part["len"]))
    if pattern is _MEDIA:
        return MediaKey(project, part["run"], part["writer"], int(part["hi"]), int(part["len"]))
    if pattern is _MEDIA_FILE:
        return MediaFileKey(project, part["run"], part["writer"], int(part["seq"]), part["ext"])
    if "version" in part:
        return RowKey(project, part["run"], part["writer"], int(part["version"]))
    if "gen" in part:
        packed: Literal["runs", "edits"] = "runs" if part["area"] == "runs" else "edits"
        return PackKey(packed, project, int(part["gen"]), part["rand"])
    return EditKey(project, int(part["hlc"]), part["rand"])
