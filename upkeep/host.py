"""Which host and which boot a spool was written on, and what that says of its writer.

A lock of the operating system tells living writers from dead ones, but only on the host that holds it: where nodes
share a home, another node may see none (`localflock` of Lustre, `local_lock` of NFS). So a spool says where it was
written, and whoever reads it elsewhere goes by when it was last written to.
"""

from __future__ import annotations

import ctypes
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

BEAT_SECONDS: Final = 60.0
"""A living writer touches its spool so often, whether or not it has anything to note."""
SILENT_SECONDS: Final = 3600.0
"""A spool of another host that was not touched for so long is a dead job's: an hour, for nodes that are suspended and
file servers that are away."""
Standing: TypeAlias = Literal["here", "rebooted", "elsewhere"]
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_MACHINE_ID: Final = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Host:
    """A machine (or a container) as of one boot."""

    name: str
    boot: str = ""
    """New with each boot; empty where the system tells none."""
    machine: str = ""
    """The same for ever; empty where the system tells none, as in most containers."""

    def to_json(self) -> dict[str, str]:
        """As JSON; `from_json` inverts it."""
        return {"name": self.name, "boot": self.boot, "machine": self.machine}

    @classmethod
    def from_json(cls, found: Any) -> Host | None:
        """What `to_json` gave; null for anything else."""
        if not isinstance(found, dict) or not isinstance(found.get("name"), str):
            return None
        told = [found.get(name) for name in ("boot", "machine")]
        return cls(found["name"], *(each if isinstance(each, str) else "" for each in told))


def this_host() -> Host:
    """Where this process runs. Reads two small files."""
    return Host(platform.node(), _boot_id(), _first_line(_MACHINE_ID))


def standing(writer: Host | None, here: Host, *, last_write: float, booted_at: float) -> Standing:
    """Where a spool's writer is, seen from `here`. Pure.

    `here`: the same boot of the same host, whose locks tell whether it lives. `rebooted`: this host, but before it was
    started anew, so that the writer is dead for sure. `elsewhere`: another host, or another container of this name.

    Args:
        writer: where the spool was written; null where it does not say, which counts as here.
        here: this host.
        last_write: when the spool was last written to, seconds since 1970.
        booted_at: when this host was started.
    """
    if writer is None:
        return "here"
    if writer.name != here.name:
        return "elsewhere"
    if not writer.boot or not here.boot or writer.boot == here.boot:
        return "here"
    # Containers may share a name, and an image's machine id, on several nodes: what was written since this host was
    # started was written by another one.
    is_this_machine = bool(here.machine) and writer.machine == here.machine
    return "rebooted" if is_this_machine and last_write < booted_at else "elsewhere"


def booted_at() -> float:
    """When this host was started, seconds since 1970, by its clock of now."""
    return time.time() - time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _boot_id() -> str:
    if sys.platform == "darwin":
        return _sysctl(b"kern.bootsessionuuid")
    return _first_line(_BOOT_ID)


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        # No such file, not ours to read, or not what it should be: then the host's name alone tells.
        return ""


def _sysctl(name: bytes) -> str:
    size = ctypes.c_size_t(128)
    buffer = ctypes.create_string_buffer(size.value)
    try:
        failed = ctypes.CDLL(None).sysctlbyname(name, buffer, ctypes.byref(size), None, ctypes.c_size_t(0))
    except (OSError, AttributeError):
        return ""
    return "" if failed else buffer.value.decode("ascii", "replace")
