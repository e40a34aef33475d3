"""The protocol holds within the models' bounds, and the models catch every planted fault."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from tests.effort import EXHAUSTIVE
from tests.protocol.checker import Result, explore
from tests.protocol.questions import Question, questions

ALL = list(questions())


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    """A search makes millions of tuples and no circles: looking for these is a fifth of its time."""
    gc.disable()
    yield
    gc.enable()


def _cases(*, holds: bool, quick: bool) -> list[Any]:
    chosen = [q for q in ALL if (q.answer == "ok") == holds and q.quick == quick and (EXHAUSTIVE or not q.long)]
    return [pytest.param(q, id=q.name.replace(" ", "-").replace("/", "")) for q in chosen]


def _holds(question: Question) -> None:
    result: Result[Any] = explore(question.model)
    assert result.verdict == "ok", f"{result.kind or 'state limit reached'}\n{result.story()}"
    assert [verb for verb in question.must_happen if not result.fired[verb]] == []


def _is_caught(question: Question) -> None:
    result: Result[Any] = explore(question.model, limit=300_000)
    assert (result.verdict, result.kind) == ("violation", question.answer), result.story()
    assert len(result.trace) == result.depth > 0


@pytest.mark.parametrize("question", _cases(holds=True, quick=True))
def test_a_tiny_protocol_holds(question: Question) -> None:
    _holds(question)


@pytest.mark.parametrize("question", _cases(holds=False, quick=True))
def test_a_planted_fault_is_caught_quickly(question: Question) -> None:
    _is_caught(question)


@pytest.mark.slow
@pytest.mark.parametrize("question", _cases(holds=True, quick=False))
def test_the_protocol_holds(question: Question) -> None:
    _holds(question)


@pytest.mark.slow
@pytest.mark.parametrize("question", _cases(holds=False, quick=False))
def test_a_planted_fault_is_caught(question: Question) -> None:
    _is_caught(question)


def test_names_tell_the_questions_apart() -> None:
    assert len({q.name for q in ALL}) == len(ALL)


def test_every_question_that_must_hold_says_what_must_happen() -> None:
    assert [q.name for q in ALL if q.answer == "ok" and not q.must_happen] == []
