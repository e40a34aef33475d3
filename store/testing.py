"""What tests of a store, or of anything above one, start from."""

from __future__ import annotations

from .conformance import BAD_KEYS, HOSTILE_KEYS, StoreTests
from .counting import CountingStore
from .faults import Fault, FaultyStore, Plan, SlowStore
from .memory import MemoryStore
from .wrapper import StoreWrapper

__all__ = [
    "BAD_KEYS",
    "HOSTILE_KEYS",
    "CountingStore",
    "Fault",
    "FaultyStore",
    "MemoryStore",
    "Plan",
    "SlowStore",
    "StoreTests",
    "StoreWrapper",
]
