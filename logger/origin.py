"""Where a run comes from: host, user, Python, packages, command line, git. Each part is optional and cheap."""

from __future__ import annotations

import getpass
import os
import platform
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from ..schema.secrets.diff import leave_out, redact_diff
from ..schema.secrets.redact import redact_arguments, redact_text, redact_value

GIT_TIMEOUT_SECONDS: Final = 5.0
_JOB_VARIABLES: Final = (
    "SLURM_JOB_ID",
    "SLURM_PROCID",
    "LSB_JOBID",
    "PBS_JOBID",
    "RANK",
    "LOCAL_RANK",
    "WORLD_SIZE",
    "CUDA_VISIBLE_DEVICES",
)
_MAX_COMMAND_CHARS: Final = 4_000
_DIFF: Final = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "HEAD")
"""Whatever a person's own settings are."""
_MAX_CHANGED_FILES: Final = 20
_MAX_DIFF_CHARS: Final = 16_000
"""A run's row travels with many others: enough for what people try by hand, not for a branch that nobody committed."""


def user_name() -> str | None:
    """Who runs this, as the system says; None where it does not know (containers without a user entry)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None


def host_name() -> str | None:
    """This machine's name."""
    return socket.gethostname() or None


def process_env(
    arguments: Sequence[str], env: Mapping[str, str], modules: Mapping[str, ModuleType | None]
) -> dict[str, str]:
    """Command line, folder, Python, platform, job numbers, versions of imported packages. No I/O to speak of."""
    command = shlex.join(redact_arguments([Path(sys.executable).name, *arguments]))
    out = {
        "command": command[:_MAX_COMMAND_CHARS],
        "cwd": redact_text(_cwd()),
        "pid": str(os.getpid()),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": str(os.cpu_count() or 0),
    }
    out |= {name.lower(): str(redact_value(name, env[name])) for name in _JOB_VARIABLES if env.get(name)}
    out |= {f"package.{name}": version for name, version in _versions(modules).items()}
    return out


_VERSIONS: Final[dict[tuple[str, ...], dict[str, str]]] = {}
"""What was found the last time, by the modules that were there: many runs of one process see the same ones."""


def _versions(modules: Mapping[str, ModuleType | None]) -> dict[str, str]:
    # Of thousands of modules few are packages' own.
    names = tuple(name for name in list(modules) if "." not in name and name[:1] != "_")
    found = _VERSIONS.get(names)
    if found is None:
        found = _read_versions(names, modules)
        # Other threads may begin runs at the same time: what is returned is never looked up again.
        _VERSIONS.clear()
        _VERSIONS[names] = found
    return found


def _read_versions(names: Iterable[str], modules: Mapping[str, ModuleType | None]) -> dict[str, str]:
    found = {}
    for name in names:
        # Read from the module's dict: a getattr could trigger lazy imports or deprecation warnings.
        version = getattr(modules.get(name), "__dict__", {}).get("__version__")
        if isinstance(version, str) and name not in sys.stdlib_module_names:
            found[name] = version[:50]
    return dict(sorted(found.items()))


@cache
def git_state(folder: Path, *, diff: bool = True) -> Mapping[str, str]:
    """Commit, branch, remote, which tracked files differ from the commit, and how; empty outside a repository.

    At most five calls of git, each at most 5 s, never taking its locks; once per process and folder, since the code
    that runs is that of the first call. Meant for a background thread.

    Args:
        folder: in the repository.
        diff: whether to record the difference itself: its first 16,000 characters, likely secrets redacted, without
            files that are there to hold secrets, such as `.env`.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return {}
    out = {"git.commit": commit}
    if branch := _git(folder, "rev-parse", "--abbrev-ref", "HEAD"):
        out["git.branch"] = redact_text(branch)
    if remote := _git(folder, "config", "--get", "remote.origin.url"):
        out["git.remote"] = redact_text(remote)
    status = _git(folder, "status", "--porcelain", "--untracked-files=no")
    if status is not None:
        changed = [line[3:] for line in status.splitlines()]
        out["git.dirty"] = "true" if changed else "false"
        if changed:
            more = len(changed) - _MAX_CHANGED_FILES
            out["git.changed"] = "\n".join(changed[:_MAX_CHANGED_FILES]) + (f"\n… and {more} more" if more > 0 else "")
        if changed and diff and (text := _git(folder, *_DIFF)):
            # Cut before it is redacted: patterns hold the interpreter, and a difference may be any size.
            out["git.diff"] = redact_diff(shorten(leave_out(text)))
    return out


def shorten(diff: str) -> str:
    """A difference that is too long, cut at the end of a line, saying how much is missing."""
    if len(diff) <= _MAX_DIFF_CHARS:
        return diff
    end = diff.rfind("\n", 0, _MAX_DIFF_CHARS)
    kept = diff[: end if end > 0 else _MAX_DIFF_CHARS]
    return f"{kept}\n… {len(diff) - len(kept):,} more characters are not recorded"


def script_folder(arguments: Sequence[str]) -> Path:
    """The folder of the script that runs, else the current one."""
    script = Path(arguments[0]) if arguments and arguments[0] not in ("", "-c", "-m") else None
    if script is not None and script.is_file():
        return script.resolve().parent
    return Path(_cwd())


def _cwd() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return "/"


def _git(folder: Path, *arguments: str) -> str | None:
    env = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        # S603/S607: git as the user's own PATH has it, fixed arguments, no shell.
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GIT_TIMEOUT_SECONDS,
            env=env,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.rstrip("\n") if done.returncode == 0 else None
