"""A writer's sealed files: which there are, and which of their rows are really there."""

from __future__ import annotations

from collections.abc import Mapping

from ..schema.cover import Part, cover
from ..schema.errors import MissingObject
from ..schema.keys import PointsKey, parse_key, run_prefix
from ..schema.problems import Problem, problem_of
from ..store.base import Store
from .checks import check_points
from .tails import Who


def sealed_keys(store: Store, project: str, who: Who) -> dict[PointsKey, int]:
    """A writer's sealed files and their sizes, as listed. One LIST."""
    out = {}
    for info in store.list(run_prefix(project, who[0])):
        key = parse_key(info.key)
        if isinstance(key, PointsKey) and key.writer == who[1]:
            out[key] = info.size
    return out


class Intact:
    """Answers whether rows can be read out of sealed files; reads each file at most once, when it is asked for."""

    def __init__(self, store: Store, sealed: Mapping[PointsKey, int]) -> None:
        self._store = store
        self._parts = {Part(k.lo, k.hi, True, k.path): k for k in sealed}
        self._whole: dict[str, bool] = {}
        self.problems: list[Problem] = []
        """What could not be read."""

    def holds(self, lo: int, hi: int) -> bool:
        """Whether files that were read and found whole have every row `lo <= seq < hi`."""
        while lo < hi:
            usable = [p for p in self._parts if self._whole.get(p.name, True)]
            # Counted from `lo`, the rule for all rows is the rule for these.
            moved = cover(Part(max(p.lo - lo, 0), p.hi - lo, True, p.name) for p in usable if p.hi > lo)
            needed = [t.part.name for t in moved.takes if lo + t.first_seq < hi]
            if moved.complete_to < hi - lo:
                return False
            if all(self._is_whole(name) for name in needed):
                return True
        return True

    def _is_whole(self, path: str) -> bool:
        if path not in self._whole:
            self._whole[path] = self._read(path)
        return self._whole[path]

    def _read(self, path: str) -> bool:
        key = parse_key(path)
        assert isinstance(key, PointsKey)
        data = self._store.get_many([path])[path]
        if isinstance(data, Exception):
            if not isinstance(data, MissingObject):
                self.problems.append(problem_of(path, data))
            return False
        _, problems = check_points(key, data)
        self.problems += problems
        return not problems
