"""Keys of the parts of a run's console: build and take apart, an inverse pair. Pure.

::

    logs/project=<P>/run_id=<R>/<W>.<hi>-<len>.log              LogKey      what a writer printed, plain text

A part named `<hi>-<len>` holds exactly the bytes `hi-len <= b < hi` of its writer's console, in UTF-8, as a file of
points holds rows: the name determines the content, and parts may overlap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from ..names import check_project, check_run_id

LOGS: Final = "logs"
"""The folder of a lake that holds them."""
_PART: Final = re.compile(
    r"logs/project=(?P<project>[^/]+)/run_id=(?P<run>[A-Za-z][A-Za-z0-9_-]{0,63})/"
    r"(?P<writer>w[0-9]{3,}-[0-9a-f]{8})\.(?P<hi>[0-9]{12,})-(?P<len>[0-9]{12,})\.log"
)


def logs_folder(project: str) -> str:
    """The folder that holds the consoles of a project's runs, with a trailing slash."""
    return f"{LOGS}/project={quote(project, safe='')}/"


def logs_prefix(project: str, run_id: str) -> str:
    """The folder that holds a run's console, with a trailing slash."""
    return f"{logs_folder(project)}run_id={run_id}/"


@dataclass(frozen=True, slots=True)
class LogKey:
    """Bytes `hi - length <= b < hi` of one writer's console."""

    project: str
    run_id: str
    writer: str
    hi: int
    length: int

    @property
    def lo(self) -> int:
        """First byte of the range."""
        return self.hi - self.length

    @property
    def path(self) -> str:
        """The object's key."""
        return f"{logs_prefix(self.project, self.run_id)}{self.writer}.{self.hi:012d}-{self.length:012d}.log"


def parse_log(key: str) -> LogKey | None:
    """The part under `key`, or None for an object of another kind."""
    match = _PART.fullmatch(key)
    if match is None or int(match["len"]) > int(match["hi"]):
        return None
    try:
        project = check_project(unquote(match["project"], errors="strict"))
        check_run_id(match["run"])
    except (ValueError, UnicodeDecodeError):
        return None
    return LogKey(project, match["run"], match["writer"], int(match["hi"]), int(match["len"]))
