"""What all media have in common: made in the training's call, encoded in the background."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from ...schema.errors import InvalidValue
from ...schema.media.kinds import MediaKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Encoded:
    """An item as the lake holds it; `text` or `data` has its bytes."""

    kind: MediaKind
    media_type: str
    text: str | None = None
    data: bytes | None = None
    width: int | None = None
    height: int | None = None
    thumb: bytes | None = None
    layers: str | None = None
    """Boxes and masks of a picture, as JSON."""
    layer_count: int | None = None
    """How many of them there are."""
    notes: tuple[str, ...] = field(default=())
    """What was not kept as it was given, each a sentence that names the fix."""


class Held(Generic[T]):
    """What was taken from the training, or why it could not be: nothing is raised into somebody's loop."""

    __slots__ = ("_trouble", "_value")

    def __init__(self, take: Callable[[], T]) -> None:
        self._value: T | None = None
        self._trouble: str | None = None
        try:
            self._value = take()
        except InvalidValue as bad:
            self._trouble = str(bad)
        except Exception as error:  # noqa: BLE001 - foreign objects raise anything; the training goes on
            self._trouble = f"could not be read ({said(error)})"

    @property
    def broken(self) -> bool:
        """Whether nothing could be taken."""
        return self._trouble is not None

    def get(self) -> T:
        """What was taken.

        Raises:
            InvalidValue: why it could not be.
        """
        if self._trouble is not None:
            raise InvalidValue(self._trouble)
        return self._value  # type: ignore[return-value]


class Media(ABC):
    """One item. Making one never raises: what is wrong with it is told, once, when it is logged.

    Args:
        caption: shown below it, at most 1,000 characters.
    """

    kind: ClassVar[MediaKind]

    def __init__(self, caption: object = None) -> None:
        self.caption: str | None = None if caption is None else _text(caption)

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded."""

    @abstractmethod
    def encode(self) -> Encoded:
        """As the lake holds it; called once, in the background.

        Raises:
            InvalidValue: it can't be kept; says what is wrong and the fix.
        """

    def __repr__(self) -> str:
        return f"{type(self).__name__}(caption={self.caption!r})"


def said(error: BaseException) -> str:
    """A foreign error in a line."""
    try:
        text = " ".join(f"{type(error).__name__}: {error}".split())
    except Exception:  # noqa: BLE001 - an exception whose text raises is an exception all the same
        text = type(error).__name__
    return text[:200]


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - foreign code
        return f"({said(error)})"
