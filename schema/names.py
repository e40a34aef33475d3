"""Which names people may give: projects, run ids, metrics, tags. Pure checks with errors that tell the fix."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote
from uuid import UUID
from zlib import crc32

from .errors import InvalidName

MAX_PROJECT_BYTES: Final = 200
"""Longest project name, in bytes of its percent-encoded form."""
MAX_METRIC_CHARS: Final = 500
"""Longest metric, param or dataset name, in characters."""
SYSTEM: Final = "system/"
"""What the names of metrics of the machine begin with: their steps are seconds, and nobody ranks by them."""
MAX_TEXT_CHARS: Final = 1000
"""Longest run name, group, job type or tag, in characters."""

# Engines that infer types from `key=value` folders read these as something else than text.
_INFERRED_WORDS: Final = frozenset(
    {"inf", "infinity", "epoch", "nan", "nat", "na", "true", "false", "null", "none", "__hive_default_partition__"}
)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LABEL: Final = re.compile(r" +\[")
_RUN_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - foreign code, or an int of thousands of digits, which Python refuses
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


def has_control_characters(text: str) -> bool:
    """Whether `text` holds characters that break a line, a terminal or UTF-8 (controls, lone surrogates)."""
    return _CONTROL.search(text) is not None


def check_project(project: object) -> str:
    """Return `project` when a folder can be named after it.

    A project starts with a letter or `_`, is not a word that query engines take for a number, a boolean or
    nothing, and is at most 200 bytes in its percent-encoded form. Everything else (spaces, slashes, `=`, `%`,
    any script, emoji inside) is kept exactly.

    Raises:
        InvalidName: with what to change.
    """
    if not isinstance(project, str):
        raise InvalidName(f"project must be a string, got {_shown(project)} ({type(project).__name__})")
    if not project.strip():
        raise InvalidName('project must not be empty; give it a name, as in init(project="digits")')
    if has_control_characters(project):
        raise InvalidName(f"project {_shown(project)} contains line breaks or control characters; take them out")
    if not (project[0].isalpha() or project[0] == "_"):
        raise InvalidName(
            f"project {_shown(project)} must start with a letter or '_' (else engines read it as a number); "
            f"try {_shown('p-' + project[:20])}"
        )
    if project.lower() in _INFERRED_WORDS:
        raise InvalidName(f"project {project!r} is a word that query engines take for a value; try {project + '_'!r}")
    size = len(quote(project, safe=""))
    if size > MAX_PROJECT_BYTES:
        raise InvalidName(
            f"project {_shown(project)} takes {size} bytes percent-encoded; at most {MAX_PROJECT_BYTES} fit"
        )
    return project


def check_run_id(run_id: object) -> str:
    """Return `run_id` when it is a letter followed by at most 63 letters, digits, `_` or `-`.

    Raises:
        InvalidName: with what to change; the run's *name* is free text.
    """
    if not isinstance(run_id, str) or not _RUN_ID.fullmatch(run_id):
        raise InvalidName(
            f"run id {_shown(run_id)} must be a letter followed by at most 63 letters, digits, '_' or '-'; "
            "free text goes into name="
        )
    if run_id.lower() in _INFERRED_WORDS:
        raise InvalidName(f"run id {run_id!r} is a word that query engines take for a value; try {'r-' + run_id!r}")
    return run_id


def stored_run_id(run_id: object) -> str:
    """The id under which the lake holds the run that somebody calls `run_id`; the same wherever it is asked.

    An id that can be one stays as it is. One that begins with a digit, such as most uuids, and a word that engines
    read as a value, get `r-` in front; of anything else what can stay is kept, with a checksum of the whole.

    Args:
        run_id: text, a `uuid.UUID`, or a number such as a scheduler's.

    Raises:
        InvalidName: it is empty, or none of these.
    """
    text = str(run_id).strip() if isinstance(run_id, (str, UUID, int)) and not isinstance(run_id, bool) else ""
    if not text:
        return check_run_id(run_id)
    for candidate in (text, f"r-{text}"):
        if _RUN_ID.fullmatch(candidate) and candidate.lower() not in _INFERRED_WORDS:
            return candidate
    kept = re.sub(r"[^A-Za-z0-9_-]+", "-", text)[:40].strip("-")
    return f"r-{kept}-{crc32(text.encode('utf-8', 'backslashreplace')):08x}"


def same_run_id(asked: object) -> str:
    """The id of the run that a reader calls `asked`: `stored_run_id`; what can be none stays, since no run has it."""
    try:
        return stored_run_id(asked)
    except InvalidName:
        return str(asked)


def linked_run_id(text: str) -> str:
    """The id in an address: `r-` goes before one that begins with a digit, such as most uuids; all else stays."""
    found = f"r-{text}"
    return found if text[:1].isdigit() and _RUN_ID.fullmatch(found) else text


def check_metric(name: object, *, what: str = "metric") -> str:
    """Return `name` when it can name a metric or a dataset: 1 to 500 characters, no controls, and no ` [` in a metric.

    Raises:
        InvalidName: with what to change.
    """
    if not isinstance(name, str):
        raise InvalidName(f"{what} name {_shown(name)} must be a string, not {type(name).__name__}")
    if not name.strip():
        raise InvalidName(f"{what} name {name!r} must not be empty")
    if len(name) > MAX_METRIC_CHARS:
        raise InvalidName(f"{what} name {_shown(name)} is longer than {MAX_METRIC_CHARS} characters; shorten it")
    if has_control_characters(name):
        raise InvalidName(f"{what} name {_shown(name)} contains line breaks or control characters; take them out")
    if what != "dataset" and " [" in name:
        raise InvalidName(
            f"{what} name {_shown(name)} contains ' [', which sets a metric apart from its dataset in labels such as "
            f"'val/acc [cifar10]'; write {_shown(without_label(name))}"
        )
    return name


def without_label(name: str) -> str:
    """The name as a metric may have it: `time [s]` is `time[s]`, since the former is `time` on a dataset `s`."""
    return _LABEL.sub("[", name)


def check_text(text: object, *, what: str) -> str:
    """Return `text` when it can be a run's name, a group, a job type or a tag: 1 to 1,000 characters, no controls.

    Raises:
        InvalidName: with what to change.
    """
    if not isinstance(text, str):
        raise InvalidName(f"{what} {_shown(text)} must be a string, not {type(text).__name__}")
    if not text.strip():
        raise InvalidName(f"{what} must not be empty; leave it out instead")
    if len(text) > MAX_TEXT_CHARS:
        raise InvalidName(f"{what} {_shown(text)} is longer than {MAX_TEXT_CHARS} characters; shorten it")
    if has_control_characters(text):
        raise InvalidName(f"{what} {_shown(text)} contains line breaks or control characters; take them out")
    return text
