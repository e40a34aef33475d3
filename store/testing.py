"""What tests of a store, or of anything above one, start from."""

from __future__ import annotations

from .counting import CountingStore
from .faults import Fault, FaultyStore, Plan, SlowStore
from .memory import MemoryStore
from .wrapper import StoreWrapper

__all__ = ["CountingStore", "Fault", "FaultyStore", "MemoryStore", "Plan", "SlowStore", "StoreWrapper"]
