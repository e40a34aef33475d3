"""What is known of a run beside its points: names, labels, notes, where it is."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ..schema.errors import InvalidName
from ..schema.names import check_text
from ..schema.rows import RunRow
from ..schema.values import brief
from .carrier import now_ms
from .console import Console
from .redact import redact_params, redact_text

_MAX_VALUE_CHARS: Final = 8_000
"""Of a tag's value: a run's row travels with many others."""


class Record:
    """The row of a run as this process tells it, and who may change what of it."""

    def __init__(self, project: str, row: RunRow, console: Console, lake: str) -> None:
        self._project = project
        self._row = row
        self._console = console
        self._lake = lake
        self._lock = threading.RLock()
        self._finished = False

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
        self._change(name=check_text(name, what="name"))

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels. Can be set."""
        return self._row.tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._change(tags=check_tags(tags))

    @property
    def tag_values(self) -> Mapping[str, str]:
        """Tags that have a value, by key: a copy. `set_tag` changes them."""
        return dict(self._row.tag_values)

    def set_tag(self, key: str, value: object) -> None:
        """Give the run a tag with a value, such as `set_tag("stage", "production")`; the last value of a key counts.

        Values are kept as text, likely secrets redacted. They are no params: a config is the same whatever is written
        on it. In frames and filters they are `tags.<key>`.

        Raises:
            InvalidName: a key that can't be stored.
        """
        with self._lock:
            self._change(tag_values={**self._row.tag_values, **check_tag_values({key: value})})

    @property
    def notes(self) -> str | None:
        """Free text. Can be set."""
        return self._row.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._change(notes=check_notes(notes))

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


def check_notes(notes: object) -> str | None:
    """Notes as text, whatever was given."""
    return None if notes is None else str(notes)


def check_tags(tags: Iterable[str] | None) -> tuple[str, ...]:
    """Tags without repeats.

    Raises:
        InvalidName: a tag that can't be stored.
    """
    if tags is None:
        return ()
    if isinstance(tags, str):
        tags = [tags]
    if not isinstance(tags, Iterable):
        raise InvalidName(f"tags {brief(tags)} must be a list of strings, or a dict of tags with values")
    return tuple(dict.fromkeys(check_text(tag, what="tag") for tag in tags))


def check_tag_values(values: Mapping[str, object]) -> dict[str, str]:
    """Tags with values, each as text of at most 8,000 characters, without what is likely a secret.

    Raises:
        InvalidName: a key that can't be stored.
    """
    for key in values:
        check_text(key, what="tag")
    # As params are: what stands under a telling key is no text to be kept.
    kept = redact_params({key: _as_text(value) for key, value in values.items()})
    return {key: redact_text(str(text))[:_MAX_VALUE_CHARS] for key, text in kept.items()}


def _as_text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - foreign code
        return brief(value)
