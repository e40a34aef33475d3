"""How much memory what is kept may take: what the environment says, else a quarter of what there is."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ...schema.errors import InvalidSetting

MEMORY: Final = "LAKEBOARD_MEMORY"
"""Environment variable: bytes for all caches of a process, such as `2GB`, `512MiB`, `10%` or `1000000000`."""
SHARE: Final = 0.25
"""Of the memory of this machine, or of the container, where nothing else is said."""
_LEAST: Final = 16 * 2**20
_UNKNOWN: Final = 4 * 2**30
"""What is taken for the memory of a machine that does not tell."""
_AMOUNT: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%|[kmgt]?i?b?)\s*", re.IGNORECASE | re.ASCII)
_POWERS: Final = "kmgt"


def memory_budget(environ: Mapping[str, str] = os.environ, *, root: Path = Path("/")) -> int:
    """Bytes for all caches of this process: what `LAKEBOARD_MEMORY` says, else a quarter of `memory_limit`.

    Args:
        environ: the environment variables.
        root: below which `/proc` and `/sys` are.

    Raises:
        InvalidSetting: the variable says no amount of memory, or one below 16 MiB.
    """
    text = environ.get(MEMORY, "").strip()
    if not text:
        return max(_LEAST, int(memory_limit(root) * SHARE))
    found = _AMOUNT.fullmatch(text)
    fix = "say an amount such as 2GB or 512MiB, or a share of the machine's such as 10%"
    if found is None:
        raise InvalidSetting(f"{MEMORY}={text} is no amount of memory; {fix}")
    number, unit = float(found[1]), found[2].lower()
    if unit == "%":
        if number > 100:
            raise InvalidSetting(f"{MEMORY}={text} is more than all memory; {fix}")
        amount = memory_limit(root) * number / 100
    else:
        power = _POWERS.find(unit[:1]) + 1 if unit else 0
        amount = number * (1024 if "i" in unit else 1000) ** power
    if amount < _LEAST:
        raise InvalidSetting(f"{MEMORY}={text} is too little to work with, at least 16MiB are needed; {fix}")
    return int(amount)


def memory_limit(root: Path = Path("/")) -> int:
    """Bytes that this process may use: the machine's memory, or the least limit of its cgroups (version 1 or 2)."""
    limits = [*_cgroup_limits(root), _physical()]
    return min(each for each in limits if each > 0)


def _physical() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return _UNKNOWN


def _cgroup_limits(root: Path) -> list[int]:
    """The limits of this process's cgroups and of those above them; none where there are no cgroups."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    out = []
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            base, names = root / "sys/fs/cgroup", ["memory.max", "memory.high"]
        elif "memory" in controllers.split(","):
            base, names = root / "sys/fs/cgroup/memory", ["memory.limit_in_bytes"]
        else:
            continue
        folder = base / path.strip("/")
        # Inside a container the path may be the host's, of which only the root is there.
        for each in (folder, *folder.parents):
            out += [limit for name in names if (limit := _limit(each / name)) is not None]
            if each == base:
                break
    return out


def _limit(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None
