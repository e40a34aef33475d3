"""`run.config` and `run.summary`: dict-like views that tell the run of every change. Neither ever ends a training."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from ...schema.errors import InvalidValue
from ...schema.names import without_label
from ...schema.plain.contents import array_plain, array_size, fields_of, is_array
from ...schema.plain.walk import free_name, safe_text, walk
from ...schema.run.summary import Summary
from ...schema.values import brief, flatten_metrics, metric_value

Warn = Callable[[str], object]


def _warn_nobody(said: str) -> None:
    """The default where nobody listens."""


class Config(MutableMapping[str, Any]):
    """A run's params. `run.config["lr"]`, `run.config.lr` and `run.config.update(...)` work; nested dicts flatten.

    Values read back as they were given. A nested dict changed in place is not noticed: assign it again. Copies, and
    what a pickle of it gives, are plain dicts.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        *,
        changed: Callable[[Mapping[str, Any]], None],
        warn: Warn = _warn_nobody,
    ) -> None:
        object.__setattr__(self, "_values", dict(values))
        object.__setattr__(self, "_changed", changed)
        object.__setattr__(self, "_warn", warn)

    _values: dict[str, Any]
    _changed: Callable[[Mapping[str, Any]], None]
    _warn: Warn

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name if isinstance(name, str) else safe_text(name)] = value
        self._changed({name: value})

    def __delitem__(self, name: str) -> None:
        raise InvalidValue(f"config {name!r} can't be taken back once it was logged; set it to None instead")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def update(self, values: Any = (), /, allow_val_change: object = None, **more: Any) -> None:
        """Set params: from whatever `init(config=)` takes, from pairs, from keywords.

        What is none of these is told on the console and passed over.

        Args:
            values: a dict, dataclass, Namespace, OmegaConf, pydantic model …
            allow_val_change: for scripts written for Weights & Biases; here values may always change.
            **more: params by name.
        """
        found = {**_given(values, "config", self._warn), **more}
        self._values.update(found)
        if found:
            self._changed(found)

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__.get("_values", {})
        try:
            return values[name]
        except KeyError:
            raise AttributeError(f"config has no {name!r}; it has {', '.join(values) or 'nothing yet'}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __copy__(self) -> dict[str, Any]:
        return dict(self._values)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {name: _own(value, lambda each: copy.deepcopy(each, memo)) for name, value in self._values.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        """A plain dict; what can't be pickled is in it as its plain values."""
        return dict, ({name: _own(value, _sendable) for name, value in self._values.items()},)

    def __repr__(self) -> str:
        return f"Config({self._values!r})"


class SummaryView(MutableMapping[str, Any]):
    """`run.summary["params"] = 1_200_000` logs a last point; text, booleans and lists are kept beside the metrics.

    Reading gives the last values as of the last flush, and what was set here since.
    """

    def __init__(
        self,
        *,
        log: Callable[[dict[str, Any]], None],
        known: Callable[[], Mapping[str, Summary]],
        keep: Callable[[str, object], None] = lambda name, value: None,
        warn: Warn = _warn_nobody,
    ) -> None:
        self._log = log
        self._known = known
        self._keep = keep
        self._warn = warn
        self._set: dict[str, tuple[float, int]] = {}
        self._results: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self._results:
            return self._results[name]
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
        name = name if isinstance(name, str) else safe_text(name)
        try:
            leaves = flatten_metrics({name: value}, warn=self._warn)
        except Exception:  # noqa: BLE001 - an object that can't be looked into; the walk says why
            leaves = {name: value}
        for leaf, each in leaves.items():
            number = _number(leaf, each)
            if number is None:
                self._keep(leaf, each)
                self._results[leaf] = each
                continue
            self._log({leaf: number})
            self._results.pop(leaf, None)
            leaf = without_label(leaf)
            known = self._known().get(leaf)
            self._set[leaf] = (number, known.n if known else 0)

    def update(self, values: Any = (), /, **more: Any) -> None:
        """Set several: from a dict or what else has fields, from pairs, from keywords."""
        for name, value in {**_given(values, "summary", self._warn), **more}.items():
            self[name] = value

    def __delitem__(self, name: str) -> None:
        raise InvalidValue(f"summary {name!r} can't be taken back once it was logged")

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._known()), **dict.fromkeys(self._set), **dict.fromkeys(self._results)})

    def __len__(self) -> int:
        return len({*self._known(), *self._set, *self._results})

    def __repr__(self) -> str:
        return f"SummaryView({dict(self)!r})"


def config_items(config: object, *, warn: Warn, what: str = "config") -> dict[str, Any] | None:
    """What a config holds by name, each value as it is; None where it is nothing that has fields.

    A value that can't be read costs itself: it is told, and a text stands in its place.
    """
    if config is None:
        return {}
    out: dict[str, Any] = {}
    try:
        fields = fields_of(config, whole=True)
        names = [] if fields is None else list(fields.names)
    except Exception as error:  # noqa: BLE001 - foreign code
        warn(f"{what} could not be read ({type(error).__name__}: {safe_text(error)[:200]})")
        return {"_": f"<{type(config).__name__} could not be read: {type(error).__name__}: {safe_text(error)[:200]}>"}
    if fields is None:
        return None
    for given in names:
        name = text = given if type(given) is str else safe_text(given)
        if name in out:
            name = free_name(name, out)
            warn(f"{what} {text!r} is there twice; the other one is kept as {name!r}")
        try:
            out[name] = fields.read(given)
        except Exception as error:  # noqa: BLE001 - a property, a reference that leads nowhere
            said = f"{type(error).__name__}: {safe_text(error)[:200]}"
            warn(f"{what} {name!r} could not be read ({said})")
            out[name] = f"<{type(config).__name__} could not be read: {said}>"
    return out


def _given(values: object, what: str, warn: Warn) -> dict[str, Any]:
    found = None
    if isinstance(values, Iterable) and not isinstance(values, Mapping) and fields_of(values) is None:
        try:
            found = dict(values)
        except Exception:  # noqa: BLE001 - no pairs
            warn(f"{what}.update() takes a dict, or an object with fields, got {brief(values)}; nothing of it is kept")
            return {}
    else:
        found = config_items(values, warn=warn, what=what)
    if found is None:
        warn(f"{what}.update() takes a dict, or an object with fields, got {brief(values)}; nothing of it is kept")
    return found or {}


def _number(name: str, value: Any) -> float | None:
    """The number that `value` is; None for text, booleans, lists and whatever else is none."""
    try:
        if isinstance(value, bool) or (is_array(value) and array_size(value) == 1 and _is_bool(array_plain(value))):
            return None
        return metric_value(name, value)
    except Exception:  # noqa: BLE001 - a value's own __float__ may raise anything
        return None


def _is_bool(value: object) -> bool:
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return isinstance(value, bool)


def _own(value: Any, made: Callable[[Any], Any]) -> Any:
    try:
        return made(value)
    except Exception:  # noqa: BLE001 - locks, open files, lambdas: what they hold, then
        return walk(value)


def _sendable(value: Any) -> Any:
    pickle.dumps(value)
    return value
