"""What `init` is given, made such that it can be stored: what is no reason to end a job is told, and the run goes on.

An empty shell variable, a name in another locale, an id of a scheduler: none is worth a training. What is, the caller
refuses: an address that is none, a lake of a later format, words that mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from ...schema.errors import InvalidName
from ...schema.names import (
    MAX_METRIC_CHARS,
    MAX_PROJECT_BYTES,
    MAX_TEXT_CHARS,
    check_metric,
    check_project,
    stored_run_id,
)
from ...schema.plain.walk import safe_text
from ...schema.secrets.redact import redact_value
from ...schema.values import brief

Warn = Callable[[str], object]
_MAX_VALUE_CHARS: Final = 8_000
"""Of a tag's value: a run's row travels with many others."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def project_given(project: object, warn: Warn) -> str:
    """The project that a run goes to: `project` if a folder can be named after it, else the nearest one, told."""
    if project is None or (isinstance(project, str) and not project.strip()):
        if project is not None:
            warn('project is empty, perhaps an unset variable: the run goes to the project "default"')
        return "default"
    try:
        return check_project(project)
    except InvalidName as error:
        name = _one_line(project)
        if not (name[:1].isalpha() or name[:1] == "_"):
            name = f"p-{name}"
        while len(quote(name, safe="")) > MAX_PROJECT_BYTES:
            name = name[:-1]
        try:
            check_project(name)
        except InvalidName:
            name += "_"
        warn(f"{error}. The run goes to the project {name!r}")
        return check_project(name)


def text_given(text: object, what: str, warn: Warn) -> str | None:
    """A name, group, job type or tag of one line; None where it is empty, which is told."""
    if text is None:
        return None
    kept = _one_line(text)
    if not _decoded(text).strip():
        warn(f"{what} is empty, perhaps an unset variable: the run has none")
        return None
    if len(kept) > MAX_TEXT_CHARS:
        warn(f"{what} {brief(text)} has {len(kept):,} characters: the first {MAX_TEXT_CHARS:,} are kept")
        kept = kept[:MAX_TEXT_CHARS]
    elif kept != text and _decoded(text) != kept:
        warn(f"{what} {brief(text)} is kept as {kept!r}")
    return kept


def tags_given(tags: object, warn: Warn) -> tuple[str, ...]:
    """Tags without repeats and without empty ones.

    Raises:
        InvalidName: nothing that holds tags.
    """
    if tags is None:
        return ()
    if isinstance(tags, str):
        tags = [tags]
    if not isinstance(tags, Iterable):
        raise InvalidName(f"tags {brief(tags)} must be a list of strings, or a dict of tags with values")
    found = [text_given(tag, "tag", warn) for tag in tags]
    return tuple(dict.fromkeys(tag for tag in found if tag is not None))


def tag_values_given(values: Mapping[Any, object], warn: Warn) -> dict[str, str]:
    """Tags with values, each as text of at most 8,000 characters, without what is likely a secret."""
    found = {text_given(key, "tag", warn): safe_text(value) for key, value in values.items()}
    return {key: str(redact_value(key, text))[:_MAX_VALUE_CHARS] for key, text in found.items() if key is not None}


def dataset_given(dataset: object, warn: Warn) -> str | None:
    """The dataset that metrics are measured on; None where it is empty, which is told."""
    kept = text_given(dataset, "dataset", warn)
    if kept is not None and len(kept) > MAX_METRIC_CHARS:
        warn(f"dataset {brief(dataset)} is longer than {MAX_METRIC_CHARS} characters: the first are kept")
        kept = kept[:MAX_METRIC_CHARS]
    return None if kept is None else check_metric(kept, what="dataset")


def run_id_given(run_id: object, what: str, warn: Warn) -> str | None:
    """The id under which the lake holds the run that is called so; None where it is empty, which is told.

    Raises:
        InvalidName: it is neither text nor a number nor a uuid.
    """
    if run_id is None:
        return None
    if isinstance(run_id, str) and not run_id.strip():
        warn(f"{what} is empty, perhaps an unset variable: it is taken as not given")
        return None
    kept = stored_run_id(run_id)
    if kept != (str(run_id) if isinstance(run_id, UUID) else run_id):
        warn(f"{what} {brief(run_id)} is kept as {kept!r}, since ids begin with a letter; it is the same every time")
    return kept


def notes_given(notes: object) -> str | None:
    """Notes as text, whatever was given."""
    return None if notes is None else safe_text(notes)


def _one_line(text: object) -> str:
    """Text without what breaks a line, a terminal or UTF-8: such characters are shown by their number."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], _decoded(text))


def _decoded(text: object) -> str:
    """Text as it was meant: arguments of another locale come as bytes in disguise."""
    plain = text if isinstance(text, str) else safe_text(text)
    try:
        return plain.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return plain
