"""A start, a flush or an end under way: its requests one after the other, each carried out by another thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ...schema.run.row import RunRow
from ..steps import Steps

Kind: TypeAlias = Literal["start", "flush", "end"]
Carry: TypeAlias = Callable[[Callable[[], None]], None]
"""Has a job done, which raises nothing and says itself when it is done."""


@dataclass(slots=True, eq=False)
class _Answer:
    """What becomes of a request."""

    there: bool = False
    error: BaseException | None = None
    unwanted: bool = False
    """It was given up before it was begun, or while it hung."""


class Flow:
    """Used by one thread. `advance` asks for the next request as long as the one before is answered.

    Args:
        kind: what it is.
        steps: the writer's requests.
        row: what the run's row said when it began.
        news: whether there was anything new then.
        carry: has a request carried out elsewhere.
        answered: called on that other thread, once for each request.
    """

    def __init__(
        self, kind: Kind, steps: Steps, *, row: RunRow, news: bool, carry: Carry, answered: Callable[[], None]
    ) -> None:
        self.kind = kind
        self.row = row
        self.news = news
        self.over = False
        """Whether no request is left."""
        self.failure: Exception | None = None
        """What ended it before its time."""
        self._steps = steps
        self._carry = carry
        self._answered = answered
        self._answer: _Answer | None = None

    @property
    def waits(self) -> bool:
        """Whether a request has no answer yet."""
        return self._answer is not None and not self._answer.there

    def advance(self) -> None:
        """Hear the answer, and ask for the next request. Encodes one object at most.

        Raises:
            BaseException: what is no `Exception` of a request (nobody asked a background thread to exit).
        """
        if self.over or self.waits:
            return
        error = self._answer.error if self._answer is not None else None
        self._answer = None
        if error is not None and not isinstance(error, Exception):
            raise error
        self._ask(error)

    def give_up(self, error: Exception) -> None:
        """Let the requests that are left fail with `error`; one that hangs is not waited for."""
        while not self.over:
            if self._answer is not None:
                self._answer.unwanted = True
                self._answer = None
            self._ask(error)

    def _ask(self, error: Exception | None) -> None:
        try:
            request = next(self._steps) if error is None else self._steps.throw(error)
        except StopIteration:
            self.over = True
            return
        except Exception as failure:  # noqa: BLE001 - whoever runs the flow decides what comes of it
            self.over, self.failure = True, failure
            return
        answer = self._answer = _Answer()

        def job() -> None:
            if not answer.unwanted:
                try:
                    request()
                except BaseException as raised:  # noqa: BLE001 - raised again where the request came from
                    answer.error = raised
            answer.there = True
            self._answered()

        self._carry(job)
