"""Values of a machine that says exactly what it is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lakeboard.logger.system.cgroup import Group
from lakeboard.logger.system.host import Host


class Machine:
    """Stands for psutil, the clock and the control group."""

    def __init__(self) -> None:
        self.now = 100.0
        self.group = Group()
        self.sent = self.received = 0
        self.user = 0.0
        self.net = True

    def cpu_percent(self, interval: object) -> float:
        return 37.5

    def virtual_memory(self) -> Any:
        return SimpleNamespace(total=16_000_000_000, available=4_000_000_000)

    def disk_usage(self, path: str) -> Any:
        return SimpleNamespace(percent=61.0)

    def net_io_counters(self) -> Any:
        return SimpleNamespace(bytes_sent=self.sent, bytes_recv=self.received) if self.net else None

    def Process(self) -> Any:  # noqa: N802 - as psutil calls it
        return SimpleNamespace(
            cpu_times=lambda: SimpleNamespace(user=self.user, system=1.0),
            memory_info=lambda: SimpleNamespace(rss=250_000_000),
        )

    def host(self) -> Host:
        return Host(self, group=lambda: self.group, now=lambda: self.now)


def read(host: Host) -> dict[str, float]:
    return {name: value for each in host.readings.values() for name, value in each().items()}


def test_every_value_of_a_machine_without_limits() -> None:
    machine = Machine()
    host = machine.host()
    still = {"memory": 75.0, "memory_mb": 12_000.0, "disk": 61.0, "process/rss_mb": 250.0}
    assert read(host) == still, "rates need a reading before"
    machine.now, machine.sent, machine.received, machine.user = 110.0, 5_000_000, 20_000_000, 15.0
    assert read(host) == still | {"cpu": 37.5, "net_sent_mb_s": 0.5, "net_recv_mb_s": 2.0, "process/cpu": 150.0}


def test_in_a_container_percentages_are_of_its_limits() -> None:
    machine = Machine()
    machine.group = Group(cpus=2.0, cpu_seconds=50.0, memory_limit=1_000_000_000, memory=250_000_000)
    host = machine.host()
    first = read(host)
    assert (first["memory"], first["memory_mb"], "cpu" in first) == (25.0, 250.0, False)
    machine.now = 110.0
    machine.group = Group(cpus=2.0, cpu_seconds=65.0, memory_limit=1_000_000_000, memory=500_000_000)
    second = read(host)
    assert (second["cpu"], second["memory"]) == (75.0, 50.0)


def test_a_limit_above_the_machine_is_none() -> None:
    machine = Machine()
    machine.group = Group(memory_limit=10**13, memory=5)
    assert machine.host().memory()["memory"] == 75.0


def test_counters_that_begin_anew_and_networks_that_are_not_there() -> None:
    machine = Machine()
    machine.sent = 1_000_000
    host = machine.host()
    host.network()
    machine.now, machine.sent = 101.0, 10
    assert host.network() == {"net_sent_mb_s": 0.0, "net_recv_mb_s": 0.0}
    machine.net = False
    assert host.network() == {}


def test_psutil_itself_gives_what_is_asked_of_it() -> None:
    psutil = pytest.importorskip("psutil")
    host = Host(psutil)
    read(host)
    found = read(host)
    assert set(found) >= {"memory", "memory_mb", "disk", "process/rss_mb", "process/cpu", "cpu"}
    assert 0 <= found["memory"] <= 100
    assert found["process/rss_mb"] > 10
