"""Processors, memory, disk and network of the machine, and this process's part, by psutil."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from .cgroup import Group, read_group

_MB: Final = 1e6
Reading = Callable[[], Mapping[str, float]]
"""Gives some values by name, without the prefix `system/`."""


class Host:
    """Readings of one machine, each by itself, so that one that fails costs no other. About 2 ms in all.

    Percentages are of what this process may use: in a container of its limits.

    Args:
        psutil: the module.
        group: the control group as it is now.
        now: seconds of a monotonic clock.
        folder: on the disk that is looked at.
    """

    def __init__(
        self,
        psutil: Any,
        *,
        group: Callable[[], Group] = read_group,
        now: Callable[[], float] = time.monotonic,
        folder: str = ".",
    ) -> None:
        self._psutil = psutil
        self._group = group
        self._now = now
        self._folder = folder
        self._process = psutil.Process()
        self._cpu_before: tuple[float, float] | None = None
        self._own_before: tuple[float, float] | None = None
        self._net_before: tuple[float, int, int] | None = None

    @property
    def readings(self) -> dict[str, Reading]:
        """By what a person calls them."""
        return {
            "processors": self.processors,
            "memory": self.memory,
            "disk": self.disk,
            "network": self.network,
            "this process": self.process,
        }

    def processors(self) -> dict[str, float]:
        """`cpu`: percent of all cores that may be used, since the reading before."""
        group, now = self._group(), self._now()
        before = self._cpu_before
        if group.cpu_seconds is not None and group.cpus is not None:
            self._cpu_before = (now, group.cpu_seconds)
            if before is None or now <= before[0]:
                return {}
            return {"cpu": 100 * (group.cpu_seconds - before[1]) / (now - before[0]) / group.cpus}
        # psutil remembers the reading before by itself; its first answer means nothing.
        percent = float(self._psutil.cpu_percent(None))
        self._cpu_before = (now, 0.0)
        return {} if before is None else {"cpu": percent}

    def memory(self) -> dict[str, float]:
        """`memory`: percent of what there is or may be used; `memory_mb`: what is used."""
        group = self._group()
        whole = self._psutil.virtual_memory()
        limit = group.memory_limit
        if limit is not None and group.memory is not None and limit < whole.total:
            used, total = float(group.memory), float(limit)
        else:
            used, total = float(whole.total - whole.available), float(whole.total)
        return {"memory": 100 * used / total, "memory_mb": used / _MB}

    def disk(self) -> dict[str, float]:
        """`disk`: percent used of the disk that holds the current folder."""
        return {"disk": float(self._psutil.disk_usage(self._folder).percent)}

    def network(self) -> dict[str, float]:
        """`net_sent_mb_s`, `net_recv_mb_s`: since the reading before."""
        told, now = self._psutil.net_io_counters(), self._now()
        if told is None:
            return {}
        before, self._net_before = self._net_before, (now, told.bytes_sent, told.bytes_recv)
        if before is None or now <= before[0]:
            return {}
        seconds = now - before[0]
        # Counters begin anew where an interface goes and comes back.
        sent, received = (max(0, n - was) for n, was in ((told.bytes_sent, before[1]), (told.bytes_recv, before[2])))
        return {"net_sent_mb_s": sent / seconds / _MB, "net_recv_mb_s": received / seconds / _MB}

    def process(self) -> dict[str, float]:
        """`process/rss_mb`; `process/cpu`: percent of one core since the reading before, over 100 with several."""
        times, now = self._process.cpu_times(), self._now()
        used = float(times.user + times.system)
        before, self._own_before = self._own_before, (now, used)
        out = {"process/rss_mb": self._process.memory_info().rss / _MB}
        if before is not None and now > before[0]:
            out["process/cpu"] = 100 * (used - before[1]) / (now - before[0])
        return out
