"""The media of one writer: which objects there are, what a spool still holds of them, and what is wrong with one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..schema.cover import Part, cover
from ..schema.errors import DamagedObject, LakeFormat
from ..schema.keys import attempt_of, parse_key
from ..schema.media.keys import MediaKey, media_prefix
from ..schema.media.objects import decode_media, encode_media, set_apart
from ..schema.media.spool import read_media_segment
from ..schema.problems import Problem, problem_of
from ..schema.run.row import SealedFile
from ..store.base import Store
from .spooldir import media_segments
from .tails import Who


@dataclass(frozen=True, slots=True)
class MediaFiles:
    """What a writer's media are in."""

    rows: int
    """All rows before this one are there."""
    files: tuple[SealedFile, ...]


def media_files(store: Store, project: str, who: Who) -> MediaFiles:
    """A writer's objects of media, as listed. One LIST."""
    return _told(_listed(store, project, who))


def send_media(store: Store, folder: Path, project: str, who: Who, *, stop: Callable[[], bool]) -> MediaFiles | None:
    """Bring the media that a spool holds to the lake, each exactly once; None where `stop` said so before the end.

    One LIST; one PUT for each object that is missing and for each large item in it. Reads one object's rows at a time.

    Raises:
        StoreError: the store failed; repeat it.
        OSError: the spool can't be read.
    """
    found = _listed(store, project, who)
    for path in media_segments(folder):
        if stop():
            return None
        segment = read_media_segment(path.read_bytes())
        # A power loss can leave a file shorter than what was put from it: that is there already.
        if segment is None or segment.hi <= _told(found).rows:
            continue
        key = MediaKey(project, *who, segment.hi, segment.hi - segment.lo)
        files, rows = set_apart(segment.rows, key)
        for name, content in files:
            store.put(name, content, durable=True)
        data = encode_media(rows, writer=who[1], attempt=attempt_of(who[1]))
        store.put(key.path, data, durable=True)
        found[key] = len(data)
    return _told(found)


def check_media(key: MediaKey, data: bytes) -> list[Problem]:
    """Whether `data` are the media that the name promises, each with the bytes that were logged."""
    if not data:
        return [Problem(key.path, "empty", f"{key.path} has no bytes at all")]
    try:
        rows = decode_media(data, key=key)
    except (DamagedObject, LakeFormat) as error:
        return [problem_of(key.path, error)]
    for row in rows:
        if row.data is not None and hashlib.sha256(row.data).hexdigest() != row.sha256:
            text = f"{key.path} holds other bytes of {row.key} at step {row.step} than were logged"
            return [Problem(key.path, "content", text)]
    return []


def _listed(store: Store, project: str, who: Who) -> dict[MediaKey, int]:
    out = {}
    for info in store.list(media_prefix(project, who[0])):
        key = parse_key(info.key)
        if isinstance(key, MediaKey) and key.writer == who[1]:
            out[key] = info.size
    return out


def _told(found: Mapping[MediaKey, int]) -> MediaFiles:
    rows = cover(Part(key.lo, key.hi, True, key.path) for key in found).complete_to
    ordered = sorted(found.items(), key=lambda item: item[0].hi)
    return MediaFiles(rows, tuple(SealedFile(key.name, size) for key, size in ordered))
