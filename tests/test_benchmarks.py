"""The benchmarks' figures, and the page that is made of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT

# Benchmarks are not installed; `pytest` alone, other than `python -m pytest`, does not look in the current folder.
sys.path.append(str(ROOT))

from benchmarks.__main__ import ALONE, WORKLOADS, main
from benchmarks.document import LIMITS, NOTES, TITLES, document, number
from benchmarks.measure import Report, compare, load

RESULTS = ROOT / "benchmarks" / "results" / "reference.json"


def test_the_page_is_what_the_generator_makes_of_the_figures() -> None:
    assert (ROOT / "docs" / "performance.md").read_text() == document(*load(RESULTS))


def test_the_figures_are_of_all_usual_workloads_and_tell_nothing_of_a_machine() -> None:
    facts, figures = load(RESULTS)
    assert {f.workload for f in figures} <= WORKLOADS.keys() - set(ALONE) == TITLES.keys()
    assert NOTES.keys() <= WORKLOADS.keys()
    assert facts.keys() == {"at", "python", "system", "cpus", "load", "versions"}
    assert facts["system"].count(" ") == 1
    assert "/" not in "".join(facts["versions"].values())


def test_figures_come_back_as_they_were_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(workload="log")
    reference = report.add("an append", "us", [1.0, 2.0, 3.0])
    report.add("a call", "us", 4.0, against=reference, target="few")
    report.save(tmp_path / "a.json")
    facts, figures = load(tmp_path / "a.json")
    assert figures == report.figures
    assert figures[1].ratio == 2.0
    assert facts["versions"]["lakeboard"]
    page = document(facts, figures)
    assert "| an append | 2 | 1 … 3 | us |  |  |" in page
    assert "| a call | 4 |  | us | 2.00 x an append | few |" in page
    assert "2.00 x an append" in capsys.readouterr().out


def test_the_page_says_first_which_targets_were_missed_and_why(tmp_path: Path) -> None:
    report = Report(workload="short-runs")
    report.add("a write", "us", [1.0, 2.0, 9.0], at_most=2)
    (name,) = [name for workload, name in LIMITS if workload == "short-runs"]
    report.add(name, "runs/s", 100.0, at_least=150)
    report.add("no promise", "us", 3.0)
    assert [f.met for f in report.figures] == [True, False, None]
    report.save(tmp_path / "a.json")
    page = document(*load(tmp_path / "a.json"))
    assert "1 of 2 targets were reached" in page
    missed = f"| {name} | at least 150 runs/s | 100 runs/s | **not reached**: {LIMITS['short-runs', name]} |"
    assert page.index(missed) < page.index("| a write | at most 2 us | 2 us | reached |")


def test_limits_are_told_of_figures_that_there_are() -> None:
    known = {(f.workload, f.name) for f in load(RESULTS)[1]}
    assert LIMITS.keys() <= known


def test_a_comparison_names_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, call in (("a", 4.0), ("b", 8.0), ("c", 4.4)):
        report = Report(workload="log")
        reference = report.add("an append", "us", 2.0 if name == "a" else 2.1)
        report.add("a call", "us", call, against=reference)
        report.save(tmp_path / f"{name}.json")
    before, after, alike = (load(tmp_path / f"{name}.json")[1] for name in "abc")
    assert compare(before, alike) == []
    assert compare(before, after) == ["log: a call: 2 -> 3.81 x an append (1.90 x)"]
    capsys.readouterr()
    main(["--compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")])
    assert capsys.readouterr().out == "log: a call: 2 -> 3.81 x an append (1.90 x)\n"


def test_every_workload_is_there_and_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("playwright")
    main(["--list"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(WORKLOADS)
    assert all(len(line.split()) > 4 for line in lines)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1234.5, "1,234"), (99.94, "99.9"), (0.01234, "0.0123"), (3, "3")]
)
def test_numbers_have_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text
