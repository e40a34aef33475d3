"""Every error lakeboard raises on purpose.

::

    LakeboardError                      catch this to catch them all
    ├── InvalidName       (ValueError)  a project, run id or metric name that can't be stored
    ├── InvalidValue      (TypeError)   a metric or param value of a kind that can't be stored
    ├── InvalidSetting    (ValueError)  an argument or environment variable that makes no sense
    ├── FilterError       (ValueError)  a filter that does not parse; knows the place in the text
    ├── UnknownProject    (LookupError) no such project in the lake
    ├── UnknownRun        (LookupError) no such run in the lake
    ├── UnknownBoard      (LookupError) no such saved leaderboard in the lake
    ├── UnknownArtifact   (LookupError) no such artifact in the project, or no such version of it
    ├── FileChanged       (RuntimeError) a file of this machine changed while it was stored
    ├── RunFinished       (RuntimeError) logging to a run after its end
    ├── LakeFormat                      the lake is written in a format this version can't read
    ├── DamagedObject                   an object is there, but its bytes are not what its name promises
    └── StoreError        (OSError)     the store could not do what was asked
        ├── MissingObject (FileNotFoundError)
        ├── AccessDenied  (PermissionError)
        ├── StoreFull                   no room left
        └── StoreUnreachable (ConnectionError) nothing answers, or not in time

Messages name the thing, the value and the fix. Nothing here imports anything.
"""

from __future__ import annotations


class LakeboardError(Exception):
    """Base of all errors that lakeboard raises on purpose."""


class InvalidName(LakeboardError, ValueError):
    """A name can't be stored; the message says which characters or length are allowed."""


class InvalidValue(LakeboardError, TypeError):
    """A value is of a kind that can't be stored at this place."""


class InvalidSetting(LakeboardError, ValueError):
    """An argument or environment variable has a value that makes no sense."""


class FilterError(LakeboardError, ValueError):
    """A filter does not parse or names an unknown column.

    Attributes:
        position: 0-based offset into the filter's text where the trouble starts.
        suggestions: names the reader may have meant, best first; may be empty.
    """

    def __init__(self, message: str, *, position: int = 0, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.position = position
        self.suggestions = suggestions


class UnknownProject(LakeboardError, LookupError):
    """The lake has no project of this name."""


class UnknownRun(LakeboardError, LookupError):
    """The lake has no run of this id or name."""


class UnknownBoard(LakeboardError, LookupError):
    """The lake has no saved leaderboard of this name, or no such version of it."""


class UnknownArtifact(LakeboardError, LookupError):
    """The project has no artifact of this name, or no such version of it."""


class RunFinished(LakeboardError, RuntimeError):
    """The run has ended; start a new one or resume it."""


class FileChanged(LakeboardError, RuntimeError):
    """A file of this machine changed while it was being stored, so it was not; store it again once it is at rest."""


class LakeFormat(LakeboardError):
    """The lake's format is newer than this version of lakeboard can read."""


class DamagedObject(LakeboardError):
    """An object's bytes are not what its name promises.

    Attributes:
        key: the object's key in the lake.
    """

    def __init__(self, message: str, *, key: str) -> None:
        super().__init__(message)
        self.key = key


class StoreError(LakeboardError, OSError):
    """The store could not do what was asked; trying again may help."""


class MissingObject(StoreError, FileNotFoundError):
    """No object has this key (it may have been sealed or purged meanwhile: list again)."""


class AccessDenied(StoreError, PermissionError):
    """The credentials or file permissions do not allow this; trying again won't help."""


class StoreFull(StoreError):
    """The disk, bucket or quota is full."""


class StoreUnreachable(StoreError, ConnectionError):
    """Nothing answers at the store's address, or not in time."""
