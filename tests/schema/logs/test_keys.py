from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.keys import parse_key, writer_id
from lakeboard.schema.logs.keys import LogKey, logs_folder, logs_prefix, parse_log
from tests.schema.strategies import PROJECTS, RUN_IDS


@given(PROJECTS, RUN_IDS, st.integers(1, 2000), st.integers(0, 10**15), st.integers(0, 10**15))
def test_a_key_and_its_path_are_one(project: str, run_id: str, attempt: int, lo: int, length: int) -> None:
    key = LogKey(project, run_id, writer_id(attempt, "0123abcd"), lo + length, length)
    assert parse_log(key.path) == parse_key(key.path) == key
    assert key.lo == lo
    assert key.path.startswith(logs_prefix(project, run_id))
    assert logs_prefix(project, run_id).startswith(logs_folder(project))


@pytest.mark.parametrize(
    "path",
    [
        "logs/project=p/run_id=r/w001-00000001.000000000004-000000000005.log",
        "logs/project=p/run_id=r/w001-00000001.4-4.log",
        "logs/project=p/run_id=r/w001-00000001.000000000004-000000000004.txt",
        "logs/project=p/run_id=1r/w001-00000001.000000000004-000000000004.log",
        "logs/project=%ff/run_id=r/w001-00000001.000000000004-000000000004.log",
        "logs/project=nan/run_id=r/w001-00000001.000000000004-000000000004.log",
        "logs/project=%70/run_id=r/w001-00000001.000000000004-000000000004.log",
        "metrics/project=p/run_id=r/w001-00000001.000000000004-000000000004.log",
    ],
)
def test_other_names_are_others(path: str) -> None:
    assert parse_key(path) is None
