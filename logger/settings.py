"""How a run is carried: argument before environment before default. The environment is read once, at `init`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from ..schema.errors import InvalidSetting
from ..schema.values import brief
from ..upkeep.spooldir import spool_roots

Mode: TypeAlias = Literal["online", "offline", "disabled"]
_MODES: Final[Mapping[str, Mode]] = {mode: mode for mode in get_args(Mode)}
_SWITCH: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
DEFAULT_LAKE: Final = "./lake"
SYSTEM_SECONDS: Final = 15.0
_LEAST: Final = 0.1
_MOST: Final = 86_400.0
_LOCAL_RANKS: Final = (
    "LOCAL_RANK", "SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "MV2_COMM_WORLD_LOCAL_RANK"
)  # fmt: skip
"""Where launchers say which of the processes on a host this is."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything about a run that is not the run itself."""

    lake: str
    """URL or path of the lake, as given."""
    mode: Mode
    storage_options: Mapping[str, Any]
    """For fsspec, such as `{"endpoint_url": ...}`; never written anywhere."""
    spool_roots: tuple[Path, ...]
    spool_cap_bytes: int
    """From this size of the spool on, points are dropped and counted."""
    flush_seconds: float | None
    """Longest time between flushes; None: 5 s on a file system, 30 s on an object store."""
    finish_seconds: float
    """How long `finish` may wait for the store."""
    quiet: bool
    git_diff: bool
    """Whether what differs from the commit is recorded, not only which files."""
    console: bool = False
    """Whether what the program prints is kept."""
    system: float | None = None
    """Seconds between samples of the machine; None: none."""

    @property
    def recover_command(self) -> str:
        """The command line that sends what a spool holds."""
        custom = os.environ.get("LAKEBOARD_SPOOL")
        return f"lakeboard recover --spool {custom}" if custom else "lakeboard recover"


def resolve(
    *,
    lake: str | os.PathLike[str] | None,
    mode: str | None,
    env: Mapping[str, str],
    storage_options: Mapping[str, Any] | None = None,
    spool_cap_bytes: int = 1_000_000_000,
    flush_seconds: float | None = None,
    finish_seconds: float = 30.0,
    quiet: bool = False,
    console: bool | None = None,
    system: float | None = None,
) -> Settings:
    """Settings from arguments and environment (`LAKEBOARD_LAKE`, `_MODE`, `_SPOOL`, `_CONSOLE`, `_SYSTEM` ...).

    Raises:
        InvalidSetting: names the setting, the value and where it came from.
    """
    source = "mode=" if mode is not None else "LAKEBOARD_MODE="
    given = mode if mode is not None else env.get("LAKEBOARD_MODE") or "online"
    chosen = given.strip().lower() if isinstance(given, str) else given
    if chosen not in _MODES:
        raise InvalidSetting(f"{source}{given!r} is unknown; use online, offline or disabled")
    diff = (env.get("LAKEBOARD_GIT_DIFF") or "1").strip().lower()
    if diff not in _SWITCH:
        raise InvalidSetting(
            f"LAKEBOARD_GIT_DIFF={diff!r} is unknown; use 1 to record what differs from the commit, or 0"
        )
    for name, value, least in (
        ("spool_cap_bytes", spool_cap_bytes, 1_000_000),
        ("flush_seconds", 1.0 if flush_seconds is None else flush_seconds, 0.1),
        ("finish_seconds", finish_seconds, 0.0),
    ):
        if not isinstance(value, (int, float)) or not value >= least:
            raise InvalidSetting(f"{name}={value!r} must be a number of at least {least:g}")
    if lake is not None and not isinstance(lake, (str, os.PathLike)):
        raise InvalidSetting(f"lake={brief(lake)} must be a folder or a URL such as s3://bucket/lake")
    if storage_options is not None and not isinstance(storage_options, Mapping):
        raise InvalidSetting('storage_options= must be a dict such as {"endpoint_url": "https://..."}')
    where = os.fspath(lake) if lake is not None else env.get("LAKEBOARD_LAKE") or DEFAULT_LAKE
    return Settings(
        lake=where,
        mode=_MODES[chosen],
        storage_options=dict(storage_options or {}),
        spool_roots=tuple(spool_roots(env)),
        spool_cap_bytes=int(min(spool_cap_bytes, sys.maxsize)),
        flush_seconds=flush_seconds,
        finish_seconds=finish_seconds,
        quiet=quiet,
        git_diff=_SWITCH[diff],
        console=_console_wanted(console, env) and _MODES[chosen] != "disabled",
        system=None if _MODES[chosen] == "disabled" else _system_wanted(system, env),
    )


def _system_wanted(given: float | None, env: Mapping[str, str]) -> float | None:
    """Seconds between samples of the machine. Of the ranks of a job on a host, the first one alone takes them."""
    said = (env.get("LAKEBOARD_SYSTEM") or "").strip().lower()
    seconds: object = given
    if said:
        off = said in _SWITCH and not _SWITCH[said]
        try:
            seconds = None if off else given if said in _SWITCH else float(said)
        except ValueError:
            seconds = said
    wrong = isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not _LEAST <= seconds <= _MOST
    if seconds is not None and wrong:
        source = f"LAKEBOARD_SYSTEM={said!r}" if said else f"system={brief(seconds)}"
        raise InvalidSetting(f"{source} must be seconds between samples, {_LEAST:g} to {_MOST:g}; None (or 0) for none")
    rank = next((env[name] for name in _LOCAL_RANKS if env.get(name)), "0")
    return float(seconds) if isinstance(seconds, (int, float)) and rank == "0" else None


def _console_wanted(given: bool | None, env: Mapping[str, str]) -> bool:
    """Whether to keep what is printed. Default: yes in scripts; no at a prompt and in notebooks, which keep it."""
    if given is not None and not isinstance(given, bool):
        raise InvalidSetting(f"console={brief(given)} must be True, False, or None for the default")
    said = (env.get("LAKEBOARD_CONSOLE") or "").strip().lower()
    if said and said not in _SWITCH:
        raise InvalidSetting(f"LAKEBOARD_CONSOLE={said!r} is unknown; use 1 to keep what is printed, or 0")
    if given is not None:
        return given
    return _SWITCH[said] if said else not hasattr(sys, "ps1")
