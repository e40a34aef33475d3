"""Reading many objects side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ..schema.errors import StoreError

_FEW: Final = 32  # Below this many, starting threads costs more than waiting for a local disk.
_THREADS: Final = 8


def get_each(get: Callable[[str], bytes], keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
    """What `get` returns for each key, or the `StoreError` that it raised; each key is asked once."""

    def attempt(key: str) -> bytes | Exception:
        try:
            return get(key)
        except StoreError as error:
            return error

    wanted = list(dict.fromkeys(keys))
    if len(wanted) < _FEW:
        return {key: attempt(key) for key in wanted}
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="lakeboard-read") as pool:
        return dict(zip(wanted, pool.map(attempt, wanted), strict=True))
