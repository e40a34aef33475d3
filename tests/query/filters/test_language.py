from __future__ import annotations

import math
import sys
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from lakeboard.query.filters.language import compile_filter, error_marker, parse_filter, to_expr, to_sentence, to_text
from lakeboard.query.filters.operators import OPERATORS, operators_for
from lakeboard.query.filters.syntax import Filter, Or
from lakeboard.query.names.columns import find_column, short_name
from lakeboard.schema.errors import FilterError

NAN = math.nan
NOW = datetime(2026, 11, 4, 13, tzinfo=UTC)
RUNS = pl.DataFrame(
    {
        "run_id": ["a", "b", "c", "d"],
        "status": ["running", "finished", "failed", "finished"],
        "user": ["ann", "bob", None, "ann"],
        "tags": [["x"], ["x", "y"], [], None],
        "created_at": [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 2, 3, 4)],
        "duration": [1.0, 2.0, 3.0, None],
        "params.lr": [1e-3, 1e-4, None, NAN],
        "params.depth": [1, 2, 3, 4],
        "params.model": ["resnet", "vit", None, "in"],
        "params.ema": [True, False, None, True],
        "params.empty": [None] * 4,
        "params.odd `name`": [1, 2, 3, 4],
        "params.duration": [10, 20, 30, 40],
        "params.big": [2**53, 2**53 + 1, 2**62, -(2**62)],
        "params.file": ["C:\\new", "a%b", 'say "hi"', "line\nbreak"],
        "val/acc [c10]": [0.9, 0.8, NAN, None],
        "val/acc [c10].min": [0.9, 0.1, NAN, None],
        "val/acc [c10].max": [0.9, 0.8, NAN, None],
        "val/acc [c10].mean": [0.9, 0.5, NAN, None],
        "loss": [0.1, 0.2, math.inf, -math.inf],
        "loss.min": [0.1, 0.1, 0.1, -math.inf],
        "loss.max": [0.1, 0.2, math.inf, 0.4],
        "loss.mean": [0.1, 0.2, 0.3, 0.4],
    },
    schema_overrides={
        "created_at": pl.Datetime("ms", "UTC"),
        "tags": pl.List(pl.String),
        "params.empty": pl.Null,
    },
)

MATCHES = [
    ("", "abcd"),
    ("  \n", "abcd"),
    # order, and what has none
    ("lr < 0.01", "ab"),
    ("not lr < 0.01", ""),
    ("lr >= 1e-3", "a"),
    ("lr > -inf", "ab"),
    ("loss < inf", "abd"),
    ("loss = inf", "c"),
    ("loss = -inf", "d"),
    ("loss = +inf", "c"),
    ("lr = nan", "d"),
    ("lr != nan", "ab"),
    ("lr != 0.5", "abd"),
    ("lr is not 0.5", "abd"),
    ("lr in (0.001, NaN)", "ad"),
    ("depth = 2.0", "b"),
    ("depth < 2.5", "ab"),
    ("depth <> 2", "acd"),
    ("depth ≥ 3", "cd"),
    ("depth > 1_0", ""),
    ("depth > 99999999999999999999", ""),
    ("depth > -99999999999999999999", "abcd"),
    ("big = 9007199254740993", "b"),
    ("big != 9007199254740992", "bcd"),
    ("depth = nan", ""),
    ("1 < depth <= 3", "bc"),
    ("3 >= depth", "abc"),
    ("depth between 2 and 3", "bc"),
    ("depth not between 2 and 3", "ad"),
    ("lr between 0 and 1", "ab"),
    ("not lr between 0 and 1", ""),
    # lists
    ("depth in (1, 4)", "ad"),
    ("depth not in [1, 4]", "bc"),
    ("depth in (1)", "a"),
    ("model in (resnet, null)", "ac"),
    ("model not in (resnet, null)", "bd"),
    ("model not in (resnet)", "bd"),
    ("lr in (null)", "c"),
    ("status in ('running', finished)", "abd"),
    # text
    ("model = resnet", "a"),
    ('model == "resnet"', "a"),
    ("model is resnet", "a"),
    ("model != resnet", "bd"),
    ("not model = resnet", "bd"),
    ("model < s", "ad"),
    ("model = 'in'", "d"),
    ("model contains ES", "a"),
    ("model not contains es", "bd"),
    ("model like 'R%T'", "a"),
    ("model like 'v_t'", "b"),
    ("model like 'v'", ""),
    ("model not like 'v%'", "ad"),
    ("model matches '^v.t$'", "b"),
    ("model not matches 'i'", "a"),
    (r"file = 'C:\new'", "a"),
    (r"file = 'C:\\new'", "a"),
    (r"file like 'a\%b'", "b"),
    (r"file contains 'y \"H'", "c"),
    ("file like 'line%break'", "d"),
    # missing
    ("model is null", "c"),
    ("model = null", "c"),
    ("model is not null", "abd"),
    ("model != NULL", "abd"),
    ("lr is null", "c"),
    ("empty is null", "abcd"),
    ("empty > 3 or depth = 2", "b"),
    ("not empty = 3", ""),
    ("empty in (1, 2)", ""),
    # bools
    ("ema", "ad"),
    ("ema = true", "ad"),
    ("ema = FALSE", "b"),
    ("ema != true", "b"),
    ("not ema", "b"),
    ("!ema && depth < 3", "b"),
    ("ema in (true, null)", "acd"),
    # tags: a run without any is known to have none
    ("tags contains x", "ab"),
    ("not tags contains x", "cd"),
    ("tags not contains 'y'", "acd"),
    ("'y' in tags", "b"),
    ("tags in (y, z)", "b"),
    ("tags not in (y, z)", "acd"),
    ("tags is null", "cd"),
    ("tags in (y, null)", "bcd"),
    # times name a whole span
    ("created_at > 2026-11-02", "cd"),
    ("created_at >= 2026-11-02", "bcd"),
    ("created_at = 2026-11-02", "b"),
    ("created_at != '2026-11-02'", "acd"),
    ("created_at <= '2026-11-02'", "ab"),
    ("created_at < 2026-11", ""),
    ("created_at = 2026", "abcd"),
    ("created_at = '2026-11-02 12:00'", "b"),
    ("created_at = 2026-11-02T12:00:00.000Z", "b"),
    ("created_at = '2026-11-02 13:00+01:00'", "b"),
    ("created_at > '2 days ago'", "cd"),
    ("created_at in (today, yesterday)", "cd"),
    ("created_at between 2026-11-02 and 2026-11-03", "bc"),
    ("created_at < now", "abcd"),
    # names
    ("run.status = running", "a"),
    ("params.depth = 1", "a"),
    ("duration > 25", "cd"),
    ("run.duration > 2", "c"),
    ("metrics.loss < 0.15", "ad"),
    ("val/acc [c10] > .85", "a"),
    ("val/acc[c10] > .85", "a"),
    ("val/acc [ c10 ].max >= .8", "ab"),
    ("`val/acc [c10].min` < .5", "b"),
    ("`val/acc [c10]`.min < .5", "b"),
    ("`odd ``name``` = 2", "b"),
    ("params.`odd ``name``` = 2", "b"),
    ("loss > loss.min", "bc"),
    ("loss < depth", "abd"),
    ("`model` != `status`", "abd"),
    # logic
    ("depth = 1 or depth = 2 and lr > 1", "a"),
    ("(depth = 1 or depth = 2) and lr < 1e-3", "b"),
    ("not (lr > 1 or model is null)", "ab"),
    ("NOT ema OR depth=1 AND lr>0", "ab"),
    ("lr > 1 || depth = 4", "d"),
]

ERRORS = [
    ("foo > 1", 0, "'foo'"),
    ("modle = 1", 0, "did you mean model?"),
    ("depth = 1 and Depth = 2", 14, "did you mean depth?"),
    ("params.dept = 2", 0, "depth"),
    ("lr = '0.1'", 5, "without quotes"),
    ("lr = 'x'", 5, "no number equals it"),
    ("status = 3", 9, 'write "3"'),
    ("status in (a, 3)", 14, 'write "3"'),
    ("lr", 2, "compare it with something"),
    ("tags", 4, "contains"),
    ("lr >", 4, "the filter ends here"),
    ("(lr > 1", 7, "`)`"),
    ("lr > 1)", 6, "')'"),
    ("lr > 1 lr", 7, "expected `and`"),
    ("depth - 1 > 2", 6, "no arithmetic"),
    ("depth * 2 > 1", 6, "no arithmetic"),
    ("depth > 3/4", 8, "no arithmetic"),
    ("tags = x", 5, 'tags contains "x"'),
    ("tags != x", 5, 'tags not contains "x"'),
    ("tags > x", 5, "what does"),
    ("ema > true", 4, "does not apply"),
    ("ema = 1", 6, "true or false"),
    ("depth = true", 8, "'true' is not"),
    ("lr like '1%'", 3, "does not apply"),
    ("lr < nan", 5, "no order"),
    ("lr < null", 5, "is null"),
    ("lr between 1 and null", 17, "is null"),
    ("lr between 1", 12, "`and`"),
    ("lr in ()", 7, "expected a value"),
    ("lr in (1", 8, "`)`"),
    ("lr in [1)", 8, "`]`"),
    ("lr in 1", 6, "a list such as"),
    ("lr in = 5", 6, "a list such as"),
    ("lr not 1", 7, "after `not`"),
    ("model = like", 8, '"like"'),
    ("created_at > foo", 13, "2 days ago"),
    ("created_at > 2026-02-31", 13, "is not"),
    ("created_at > '99999999999 years ago'", 13, "is not"),
    ("created_at > '999999999 years ago'", 13, "is not"),
    ("model matches '('", 14, "unclosed group"),
    ("model matches '(?=x)'", 14, "look-around"),
    ("model matches '(a{20}){20}'", 14, "multiply"),
    ("model matches '(\\w\\W\\w){199}'", 14, "too large"),
    (f"model like '{'x' * 201}'", 11, "201 characters"),
    ("model = 'x", 8, "never closed"),
    ("`lr > 1", 0, "never closed"),
    ("`` > 1", 0, "nothing is inside"),
    ("lr > 1; drop", 6, "join parts"),
    ("loss > status", 7, "one kind"),
    ("loss > modle", 7, "'modle'"),
    ("model = `ema`", 8, "one kind"),
    ("1 = 1", 4, "expected the name"),
    ("1 lr", 2, "stands first"),
    ("not", 3, "expected the name"),
    ("tags contains null", 14, "is null"),
    ("tags contains `model`", 14, "not a column"),
    ("x" * 4_001, 4_000, "4,001 characters"),
    ("(" * 60, 50, "50 levels"),
    ("not " * 60, 200, "50 levels"),
    (" or ".join(["ema"] * 501), 3_500, "500 comparisons"),
    (" or ".join(["model like x"] * 11), 166, "more than 10"),
]


def asked(text: str, frame: pl.DataFrame = RUNS) -> str:
    return "".join(frame.filter(compile_filter(text, frame.schema, now=NOW))["run_id"])


@pytest.mark.parametrize(("text", "expected"), MATCHES, ids=repr)
def test_matches(text: str, expected: str) -> None:
    assert asked(text) == expected
    assert asked(to_text(parse_filter(text))) == expected


@pytest.mark.parametrize(("text", "expected"), MATCHES, ids=repr)
def test_canonical_text_reads_back_as_the_same_filter(text: str, expected: str) -> None:
    parsed = parse_filter(text)
    assert parse_filter(to_text(parsed)) == parsed
    assert to_text(parse_filter(to_text(parsed))) == to_text(parsed)


@pytest.mark.parametrize(("text", "position", "message"), ERRORS, ids=lambda value: repr(value)[:60])
def test_errors_name_the_place_and_the_fix(text: str, position: int, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text, RUNS.schema, now=NOW)
    assert message in str(caught.value)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("sign", "true"),
    [("=", "bc"), ("!=", "ad"), ("<", "a"), ("<=", "abc"), (">", "d"), (">=", "bcd")],
)
def test_a_day_begins_at_its_midnight_and_ends_before_the_next(sign: str, true: str) -> None:
    day, moment = datetime(2026, 11, 2, tzinfo=UTC), timedelta(milliseconds=1)
    times = [day - moment, day, day + timedelta(days=1) - moment, day + timedelta(days=1)]
    runs = pl.DataFrame({"run_id": list("abcd"), "created_at": times}).cast({"created_at": pl.Datetime("ms", "UTC")})
    kept = runs.filter(compile_filter(f"created_at {sign} 2026-11-02", runs.schema))
    assert "".join(kept["run_id"]) == true


def test_suggestions_are_names() -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter("stauts = running", RUNS.schema)
    assert caught.value.suggestions[0] == "status"


@pytest.mark.parametrize(
    ("text", "canonical", "sentence"),
    [
        ("", "", "all runs"),
        ("lr<0.001 AND model==resnet", "lr < 0.001 and model = resnet", "where lr < 0.001 and model is resnet"),
        ("a=1&&(b=2||c=3)", "a = 1 and (b = 2 or c = 3)", "where a is 1 and (b is 2 or c is 3)"),
        ("(a=1 and b=2) and c=3", "a = 1 and b = 2 and c = 3", "where a is 1 and b is 2 and c is 3"),
        ("!x", "not x", "where not x"),
        ("m in ['a b', c, null]", 'm in ("a b", c, null)', "where m is “a b”, c or missing"),
        ("m is null", "m is null", "where m is missing"),
        ("`in` <= 1_000", "`in` <= 1000", "where in ≤ 1000"),
        ("n in (1,2,3,4,5,6,7,8,9,10)", "n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)",
         "where n is 1, 2, 3, 4, 5, 6, 7, 8 or 2 more"),
        ("d between 1 and 2", "d between 1 and 2", "where d is between 1 and 2"),
        ("t not contains x", "t not contains x", "where t does not contain x"),
    ],
)  # fmt: skip
def test_faces(text: str, canonical: str, sentence: str) -> None:
    parsed = parse_filter(text)
    assert (to_text(parsed), str(parsed), to_sentence(parsed)) == (canonical, canonical, sentence)


def test_nothing_is_added_by_the_empty_filter() -> None:
    some = parse_filter("lr > 1")
    assert Filter() & some == some & Filter() == some
    assert Filter() & Filter() == Filter()


def test_joined_filters_ask_both() -> None:
    both = parse_filter("depth = 1 or depth = 2") & parse_filter("ema")
    assert to_text(both) == "(depth = 1 or depth = 2) and ema"
    assert RUNS.filter(to_expr(both, RUNS.schema))["run_id"].to_list() == ["a"]


def test_marker_points_below_the_character() -> None:
    text = "depth = 1\nand Depth = 2"
    with pytest.raises(FilterError) as caught:
        compile_filter(text, RUNS.schema)
    assert error_marker(text, caught.value) == "and Depth = 2\n    ^"


def test_the_param_comes_before_the_metric_before_the_runs_own_column() -> None:
    columns = [
        "params.x",
        "x",
        "x.min",
        "x.max",
        "x.mean",
        "y",
        "y.min",
        "y.max",
        "y.mean",
        "status",
        "params.run.seed",
    ]
    schema = pl.Schema(dict.fromkeys(columns, pl.Float64()))
    found = {name: find_column(name, schema) for name in (
        "x", "metrics.x", "params.x", "x.max", "y", "params.y", "metrics.y.mean", "status", "run.status",
        "metrics.status", "run.y", "run.seed", "seed")}  # fmt: skip
    assert found == {
        "x": "params.x", "metrics.x": "x", "params.x": "params.x", "x.max": "x.max", "y": "y", "params.y": None,
        "metrics.y.mean": "y.mean", "status": "status", "run.status": "status", "metrics.status": None, "run.y": None,
        "run.seed": "params.run.seed", "seed": None,
    }  # fmt: skip
    assert {name: short_name(name, schema) for name in columns} == {
        **{name: name for name in columns}, "params.x": "x", "x": "metrics.x", "params.run.seed": "run.seed",
    }  # fmt: skip
    assert all(find_column(short_name(name, schema), schema) == name for name in columns)


def test_other_types_of_columns() -> None:
    frame = pl.DataFrame(
        {
            "run_id": ["a", "b"],
            "small": pl.Series([0.1, None], dtype=pl.Float32),
            "count": pl.Series([1, 2], dtype=pl.UInt32),
            "kind": pl.Series(["u", None], dtype=pl.Categorical),
            "day": [date(2026, 11, 1), date(2026, 11, 2)],
            "naive": [datetime(2026, 11, 1, 5), datetime(2026, 11, 2, 5)],  # noqa: DTZ001
            "here": pl.Series([datetime(2026, 11, 1, 23, tzinfo=UTC)] * 2).dt.convert_time_zone("Asia/Tokyo"),
            "shape": [{"w": 1}, None],
        }
    )
    asks = {
        "small = 0.1": "a", "count > -1": "ab", "kind = u": "a", "kind in (u, v)": "a", "day = 2026-11-01": "a",
        "naive > 2026-11-01": "b", "here = 2026-11-01": "ab", "shape is null": "b",
    }  # fmt: skip
    assert {text: asked(text, frame) for text in asks} == asks
    with pytest.raises(FilterError, match="can't be compared"):
        asked("shape = 1", frame)


def test_every_operator_has_a_sentence_and_a_place_in_a_menu() -> None:
    for key, operator in OPERATORS.items():
        fields = {"name": "N", "a": "A", "b": "B", "list": "L"}
        assert "N" in operator.sentence.format_map(fields)
        assert operator.key == key
        assert operator.negates is None or OPERATORS[operator.negates].kinds == operator.kinds
    assert [each.key for each in operators_for("bool")] == ["=", "!=", "in", "not in", "is null", "is not null"]


def test_a_wide_chain_is_one_node() -> None:
    text = " or ".join(f"depth={n}" for n in range(300))
    assert isinstance(parse_filter(text).term, Or)
    assert asked(text) == "abcd"


def test_a_filter_as_deep_as_allowed_runs() -> None:
    text = "(" * 49 + "depth = 1" + ")" * 49
    assert asked(text) == "a"
    nested = "ema"
    for level in range(24):
        nested = f"not ({nested} {'and' if level % 2 else 'or'} depth > {level})"
    assert len(asked(nested)) <= 4
    assert sys.getrecursionlimit() >= 1000


# --- properties ---------------------------------------------------------------------------------------------
