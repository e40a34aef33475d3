"""GPUs of a library that answers as NVIDIA's does."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from lakeboard.logger.system.gpus import nvidia_library, open_gpus


class Nvml:
    """Two cards, of which the second does not tell its power."""

    NVML_TEMPERATURE_GPU = 0

    def __init__(self, *, broken: str = "") -> None:
        self.broken = broken
        self.begun = 0

    def nvmlInit(self) -> None:  # noqa: N802
        self.begun += 1
        if self.broken == "driver":
            raise RuntimeError("NVML Shared Library Not Found")

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, n: int) -> int:  # noqa: N802
        return n

    def nvmlDeviceGetUUID(self, n: int) -> Any:  # noqa: N802
        return [b"GPU-aaaa-1111", "GPU-bbbb-2222"][n]

    def nvmlDeviceGetUtilizationRates(self, n: int) -> Any:  # noqa: N802
        return SimpleNamespace(gpu=90 + n)

    def nvmlDeviceGetMemoryInfo(self, n: int) -> Any:  # noqa: N802
        return SimpleNamespace(used=(n + 1) * 1_000_000_000)

    def nvmlDeviceGetPowerUsage(self, n: int) -> int:  # noqa: N802
        if n == 1:
            raise RuntimeError("Not Supported")
        return 250_500

    def nvmlDeviceGetTemperature(self, n: int, kind: int) -> int:  # noqa: N802
        return 60 + n


def test_every_value_of_every_card() -> None:
    read = open_gpus(Nvml(), None)
    assert read is not None
    assert read() == {
        "gpu/0/util": 90.0, "gpu/0/memory_mb": 1000.0, "gpu/0/power_w": 250.5, "gpu/0/temperature_c": 60.0,
        "gpu/1/util": 91.0, "gpu/1/memory_mb": 2000.0, "gpu/1/temperature_c": 61.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("visible", "seen"),
    [("1", {1}), ("1,0", {0, 1}), ("GPU-bbbb", {1}), ("", set()), ("-1", set()), ("0,9,1", {0}), ("GPU-cccc", set())],
)
def test_only_cards_that_the_job_may_use(visible: str, seen: set[int]) -> None:
    read = open_gpus(Nvml(), visible)
    assert (read is None) == (not seen)
    assert {int(name.split("/")[1]) for name in (read() if read else {})} == seen


@pytest.mark.parametrize("module", [None, Nvml(broken="driver"), SimpleNamespace()])
def test_where_there_is_none_there_is_none(module: Any) -> None:
    assert open_gpus(module, None) is None


def test_the_library_is_imported_where_there_is_a_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert nvidia_library([str(tmp_path / "nvidiactl")]) is None
    module = ModuleType("pynvml")
    monkeypatch.setitem(sys.modules, "pynvml", module)
    assert nvidia_library([str(tmp_path / "dxg"), str(tmp_path)]) is module
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert nvidia_library([str(tmp_path)]) is None
