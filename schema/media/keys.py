"""Keys of media: an object of many rows, and one of a single item that is too large for a row.

::

    media/project=<P>/run_id=<R>/<W>.<hi>-<len>.parquet     MediaKey        rows of media, numbered by their writer
    media/project=<P>/run_id=<R>/<W>.<seq>.<ext>            MediaFileKey    the bytes of the row with that number
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

EXTENSION: Final = re.compile(r"(?!parquet$)[a-z0-9]{1,8}")
"""What a `MediaFileKey` may end in."""


def media_prefix(project: str, run_id: str) -> str:
    """The folder that holds a run's media, with a trailing slash."""
    return f"media/project={quote(project, safe='')}/run_id={run_id}/"


@dataclass(frozen=True, slots=True)
class MediaKey:
    """Media rows `hi - length <= seq < hi` of one writer; they have a numbering of their own beside points."""

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
        return media_prefix(self.project, self.run_id) + self.name


@dataclass(frozen=True, slots=True)
class MediaFileKey:
    """The bytes of one media row that are too many to stand in it."""

    project: str
    run_id: str
    writer: str
    seq: int
    extension: str
    """Small letters and digits, at most 8, such as `mp4`."""

    @property
    def name(self) -> str:
        """The file's name below the run's folder."""
        return f"{self.writer}.{self.seq:012d}.{self.extension}"

    @property
    def path(self) -> str:
        """The object's key, as the row's column `file` says it."""
        return media_prefix(self.project, self.run_id) + self.name
