"""A board as the page shows it, and how it differs from the saved one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ....query.boards.board import Board
from ....query.boards.definition import Definition
from ....query.boards.versions import BoardVersion
from ....schema.errors import FilterError


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBoard:
    """A board, where it comes from, and what is wrong with it."""

    as_of: datetime | None
    saved: BoardVersion | None
    """The saved board asked for, in the version asked for."""
    newest: BoardVersion | None
    """The same in the version that counts now."""
    definition: Definition | None
    """What competes on what, narrowed by the view's filter; None where no run has a metric."""
    board: Board | None
    problem: str = ""
    """Why there is no board, or not the one asked for."""
    filter_error: FilterError | None = None
    """What is wrong with the view's filter, which is then left out."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """Directions that saved boards state, which the automatic board uses."""

    @property
    def narrowed(self) -> bool:
        """Whether fewer compete than the saved board says."""
        saved, now = self.saved, self.definition
        return saved is not None and now is not None and now.where != saved.definition.where

    @property
    def altered(self) -> bool:
        """Whether what is shown differs from what the saved board says."""
        return self.saved is not None and self.definition is not None and self.definition != self.saved.definition
