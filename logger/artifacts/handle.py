"""What `log_artifact` returns: an upload to wait for, or to forget about."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from ...schema.errors import InvalidSetting, LakeboardError, StoreUnreachable
from ...schema.run.lineage import Lineage
from ...store.base import Store
from ...upkeep.artifacts.artifact import Artifact as StoredArtifact
from ...upkeep.artifacts.artifact import open_artifact
from ..native import Latch


class ArtifactHandle:
    """An artifact on its way to the lake. Safe to use from several threads."""

    def __init__(self, name: str, store: Callable[[], Store] | None = None) -> None:
        self.name = name
        """The artifact's."""
        self._store = store
        self._settled = Latch()
        self._made: Lineage | None = None
        self._error: Exception | None = None
        self._left: str | None = None
        self._pid = os.getpid()

    @classmethod
    def refused(cls, name: str, error: Exception) -> ArtifactHandle:
        """Of an artifact that can't be stored."""
        handle = cls(name)
        handle.fail(error)
        return handle

    def __repr__(self) -> str:
        state = self.version or ("failed" if self._error else "waiting")
        return f"ArtifactHandle({self.name!r}, {state})"

    @property
    def done(self) -> bool:
        """Whether nothing more happens to it: the version is in the lake, or it was refused (`error`)."""
        return self._made is not None or self._error is not None

    @property
    def error(self) -> Exception | None:
        """Why it can't be stored; None while it may still be, and when it is."""
        return self._error

    @property
    def version(self) -> str | None:
        """In full, `v3-9f2c01ab`, once it is in the lake; that of the newest one where nothing had changed."""
        return None if self._made is None else self._made.version

    def wait(self, timeout: float | None = None) -> StoredArtifact:
        """Wait until it is in the lake; the version, to read. 1 LIST, a GET for each decision, one for the manifest.

        Args:
            timeout: seconds; default: as long as it takes.

        Raises:
            TimeoutError: it is not there yet; the upload goes on.
            StoreUnreachable: its run ended before it was there, or is offline; says which command sends it.
            InvalidSetting: the upload is another process's.
            FileChanged: a file changed, so that there is no version; or whatever else `error` is.
        """
        if not self.done and self._pid != os.getpid():
            raise InvalidSetting(
                f"artifact {self.name!r} is uploaded by process {self._pid}, which was forked; wait there"
            )
        self._settled.wait(threading.TIMEOUT_MAX if timeout is None else timeout)
        if self._error is not None:
            raise self._error
        if self._made is not None and self._store is not None:
            return open_artifact(self._store(), str(self._made))
        if self._left is not None:
            raise StoreUnreachable(self._left)
        raise TimeoutError(f"artifact {self.name!r} is not in the lake after {timeout:g} s; its upload goes on")

    def wait_quietly(self, timeout: float) -> bool:
        """Wait, so many seconds at most; whether nothing more happens to it in this process. Raises nothing."""
        return self._settled.wait(timeout)

    # -- told by the upload -----------------------------------------------------------------------------------

    def succeed(self, made: Lineage) -> None:
        """It is in the lake."""
        self._made = made
        self._settled.open()

    def fail(self, error: Exception) -> None:
        """It can't be stored."""
        self._error = error
        self._settled.open()

    def leave(self, why: str) -> None:
        """Nobody in this process uploads it any more."""
        self._left = why
        self._settled.open()


def reason(error: BaseException) -> str:
    """Why something could not be stored, in words."""
    return str(error) if isinstance(error, (LakeboardError, OSError)) else f"{type(error).__name__}: {error}"
