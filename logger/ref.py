"""A run that travels: what another process needs to write to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .redact import redact_text

if TYPE_CHECKING:
    from .run import Run
    from .settings import Settings

_HARMLESS: Final = frozenset(
    {
        "account_name", "anon", "endpoint_url", "profile", "project", "region", "region_name", "requester_pays",
        "use_ssl", "verify", "version_aware",
    }
)  # fmt: skip
"""Storage options that are no secrets; others the other process finds in its environment, as this one's keys."""
_NESTED: Final = "client_kwargs"
_OPTION: Final = (bool, int, float, str)


@dataclass(frozen=True, slots=True)
class RunRef:
    """Names a run for another process. Small, can be pickled and compared, and holds no secret."""

    lake: str
    """Where the lake is: absolute, without secrets."""
    project: str
    id: str
    mode: str
    """`online`, `offline` or `disabled`."""
    attempt: int = 1
    step: int = -1
    """The largest step logged so far; what is logged without a step goes on after it."""
    options: tuple[tuple[str, bool | float | str], ...] = ()
    """Storage options that are no secrets; those within `client_kwargs` with that before a dot."""
    finish_seconds: float = 30.0
    flush_seconds: float | None = None
    spool_cap_bytes: int = 1_000_000_000

    def run(self) -> Run:
        """The run, to write to it from here: the open one itself where this process has it, else another writer.

        That writer belongs to the same attempt; it begins with the first `log`, and ends with this process or with
        `finish()`. Its `config` is empty at first: what is set there is added to the run's.

        Keys of the store are looked for in this process's environment.
        """
        from .start import attach

        return attach(self)


def reference(run: Run, settings: Settings) -> RunRef:
    """The reference of a run."""
    return RunRef(
        lake=run.lake,
        project=run.project,
        id=run.id,
        mode=settings.mode,
        attempt=run.row.attempt,
        step=run.step,
        options=_without_secrets(settings.storage_options),
        finish_seconds=settings.finish_seconds,
        flush_seconds=settings.flush_seconds,
        spool_cap_bytes=settings.spool_cap_bytes,
    )


def reopened(ref: RunRef, finished: bool) -> Run:
    """What a pickled run is where it is unpickled."""
    from .start import attach

    return attach(ref, finished=finished)


def storage_options_of(ref: RunRef) -> dict[str, Any]:
    """The storage options that a reference carries, as fsspec takes them."""
    out: dict[str, Any] = {}
    for name, value in ref.options:
        outer, dot, inner = name.partition(".")
        if dot:
            out.setdefault(outer, {})[inner] = value
        else:
            out[name] = value
    return out


def _without_secrets(options: Mapping[str, Any]) -> tuple[tuple[str, bool | float | str], ...]:
    nested = options.get(_NESTED)
    found = [(name, value) for name, value in options.items() if name in _HARMLESS]
    if isinstance(nested, Mapping):
        found += [(f"{_NESTED}.{name}", value) for name, value in nested.items() if name in _HARMLESS]
    # An address may carry a login.
    plain = [(name, value) for name, value in found if isinstance(value, _OPTION)]
    return tuple((name, value) for name, value in plain if not isinstance(value, str) or redact_text(value) == value)
