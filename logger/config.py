"""`run.config` and `run.summary`: dict-like views that tell the run of every change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from ..schema.errors import InvalidValue
from ..schema.names import without_label
from ..schema.summary import Summary
from ..schema.values import metric_value


class Config(MutableMapping[str, Any]):
    """A run's params. `run.config["lr"]`, `run.config.lr` and `run.config.update(...)` work; nested dicts flatten.

    Values read back as they were given. A nested dict changed in place is not noticed: assign it again.
    """

    def __init__(self, values: Mapping[str, Any], *, changed: Callable[[Mapping[str, Any]], None]) -> None:
        object.__setattr__(self, "_values", dict(values))
        object.__setattr__(self, "_changed", changed)

    _values: dict[str, Any]
    _changed: Callable[[Mapping[str, Any]], None]

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value
        self._changed({name: value})

    def __delitem__(self, name: str) -> None:
        raise InvalidValue(f"config {name!r} can't be taken back once it was logged; set it to None instead")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"config has no {name!r}; it has {', '.join(self._values) or 'nothing yet'}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return f"Config({self._values!r})"


class SummaryView(MutableMapping[str, float]):
    """`run.summary["params"] = 1_200_000` logs a last point; text belongs in `run.config`.

    Reading gives the last values as of the last flush, and what was set here since.
    """

    def __init__(self, *, log: Callable[[dict[str, Any]], None], known: Callable[[], Mapping[str, Summary]]) -> None:
        self._log = log
        self._known = known
        self._set: dict[str, tuple[float, int]] = {}

    def __getitem__(self, name: str) -> float:
        if name not in self._known():
            name = without_label(name)
        known = self._known().get(name)
        value, points = self._set.get(name, (None, 0))
        if known is not None and known.n > points and known.last is not None:
            return known.last
        if value is None:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self._log({name: value})
        try:
            number = metric_value(name, value)
        except InvalidValue:
            # log() has told the person already.
            return
        name = without_label(name)
        known = self._known().get(name)
        self._set[name] = (number, known.n if known else 0)

    def __delitem__(self, name: str) -> None:
        raise InvalidValue(f"summary {name!r} can't be taken back once it was logged")

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._known()), **dict.fromkeys(self._set)})

    def __len__(self) -> int:
        return len({*self._known(), *self._set})

    def __repr__(self) -> str:
        return f"SummaryView({dict(self)!r})"
