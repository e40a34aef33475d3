"""NVIDIA's GPUs, by `nvidia-ml-py`. Looked for once; no other library and no program is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

_MB: Final = 1e6
_DEVICES: Final = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/proc/driver/nvidia/version")
"""What shows that there is a driver, in containers and under WSL too."""


def nvidia_library(devices: Iterable[str] = _DEVICES) -> Any:
    """The module of NVIDIA's library, where this machine shows such a device and it is installed; else None.

    Imports it: on the caller's thread, since importing in the background holds the interpreter.
    """
    if not any(Path(device).exists() for device in devices):
        return None
    try:
        return import_module("pynvml")
    except Exception:  # noqa: BLE001 - not installed, or installed for another machine
        return None


def open_gpus(nvml: Any, visible: str | None) -> Callable[[], Mapping[str, float]] | None:
    """Gives the readings of the GPUs that this process may use; None where there are none. Never raises.

    Args:
        nvml: NVIDIA's module; None for none. Beginning to use it takes some 40 ms: meant for the background.
        visible: `CUDA_VISIBLE_DEVICES`: indices or ids; None for all. Readings go by the machine's own numbers.
    """
    if nvml is None:
        return None
    try:
        nvml.nvmlInit()
        handles = {n: nvml.nvmlDeviceGetHandleByIndex(n) for n in range(nvml.nvmlDeviceGetCount())}
        chosen = _chosen(visible, {n: _text(nvml.nvmlDeviceGetUUID(handle)) for n, handle in handles.items()})
    except Exception:  # noqa: BLE001 - no driver, no library, another version of it: then there are none
        return None
    used = {n: handles[n] for n in chosen}
    return (lambda: _read(nvml, used)) if used else None


def _chosen(visible: str | None, ids: Mapping[int, str]) -> list[int]:
    if visible is None:
        return list(ids)
    out = []
    for word in (part.strip() for part in visible.split(",")):
        found = [n for n, known in ids.items() if (word == str(n)) or (len(word) > 3 and known.startswith(word))]
        if not found:
            # As CUDA reads it: what comes after the first that is none does not count.
            break
        out += found[:1]
    return out


def _read(nvml: Any, handles: Mapping[int, Any]) -> dict[str, float]:
    """What each tells; a card that does not tell something tells the rest."""
    asked: tuple[tuple[str, Callable[[Any], float]], ...] = (
        ("util", lambda card: float(nvml.nvmlDeviceGetUtilizationRates(card).gpu)),
        ("memory_mb", lambda card: nvml.nvmlDeviceGetMemoryInfo(card).used / _MB),
        ("power_w", lambda card: nvml.nvmlDeviceGetPowerUsage(card) / 1000),
        ("temperature_c", lambda card: float(nvml.nvmlDeviceGetTemperature(card, nvml.NVML_TEMPERATURE_GPU))),
    )
    out = {}
    for number, card in handles.items():
        for name, ask in asked:
            try:
                out[f"gpu/{number}/{name}"] = ask(card)
            except Exception:  # noqa: BLE001, S112 - not supported by this card, or it fell off the bus
                continue
    return out


def _text(told: Any) -> str:
    return told.decode() if isinstance(told, bytes) else str(told)
