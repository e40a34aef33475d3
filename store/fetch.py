"""Reading many objects, side by side where waiting dominates."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ..schema.errors import StoreError

_PROBES: Final = 3
_SLOW_SECONDS: Final = 0.001  # Reading a cached local file takes a twentieth of this, and threads only slow it down.
_THREADS: Final = 16


def get_each(get: Callable[[str], bytes], keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
    """What `get` returns for each key, or the `StoreError` that it raised; each key is asked once.

    Goes one by one while that is quick, as it is on a local disk, and by 16 threads where the first few show
    that each answer takes its time, as on network file systems and object stores.
    """

    def attempt(key: str) -> bytes | Exception:
        try:
            return get(key)
        except StoreError as error:
            return error

    wanted = list(dict.fromkeys(keys))
    first, rest = wanted[:_PROBES], wanted[_PROBES:]
    begun = time.perf_counter()
    found = {key: attempt(key) for key in first}
    is_slow = time.perf_counter() - begun > _SLOW_SECONDS * len(first)
    if not is_slow or len(rest) < 2:
        return found | {key: attempt(key) for key in rest}
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(_THREADS, len(rest)), thread_name_prefix="lakeboard-read") as pool:
        return found | dict(zip(rest, pool.map(attempt, rest), strict=True))
