"""What a reader could not use: one bad object never hides the rest, and is never passed over in silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ...schema.errors import AccessDenied, DamagedObject, LakeFormat, MissingObject

ProblemKind: TypeAlias = Literal[
    "damaged", "format", "missing", "denied", "unreachable", "foreign", "incomplete"
]  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing in the lake that could not be shown, or not wholly."""

    key: str
    """The object's key, or the folder where something is missing."""
    kind: ProblemKind
    """damaged: bytes are not what the name promises. format: written by a newer lakeboard. missing: named but not
    there. denied, unreachable: the store did not give it. foreign: not an object of lakeboard's. incomplete: shown
    in part."""
    message: str
    """What is wrong, and what was done about it."""

    @property
    def permanent(self) -> bool:
        """Whether reading the same object again can't help."""
        return self.kind in ("damaged", "format", "foreign")


def unread_runs(problems: Iterable[Problem]) -> frozenset[str]:
    """Ids of the runs of whose points some could not be read."""
    folders = (
        folder for each in problems if each.key.startswith(("metrics/", "live/")) for folder in each.key.split("/")
    )
    return frozenset(folder.removeprefix("run_id=") for folder in folders if folder.startswith("run_id="))


def problem_of(key: str, error: Exception) -> Problem:
    """The problem that reading the object under `key` ran into."""
    kind: ProblemKind = "unreachable"
    for base, name in _KINDS:
        if isinstance(error, base):
            kind = name
            break
    text = str(error)
    return Problem(key, kind, text if key in text else f"{key}: {text}")


_KINDS: tuple[tuple[type[Exception], ProblemKind], ...] = (
    (DamagedObject, "damaged"),
    (LakeFormat, "format"),
    (MissingObject, "missing"),
    (AccessDenied, "denied"),
)


def foreign(key: str) -> Problem:
    """The problem with an object whose name lakeboard did not give."""
    return Problem(key, "foreign", f"{key} is not an object of lakeboard's; it was passed over")


def distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in order of keys."""
    return tuple(sorted(set(problems)))
