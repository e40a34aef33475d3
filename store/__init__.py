"""Where a lake lives: whole objects under one root, from a local folder to a bucket.

`base.Store` is the contract, `opening.open_store` finds the backend for an address, `testing` holds the
conformance suite that every backend passes and stores that count, delay and fail. Nothing here knows what
the objects mean.
"""

from __future__ import annotations

from .base import ObjectInfo, Store
from .opening import open_store

__all__ = ["ObjectInfo", "Store", "open_store"]
