"""Which versions of artifacts a run used and made. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lineage:
    """A version of an artifact in the row of a run that used or made it."""

    project: str
    """Whose artifact it is."""
    artifact: str
    version: str
    """In full: `v3-9f2c01ab`."""
    at: int
    """When it was used or made: milliseconds since 1970, UTC, by the writer's clock."""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Which version, whenever that was."""
        return self.project, self.artifact, self.version

    def __str__(self) -> str:
        return f"{self.project}/{self.artifact}:{self.version}"


def united(parts: Iterable[Sequence[Lineage]]) -> tuple[Lineage, ...]:
    """All versions of several lists, each once, as it was first named."""
    out: dict[tuple[str, str, str], Lineage] = {}
    for part in parts:
        for each in part:
            out.setdefault(each.identity, each)
    return tuple(out.values())


def lineage_to_json(versions: Iterable[Lineage]) -> list[list[Any]]:
    """`[[project, artifact, version, at]]`."""
    return [[v.project, v.artifact, v.version, v.at] for v in versions]


def lineage_from_json(versions: Iterable[Sequence[Any]]) -> tuple[Lineage, ...]:
    """The inverse of `lineage_to_json`."""
    return tuple(
        Lineage(str(project), str(artifact), str(version), int(at)) for project, artifact, version, at in versions
    )


def lineage_from_plain(rows: Iterable[Mapping[str, Any]] | None) -> tuple[Lineage, ...]:
    """As a column of `runs/` holds it; times as datetimes or milliseconds."""
    out = []
    for row in rows or ():
        at = row["at"]
        when = 0 if at is None else at if isinstance(at, int) else round(at.timestamp() * 1000)
        out.append(Lineage(row["project"], row["artifact"], row["version"], when))
    return tuple(out)
