"""What is known of a run beside its points: names, labels, notes, where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..schema.run.row import RunRow
from .carrier import now_ms
from .console import Console
from .hearing.transcript import Transcript
from .inputs.arguments import notes_given, tag_values_given, tags_given, text_given
from .native import RLock


class Record:
    """The row of a run as this process tells it, and who may change what of it."""

    def __init__(self, project: str, row: RunRow, console: Console, lake: str, *, heard: bool = False) -> None:
        self._project = project
        self._row = row
        self._console = console
        self._lake = lake
        self._lock = RLock()
        self._finished = False
        self.transcript = Transcript() if heard else None
        """What the program prints while this is its run; None where that is not kept."""

    @property
    def id(self) -> str:
        """The run id."""
        return self._row.run_id

    @property
    def project(self) -> str:
        """The project."""
        return self._project

    @property
    def lake(self) -> str:
        """Where the lake is: absolute, without secrets."""
        return self._lake

    @property
    def name(self) -> str:
        """What people call it. Can be set."""
        return self._row.name or self._row.run_id

    @name.setter
    def name(self, name: str) -> None:
        self._change(name=text_given(name, "name", self._console.warn) or self.name)

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels. Can be set."""
        return self._row.tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._change(tags=tags_given(tags, self._console.warn))

    @property
    def tag_values(self) -> Mapping[str, str]:
        """Tags that have a value, by key: a copy. `set_tag` changes them."""
        return dict(self._row.tag_values)

    def set_tag(self, key: str, value: object) -> None:
        """Give the run a tag with a value, such as `set_tag("stage", "production")`; the last value of a key counts.

        Values are kept as text, likely secrets redacted. They are no params: a config is the same whatever is written
        on it. In frames and filters they are `tags.<key>`.
        A key that can't be stored is mended, aloud.
        """
        with self._lock:
            self._change(tag_values={**self._row.tag_values, **tag_values_given({key: value}, self._console.warn)})

    @property
    def notes(self) -> str | None:
        """Free text. Can be set."""
        return self._row.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._change(notes=notes_given(notes))

    @property
    def group(self) -> str | None:
        """What it belongs to with others."""
        return self._row.group

    @property
    def parent_run_id(self) -> str | None:
        """The run that it belongs under."""
        return self._row.parent_run_id

    @property
    def finished(self) -> bool:
        """Whether it has ended in this process, or is about to."""
        return self._finished

    @property
    def row(self) -> RunRow:
        """The run's row as this process would tell it now."""
        return self._row

    def update_env(self, env: Mapping[str, str]) -> None:
        """Add to what is known of the run's origin; while it ends, too."""
        with self._lock:
            self._row = replace(self._row, env={**self._row.env, **env})

    def _change(self, **fields: Any) -> None:
        with self._lock:
            if self._finished:
                self._console.warn(f"run {self.name} has finished; the change of {', '.join(fields)} is not kept")
                return
            self._row = replace(self._row, updated_at=now_ms(), **fields)
