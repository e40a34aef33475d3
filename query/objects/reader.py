"""Reading whole objects and footers of a lake, with what was read of live tails at hand.

Whatever is read whole is compared with its checksum, and its footer with the limits on what is decoded, before anybody
decodes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...schema.checksum import verify
from ...schema.decoding import check_decodable
from ...schema.errors import DamagedObject, StoreError
from ...schema.parquet import FOOTER_GUESS_BYTES, footer_length
from ...schema.problems import Problem, problem_of
from ...store.base import Store
from ...store.intact import IntactFiles
from .derived import DerivedFiles
from .lru import CachePart

WHOLE_BYTES: Final = 131_072
"""Tails up to this size are read whole: the points come with the footer, and one request serves both."""
_THREADS: Final = 16


@dataclass(frozen=True, slots=True)
class _Held:
    data: bytes
    checked: bool


class HeldObjects:
    """Bytes of immutable objects at hand, as long as there is room; safe to share between threads.

    Args:
        part: where they are kept.
        folder: where what is worked out from them is kept for the next process, if anywhere.
    """

    def __init__(self, part: CachePart, folder: Path | None = None) -> None:
        self._part = part
        self.derived = DerivedFiles(folder)
        self.files = IntactFiles()

    def get(self, key: str) -> bytes | None:
        """The object's bytes, where they are held."""
        held = self._part.get(key)
        return held.data if isinstance(held, _Held) else None

    def put(self, key: str, data: bytes, *, checked: bool = True) -> None:
        """Hold them; `checked` where they are known to be what was written."""
        known = self._part.get(key)
        # What was checked once is what was written, for ever.
        checked = checked or (isinstance(known, _Held) and known.checked and known.data == data)
        self._part.put(key, _Held(data, checked), len(data))

    def discard(self, keys: Iterable[str]) -> None:
        """Let go of objects that are gone."""
        for key in keys:
            self._part.discard(key)

    def is_checked(self, key: str) -> bool:
        """Whether what is held was compared with its checksum."""
        held = self._part.get(key)
        return isinstance(held, _Held) and held.checked


class Objects:
    """Objects of one store. Nothing raises over a single object: it becomes a `Problem`."""

    def __init__(self, store: Store, memory: HeldObjects) -> None:
        self.store = store
        self.derived = memory.derived
        """What was worked out before, on this machine."""
        self._memory = memory

    def whole(self, keys: Sequence[str]) -> Mapping[str, bytes | Problem]:
        """All bytes of each object, as they were written. One GET for each that is not held, one more if damaged."""
        found, bad = self._read(keys)
        return {**found, **bad}

    def tails(self, keys: Sequence[str]) -> Mapping[str, bytes | Problem]:
        """Like `whole`, and held afterwards."""
        found = self.whole(keys)
        for key, data in found.items():
            if isinstance(data, bytes):
                self._memory.put(key, data, checked=True)
        return found

    def damaged(self, files: Mapping[str, str]) -> dict[str, Problem]:
        """Of files on this machine (key: path) that an engine is about to read by itself: those that changed."""
        return {key: problem_of(key, error) for key, error in self._memory.files.damaged(files).items()}

    def _read(self, keys: Sequence[str]) -> tuple[dict[str, bytes | Problem], dict[str, Problem]]:
        """The bytes of each object, and which of them are not those that were written."""
        found: dict[str, bytes | Problem] = {}
        for key in keys:
            held = self._memory.get(key)
            if held is not None:
                found[key] = held
        fresh = self.store.get_many([key for key in keys if key not in found])
        found |= {key: problem_of(key, a) if isinstance(a, Exception) else a for key, a in fresh.items()}
        bad = self._damage(found)
        # What broke on its way here is whole at the second try.
        again = self.store.get_many(list(bad)) if bad else {}
        found |= {key: answer for key, answer in again.items() if isinstance(answer, bytes)}
        return found, self._damage({key: found[key] for key in bad})

    def _damage(self, found: Mapping[str, bytes | Problem]) -> dict[str, Problem]:
        out = {}
        for key, data in found.items():
            if isinstance(data, bytes) and not self._memory.is_checked(key):
                try:
                    verify(data, key=key)
                    check_decodable(data, key=key, without=("env",))
                except DamagedObject as error:
                    out[key] = problem_of(key, error)
        return out

    def footers(self, wanted: Sequence[tuple[str, int]]) -> list[bytes | Problem]:
        """The end of each object, at least its Parquet footer, given (key, size).

        One GET each, several at a time; small ones are read whole and held; a second GET where a footer is longer
        than the first read.
        """
        small, bad = self._read([key for key, size in wanted if size <= WHOLE_BYTES])
        for key, data in small.items():
            if isinstance(data, bytes):
                # A footer has a checksum of its own: it is told also where the points beside it are damaged.
                self._memory.put(key, data, checked=key not in bad)
        large = [key for key, size in wanted if size > WHOLE_BYTES]
        ends: dict[str, bytes | Problem] = dict(small)
        if len(large) > 1:
            with ThreadPoolExecutor(_THREADS, thread_name_prefix="lakeboard-footer") as pool:
                ends |= dict(zip(large, pool.map(self._footer, large), strict=True))
        elif large:
            ends[large[0]] = self._footer(large[0])
        return [ends[key] for key, _ in wanted]

    def _footer(self, key: str) -> bytes | Problem:
        try:
            tail = self.store.get_tail(key, FOOTER_GUESS_BYTES)
            length = footer_length(tail, key=key)
            if length > len(tail):
                tail = self.store.get_tail(key, length)
        except (StoreError, DamagedObject) as error:
            return problem_of(key, error)
        return tail
