"""Names are refused with the thing, the value and the fix."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.errors import InvalidName
from lakeboard.schema.names import check_metric, check_project, check_run_id, check_text


@pytest.mark.parametrize(
    ("project", "message"),
    [
        (7, "project must be a string, got 7 (int)"),
        ("", 'project must not be empty; give it a name, as in init(project="digits")'),
        (" \t", "project must not be empty"),
        ("a\nb", r"project 'a\nb' contains line breaks or control characters; take them out"),
        ("a\x7f", "contains line breaks or control characters"),
        ("a\u2028b", "contains line breaks or control characters"),
        ("a\ud800", "contains line breaks or control characters"),
        ("2026", "project '2026' must start with a letter or '_' (else engines read it as a number); try 'p-2026'"),
        ("../x", "project '../x' must start with a letter or '_'"),
        ("=", "must start with a letter"),
        ("📉", "must start with a letter"),
        ("NaN", "project 'NaN' is a word that query engines take for a value; try 'NaN_'"),
        ("true", "is a word that query engines take for a value"),
        ("epoch", "is a word that query engines take for a value"),
        ("x" * 1000, f"project '{'x' * 59}… (1002 characters) takes 1000 bytes percent-encoded; at most 200 fit"),
        ("é" * 34, "takes 204 bytes percent-encoded; at most 200 fit"),
        pytest.param(10**5000, "project must be a string, got <int> (int)", id="huge"),
    ],
)
def test_projects_that_no_folder_can_be_named_after(project: object, message: str) -> None:
    with pytest.raises(InvalidName, match=re.escape(message)):
        check_project(project)


@pytest.mark.parametrize("project", ["digits", "_", "a/b", "a=b", "p%", "数字", "ß", "naN_", "x" * 200, "a'\"`\\$(b)"])
def test_projects_are_kept_exactly(project: str) -> None:
    assert check_project(project) == project


@pytest.mark.parametrize("run_id", ["", "1a", "a b", "a.b", "é", "a" * 65, "_a", "-a", None, 3, "nan", "True", "a\n"])
def test_run_ids_that_are_refused(run_id: object) -> None:
    with pytest.raises(InvalidName, match=r"run id .*(free text goes into name=|try 'r-(nan|True)')"):
        check_run_id(run_id)


@pytest.mark.parametrize("run_id", ["a", "A-_9", "r" + "0" * 63, "nan1"])
def test_run_ids_that_are_taken(run_id: str) -> None:
    assert check_run_id(run_id) == run_id


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (3, "metric name 3 must be a string, not int"),
        ("", "metric name '' must not be empty"),
        ("a" * 501, "is longer than 500 characters; shorten it"),
        ("a\rb", "contains line breaks or control characters; take them out"),
    ],
)
def test_metric_names_that_are_refused(name: object, message: str) -> None:
    with pytest.raises(InvalidName, match=re.escape(message)):
        check_metric(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "tag None must be a string, not NoneType"),
        (" ", "tag must not be empty; leave it out instead"),
        ("a" * 1001, "is longer than 1000 characters; shorten it"),
        ("a\0b", "contains line breaks or control characters; take them out"),
    ],
)
def test_texts_that_are_refused(text: object, message: str) -> None:
    with pytest.raises(InvalidName, match=re.escape(message)):
        check_text(text, what="tag")


@given(st.text(max_size=600))
def test_what_is_taken_is_unchanged_and_what_is_not_says_what_it_is(text: str) -> None:
    refusals = []
    for check, what in ((check_project, "project"), (check_run_id, "run id"), (check_metric, "metric")):
        try:
            taken = check(text)
        except InvalidName as error:
            refusals.append((what, str(error)))
        else:
            assert taken == text
            taken.encode()
    assert all(what in message and len(message) < 400 for what, message in refusals)
