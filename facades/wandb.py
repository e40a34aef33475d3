"""W&B's module by its own names: `import lakeboard.wandb as wandb` writes to a lake and asks nobody's server.

Read of W&B's environment, and by this module alone: WANDB_PROJECT, WANDB_NAME, WANDB_RUN_GROUP, WANDB_RUN_ID,
WANDB_JOB_TYPE, WANDB_TAGS, WANDB_NOTES, WANDB_MODE.
"""

from __future__ import annotations

import os
import secrets
import string
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

from .. import LakeboardError as Error
from .. import finish as _finish
from .. import init as _init
from . import wandb_plot as plot
from .notices import NOTICES, missing
from .wandb_media import Audio, Histogram, Html, Image, Plotly, Table, Video, unsupported
from .wandb_run import Artifact, WandbRun

__all__ = [
    "Artifact", "Audio", "Error", "Graph", "Histogram", "Html", "Image", "Molecule", "Object3D", "Plotly", "Run",
    "Settings", "Table", "Video", "alert", "define_metric", "ensure_configured", "finish", "init", "log",
    "log_artifact", "log_model", "login", "mark_preempting", "plot", "require", "restore", "save", "setup", "teardown",
    "termerror", "termlog", "termwarn", "unwatch", "use_artifact", "util", "watch",
]  # fmt: skip

__version__: Final = "0.0.0+lakeboard"
Molecule, Object3D, Graph = unsupported("Molecule"), unsupported("Object3D"), unsupported("Graph")
Run = WandbRun
_lakeboard: Final = import_module("..", __package__)
"""For what is of the current run, and so another thing each time that it is asked for."""
_CURRENT: Final = ("run", "config", "summary")
_INSTEAD: Final = {
    "sweep": "Optuna searches, and each trial is a run: see the guides",
    "agent": "Optuna searches, and each trial is a run: see the guides",
    "controller": "Optuna searches, and each trial is a run: see the guides",
    "Api": "lakeboard.open() reads a lake: .runs(), .metrics(), .artifact()",
    "launch": "a lake starts no jobs",
    "keras": "log in a callback of your own",
    "integration": "log in a callback of your own",
}
_TAKEN: Final = frozenset({
    "entity", "dir", "save_code", "settings", "sync_tensorboard", "monitor_gym", "config_exclude_keys",
    "config_include_keys", "anonymous", "allow_val_change", "force", "magic", "tensorboard", "fork_from", "resume_from",
})  # fmt: skip


class _CurrentRun:
    """The run that was asked for last, so that what belongs to it stays with it."""

    def __init__(self) -> None:
        self._last: WandbRun | None = None

    def of(self, run: Any) -> WandbRun:
        last = self._last
        if last is None or not last.is_of(run):
            last = self._last = WandbRun(run)
        return last


_CURRENT_RUN: Final = _CurrentRun()


class Settings(SimpleNamespace):
    """Takes anything, has no effect."""


def init(
    project: str | None = None,
    name: str | None = None,
    config: Any = None,
    *,
    group: str | None = None,
    tags: Any = None,
    job_type: str | None = None,
    notes: str | None = None,
    id: str | None = None,
    resume: Any = None,
    mode: str | None = None,
    reinit: Any = None,
    **others: Any,
) -> WandbRun:
    """Begin a run, or resume one; see `lakeboard.init`. What has no place in a lake is passed over."""
    if others.get("sync_tensorboard"):
        NOTICES.tell("sync_tensorboard is left out: lakeboard.tensorboard.SummaryWriter writes to a lake")
    if isinstance(config, (str, os.PathLike)):
        NOTICES.tell(f"config={config!r} is left out: read the file, and pass what is in it")
        config = None
    unknown = set(others) - _TAKEN
    if unknown:
        NOTICES.tell(f"wandb.init({', '.join(f'{each}=' for each in sorted(unknown))}) is passed over")
    chosen = {
        "project": project or _env("PROJECT") or "uncategorized",
        "name": name or _env("NAME"),
        "config": config if isinstance(config, Mapping) or config is None else vars(config),
        "group": group or _env("RUN_GROUP"),
        "job_type": job_type or _env("JOB_TYPE"),
        "notes": notes or _env("NOTES"),
        "id": id or _env("RUN_ID"),
        "tags": _tags(tags),
        "mode": _mode(mode or _env("MODE")),
        "resume": _resume(resume),
        "reinit": reinit,
    }
    return _CURRENT_RUN.of(_init(**{key: value for key, value in chosen.items() if value is not None}))


def _env(name: str) -> str | None:
    return os.environ.get(f"WANDB_{name}") or None


def _tags(tags: Any) -> tuple[str, ...] | None:
    if tags is None:
        said = _env("TAGS")
        return tuple(tag.strip() for tag in said.split(",") if tag.strip()) if said else None
    return (tags,) if isinstance(tags, str) else tuple(map(str, tags))


def _mode(mode: str | None) -> str | None:
    """W&B's offline means no server of W&B's: only a lake that is elsewhere has to be sent to later."""
    if mode in ("disabled", "dryrun"):
        return "disabled" if mode == "disabled" else None
    elsewhere = "://" in os.environ.get("LAKEBOARD_LAKE", "")
    return "offline" if mode == "offline" and elsewhere else None


def _resume(resume: Any) -> str | None:
    if resume is True or resume in ("auto", "allow"):
        return "allow"
    return resume if resume in ("must", "never") else None


def _of_run(name: str) -> Callable[..., Any]:
    """The verb of the current run."""

    def verb(*args: Any, **options: Any) -> Any:
        return getattr(_CURRENT_RUN.of(_needed(name)), name)(*args, **options)

    verb.__name__ = verb.__qualname__ = name
    verb.__doc__ = f"`{name}` of the current run."
    return verb


def _needed(what: str) -> Any:
    run = _lakeboard.run
    if run is None:
        raise Error(f"You must call wandb.init() before wandb.{what}()")
    return run


log = _of_run("log")
define_metric = _of_run("define_metric")
log_artifact = _of_run("log_artifact")
log_model = _of_run("log_model")
use_artifact = _of_run("use_artifact")
save = _of_run("save")
watch = _of_run("watch")
unwatch = _of_run("unwatch")
alert = _of_run("alert")
mark_preempting = _of_run("mark_preempting")


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the current run; nothing where there is none."""
    _finish(exit_code)


def login(*args: Any, **options: Any) -> bool:
    """Nobody is asked: a lake has no accounts."""
    return True


def setup(*args: Any, **options: Any) -> Settings:
    """Has no effect."""
    return Settings()


def require(*args: Any, **options: Any) -> None:
    """Has no effect."""


def teardown(*args: Any, **options: Any) -> None:
    """Has no effect."""


def ensure_configured() -> None:
    """Has no effect."""


def restore(*args: Any, **options: Any) -> None:
    """Told once: files come back as artifacts."""
    NOTICES.tell("wandb.restore is left out: lakeboard.open().artifact(name).download() fetches files")


def termlog(string: str = "", newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Print to stderr."""
    sys.stderr.write(f"{string}\n" if newline else string)


termwarn = termerror = termlog


def _generate_id(length: int = 8) -> str:
    letters = string.ascii_lowercase + string.digits
    return "".join(secrets.choice(letters) for _ in range(length))


util: Final = SimpleNamespace(generate_id=_generate_id)
sdk: Final = SimpleNamespace(wandb_run=SimpleNamespace(Run=WandbRun))
errors: Final = SimpleNamespace(Error=Error, CommError=Error, UsageError=Error)


def __getattr__(name: str) -> Any:
    if name == "run":
        current = _lakeboard.run
        return None if current is None else _CURRENT_RUN.of(current)
    if name in _CURRENT:
        return getattr(_lakeboard, name)
    raise missing("wandb", name, _INSTEAD)
