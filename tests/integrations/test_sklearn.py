"""scikit-learn itself: searches and cross-validations are logged once they are done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lakeboard
from tests.integrations.seven import framework, goals, outputs, rows, steps

ours = framework("sklearn")
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


def fitted(**options: Any) -> Any:
    return GridSearchCV(LogisticRegression(), {"C": [0.001, 1.0, 10.0]}, cv=3, **options).fit(X, Y)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_search_is_a_run_with_a_child_for_each_candidate(tmp_path: Path, jobs: int) -> None:
    search = fitted(n_jobs=jobs)
    made = ours.log_search(search, lake=tmp_path, project="p", quiet=True)
    parent, *children = rows(tmp_path)
    assert (parent["run_id"], parent["status"], parent["job_type"]) == (made, "finished", "search")
    assert parent["params.best.C"] == search.best_params_["C"]
    assert parent["test_score"] == search.best_score_
    assert {child["params.C"] for child in children} == {0.001, 1.0, 10.0}
    assert {child["parent_run_id"] for child in children} == {made}
    assert {child["status"] for child in children} == {"finished"}
    assert steps(tmp_path, children[0]["run_id"], "test_score") == [0, 1, 2]
    assert children[0]["test_score.mean"] == pytest.approx(max(search.cv_results_["mean_test_score"]))
    assert goals(tmp_path, children[0]["run_id"])["test_score"] == "maximize"
    assert lakeboard.run is None


def test_the_open_run_is_the_parent_and_stays_open(tmp_path: Path) -> None:
    with lakeboard.init(project="p", lake=tmp_path, id="mine", quiet=True) as run:
        assert ours.log_search(fitted()) == "mine"
        assert lakeboard.run is run
        run.log({"after": 1.0})
    parent, *children = rows(tmp_path)
    assert (parent["run_id"], parent["after"]) == ("mine", 1.0)
    assert {child["parent_run_id"] for child in children} == {"mine"}


def test_only_the_best_candidates_become_runs(tmp_path: Path) -> None:
    search = fitted()
    ours.log_search(search, max_children=1, lake=tmp_path, project="p", quiet=True)
    parent, child = rows(tmp_path)
    assert parent["params.candidates"] == 3
    assert child["params.C"] == search.best_params_["C"]


def test_a_refit_metric_names_the_score(tmp_path: Path) -> None:
    search = fitted(scoring=["accuracy", "roc_auc"], refit="roc_auc")
    ours.log_search(search, lake=tmp_path, project="p", quiet=True)
    parent, *children = rows(tmp_path)
    assert parent["test_roc_auc"] == search.best_score_
    assert len(children) == 3


def test_the_refitted_estimator_is_stored(tmp_path: Path) -> None:
    made = ours.log_search(fitted(), log_model="best", lake=tmp_path, project="p", quiet=True)
    assert outputs(tmp_path, made) == [f"model-{made}:v1"]


def test_a_search_that_is_not_fitted_says_so_and_begins_nothing(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="cv_results_"):
        ours.log_search(GridSearchCV(LogisticRegression(), {}), lake=tmp_path, project="p")
    assert rows(tmp_path) == []


def test_a_cross_validation_has_its_folds_as_steps(tmp_path: Path) -> None:
    scores = cross_validate(LogisticRegression(), X, Y, cv=4, return_estimator=True)
    made = ours.log_cv(scores, {"C": 1.0}, lake=tmp_path, project="p", quiet=True)
    (row,) = rows(tmp_path)
    assert (row["run_id"], row["status"], row["params.C"]) == (made, "finished", 1.0)
    assert steps(tmp_path, made, "test_score") == [0, 1, 2, 3]
    assert row["test_score.mean"] == pytest.approx(scores["test_score"].mean())
    assert goals(tmp_path, made) == {"test_score": "maximize"}
