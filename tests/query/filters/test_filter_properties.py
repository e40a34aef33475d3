"""Whatever a filter may be: it survives its text, has a sentence, and its logic has three values."""

from __future__ import annotations

import math

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.filters.language import compile_filter, parse_filter, to_expr, to_sentence, to_text
from lakeboard.query.filters.operators import OPERATORS
from lakeboard.query.filters.syntax import And, Comparison, Filter, Name, Not, Or, Term, Value
from lakeboard.schema.errors import FilterError
from tests.effort import examples
from tests.query.filters.test_language import NAN, NOW, RUNS

_NAMES = [
    "lr",
    "depth",
    "model",
    "ema",
    "x y",
    "val/acc [c10]",
    "val/acc [c10].min",
    "in",
    "nan",
    "1x",
    "a`b",
    "é",
    "a]b",
]
_names = st.one_of(st.sampled_from(_NAMES), st.text(min_size=1, max_size=8))
_numbers = st.one_of(st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False))
_values = st.one_of(
    _numbers.map(lambda number: Value("number", repr(number))),
    st.text(max_size=8).map(lambda text: Value("string", text)),
    st.sampled_from(["resnet", "2026-11-01", "true", "nan", "inf", "a [b]"]).map(lambda word: Value("word", word)),
    _names.map(lambda name: Value("name", name)),
)


@st.composite
def _comparisons(draw: st.DrawFn) -> Term:
    operator = draw(st.sampled_from(list(OPERATORS.values())))
    match operator.takes:
        case "nothing":
            values: tuple[Value, ...] = ()
        case "many":
            values = tuple(draw(st.lists(st.one_of(_values, st.just(Value("null", "null"))), min_size=1, max_size=3)))
        case takes:
            values = tuple(draw(_values) for _ in range(2 if takes == "two" else 1))
    return Comparison(Name(draw(_names)), operator.key, values)


def _flat(kind: type[And] | type[Or]) -> object:
    def build(terms: list[Term]) -> Term:
        flat = [each for term in terms for each in (term.terms if isinstance(term, kind) else (term,))]
        return kind(tuple(flat))

    return build


_terms: st.SearchStrategy[Term] = st.recursive(
    _comparisons(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(_flat(And)),  # type: ignore[arg-type]
        st.lists(inner, min_size=2, max_size=3).map(_flat(Or)),  # type: ignore[arg-type]
    ),
    max_leaves=8,
)


@given(_terms)
@settings(deadline=None)
def test_any_filter_survives_its_text(term: Term) -> None:
    assert parse_filter(to_text(Filter(term))) == Filter(term)


@given(_terms)
@settings(deadline=None)
def test_any_filter_has_a_sentence(term: Term) -> None:
    assert to_sentence(Filter(term)).startswith("where ")


@given(st.text(alphabet=st.characters(), max_size=60))
@settings(max_examples=examples(300), deadline=None)
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    try:
        RUNS.filter(compile_filter(text, RUNS.schema, now=NOW))
    except FilterError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017


# --- against plain Python, in three-valued logic --------------------------------------------------------------

_logic: st.SearchStrategy[Term] = st.recursive(
    st.builds(
        lambda name, operator, number: Comparison(Name(name), operator, (Value("number", str(number)),)),
        st.sampled_from(["lr", "depth"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.integers(0, 3),
    ),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: And(tuple(terms))),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: Or(tuple(terms))),
    ),
    max_leaves=6,
)
_cells = st.one_of(st.none(), st.just(NAN), st.integers(0, 3).map(float))


def _truth(term: Term, row: dict[str, float | None]) -> bool | None:
    match term:
        case Not(inner):
            truth = _truth(inner, row)
            return None if truth is None else not truth
        case And(terms):
            truths = [_truth(each, row) for each in terms]
            return False if False in truths else None if None in truths else True
        case Or(terms):
            truths = [_truth(each, row) for each in terms]
            return True if True in truths else None if None in truths else False
        case Comparison(name, operator, (value, *_)):
            held, number = row[name.text], float(value.text)
            if held is None or (math.isnan(held) and operator not in ("=", "!=")):
                return None
            return {
                "=": held == number, "!=": held != number, "<": held < number, "<=": held <= number,
                ">": held > number, ">=": held >= number,
            }[operator]  # fmt: skip
    raise AssertionError(term)


@given(_logic, st.lists(st.tuples(_cells, _cells), min_size=1, max_size=6))
@settings(deadline=None)
def test_logic_is_three_valued(term: Term, cells: list[tuple[float | None, float | None]]) -> None:
    frame = pl.DataFrame(cells, schema={"params.lr": pl.Float64, "depth": pl.Float64}, orient="row")
    found = frame.select(to_expr(Filter(term), frame.schema)).to_series().to_list()
    assert found == [_truth(term, {"lr": lr, "depth": depth}) is True for lr, depth in cells]
