"""What a run's person is told of a store that fails: once when it begins, and once when it is over."""

from __future__ import annotations

import traceback

from ...schema.errors import LakeboardError
from ..console import Console


class Trouble:
    """The trouble of one run with its lake.

    Args:
        console: where to tell of it.
        lake: how to call the lake.
    """

    __slots__ = ("_console", "_lake", "last")

    def __init__(self, console: Console, lake: str) -> None:
        self._console = console
        self._lake = lake
        self.last: str | None = None
        """The last failure in words; None where all is well."""

    def came(self, error: Exception) -> None:
        """A request failed; the run goes on."""
        if self.last is None:
            more = "" if isinstance(error, LakeboardError) else "\n" + "".join(traceback.format_exception(error))
            self._console.warn(
                f"{in_words(error)}{more}\nlakeboard: training goes on; points are kept on this machine and sent later"
            )
        self.last = in_words(error)

    def went(self) -> None:
        """Requests succeed."""
        if self.last is not None:
            self.last = None
            self._console.warn(f"{self._lake} answers again; everything kept here has been sent")


def in_words(error: BaseException) -> str:
    """An error of a store as it says it itself, any other named as ours."""
    return str(error) if isinstance(error, LakeboardError) else f"internal error ({type(error).__name__}: {error})"
