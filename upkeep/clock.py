"""What time it is by the store's own clock, the only one that grace periods are measured with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from ..schema.errors import StoreError
from ..store.base import ObjectInfo, Store

PROBE_PREFIX: Final = "_clock/"
"""Where probes are put, one LIST away; each is removed as soon as its time is known."""
GRACE: Final = timedelta(minutes=10)
"""So long what was replaced stays: listings of network file systems may be a minute old, readers slow."""
_ABANDONED: Final = timedelta(days=1)
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


def store_now(store: Store, *, rand: str) -> datetime:
    """The store's time, to its own precision (a second on S3). One PUT, one LIST, one DELETE.

    Args:
        store: whose time.
        rand: hex digits that no other probe has.

    Raises:
        AccessDenied: no permission to write.
        StoreError: the store did not show the probe.
    """
    key = f"{PROBE_PREFIX}{rand}"
    store.put(key, b"what time is it?")
    probes = store.list(PROBE_PREFIX)
    now = next((info.modified for info in probes if info.key == key), None)
    if now is None:
        raise StoreError(f"{store.url} took {key} but does not list it, so its time is unknown; try again")
    store.delete([key, *(info.key for info in probes if now - info.modified > _ABANDONED)])
    return now


def no_later_than_now(listed: Iterable[ObjectInfo]) -> datetime:
    """The newest LastModified of a listing: the store's time is that or later. No request."""
    return max((info.modified for info in listed), default=_BEGINNING)
