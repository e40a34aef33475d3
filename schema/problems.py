"""What is not as it should be in a lake: one bad object hides nothing else, and is never passed over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .errors import AccessDenied, DamagedObject, LakeFormat, MissingObject

ProblemKind: TypeAlias = Literal[
    "foreign", "empty", "damaged", "format", "missing", "denied", "unreachable", "content", "overlap", "incomplete",
    "row", "unpromised", "orphan", "ahead", "secret", "lake",
]  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing in the lake that could not be shown, or is not as it should be."""

    key: str
    """The object's key, or the folder where something is missing."""
    kind: ProblemKind
    """foreign: a name that lakeboard did not give. empty: no bytes. damaged: bytes are not what the name promises.
    format: written by a newer lakeboard. missing: named but not there. denied, unreachable: the store did not give it.
    content: readable, but not what the name promises. overlap: rows that another sealed file has too. incomplete: shown
    in part, or rows that no readable file has. row: a run's row does not match its files. unpromised: sealed rows that
    no run row promises. orphan: points without a run row. ahead: of a time after its object's own. secret: something
    that looks like one. lake: the note at the lake's root."""
    message: str
    """What is wrong, where, and what was done about it or is to be done."""
    repair: str | None = None
    """What `lakeboard fsck --repair` does about it; None where that is for a person to decide."""

    @property
    def permanent(self) -> bool:
        """Whether reading the same object again can't help."""
        return self.kind in ("damaged", "format", "foreign")


_KINDS: tuple[tuple[type[Exception], ProblemKind], ...] = (
    (DamagedObject, "damaged"),
    (LakeFormat, "format"),
    (MissingObject, "missing"),
    (AccessDenied, "denied"),
)


def problem_of(key: str, error: Exception) -> Problem:
    """The problem that reading the object under `key` ran into."""
    kind: ProblemKind = next((name for base, name in _KINDS if isinstance(error, base)), "unreachable")
    text = str(error) or type(error).__name__
    return Problem(key, kind, text if key in text else f"{key}: {text}")


def foreign(key: str) -> Problem:
    """The problem with an object whose name lakeboard did not give."""
    return Problem(key, "foreign", f"{key} is not an object of lakeboard's; it was passed over")


def distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in order of keys."""
    return tuple(sorted(set(problems), key=lambda each: (each.key, each.kind, each.message)))


def unread_runs(problems: Iterable[Problem]) -> frozenset[str]:
    """Ids of the runs of whose points some could not be read."""
    folders = (
        folder for each in problems if each.key.startswith(("metrics/", "live/")) for folder in each.key.split("/")
    )
    return frozenset(folder.removeprefix("run_id=") for folder in folders if folder.startswith("run_id="))
