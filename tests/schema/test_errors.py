"""One base catches all; leaves are also what callers expect; the drawn tree is the real one."""

from __future__ import annotations

import inspect
import re

import pytest

import lakeboard
from lakeboard.schema import errors

_ALL = {n: c for n, c in vars(errors).items() if inspect.isclass(c) and issubclass(c, Exception)}


def test_the_drawn_tree_is_the_real_one() -> None:
    drawn = set(re.findall(r"^[\s│├└─]*([A-Z]\w+) +\(?", errors.__doc__ or "", re.MULTILINE))
    assert set(_ALL) <= drawn
    for name, builtin in re.findall(r"─ (\w+) +\((\w+)\)", errors.__doc__ or ""):
        assert issubclass(_ALL[name], getattr(__builtins__, builtin, None) or eval(builtin))


@pytest.mark.parametrize("name", sorted(_ALL))
def test_every_error_has_the_base_and_is_public(name: str) -> None:
    assert issubclass(_ALL[name], errors.LakeboardError)
    assert getattr(lakeboard, name) is _ALL[name]
    assert name in lakeboard.__all__


def test_errors_carry_what_a_caller_needs() -> None:
    error = errors.FilterError("x", position=3, suggestions=("lr",))
    assert (str(error), error.position, error.suggestions) == ("x", 3, ("lr",))
    assert errors.DamagedObject("y", key="a/b").key == "a/b"
