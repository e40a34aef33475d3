"""What people decide about runs, by the names they have for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ...schema.edits import Op


class Verbs(ABC):
    """Each is an `edit`: the same guarantees, costs and errors."""

    @abstractmethod
    def edit(
        self, project: str, run_ids: Sequence[str], op: Op, arg: str | None = None, *, editor: str | None = None
    ) -> None:
        """Decide something about one run or many. See `Lake.edit`."""

    def delete(self, project: str, run_ids: Sequence[str], *, editor: str | None = None) -> None:
        """Hide runs; `restore` shows them again. See `edit`."""
        self.edit(project, run_ids, "delete", editor=editor)

    def restore(self, project: str, run_ids: Sequence[str], *, editor: str | None = None) -> None:
        """Show deleted runs again. See `edit`."""
        self.edit(project, run_ids, "restore", editor=editor)

    def rename(self, project: str, run_id: str, name: str, *, editor: str | None = None) -> None:
        """Give a run another name. See `edit`."""
        self.edit(project, [run_id], "rename", name, editor=editor)

    def tag(self, project: str, run_ids: Sequence[str], tag: str, *, editor: str | None = None) -> None:
        """Add a tag. See `edit`."""
        self.edit(project, run_ids, "tag", tag, editor=editor)

    def untag(self, project: str, run_ids: Sequence[str], tag: str, *, editor: str | None = None) -> None:
        """Take a tag off. See `edit`."""
        self.edit(project, run_ids, "untag", tag, editor=editor)

    def note(self, project: str, run_id: str, text: str, *, editor: str | None = None) -> None:
        """Replace a run's notes. See `edit`."""
        self.edit(project, [run_id], "note", text, editor=editor)
