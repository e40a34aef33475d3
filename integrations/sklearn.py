"""scikit-learn, which has no hooks: `log_search` after the fit of a search, `log_cv` after `cross_validate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .session import LogModel, Session, log_model_given, needs

if TYPE_CHECKING:
    from .. import Run

with needs("sklearn", "scikit-learn"):
    import sklearn  # noqa: F401 - asked for here, so that the error names it

__all__ = ["log_cv", "log_search"]


def log_search(search: Any, *, log_model: LogModel = False, max_children: int = 100, **init: Any) -> str:
    """A fitted search as one run with its best params and score, and a child run for each candidate.

    A child has its params, its `test_score` on each fold as steps 0, 1, ..., its mean times and its rank. Of more than
    `max_children` candidates the best ones become runs, and the number of all is in `candidates`. Takes about 20 ms a
    candidate.

    Args:
        search: a fitted GridSearchCV, RandomizedSearchCV, HalvingGridSearchCV, or what has `cv_results_`.
        log_model: "best" or "all": the refitted estimator is pickled and stored as `model-<run id>`. Loading a pickle
            runs what is in it: load those you trust.
        max_children: so many candidates become runs.
        **init: keywords of `lakeboard.init`; `project` holds for the children, too.

    Returns:
        The id of the run that the children are below.

    Raises:
        InvalidValue: another word for `log_model`.
        AttributeError: the search is not fitted.
    """
    keep = log_model_given(log_model)
    results = search.cv_results_
    scorer = search.refit if isinstance(search.refit, str) else "score"
    shown = "score" if f"mean_test_{scorer}" not in results else scorer
    session = Session({"job_type": "search", **init})
    try:
        parent = session.begin({"estimator": type(search.estimator).__name__, "candidates": len(results["params"])})
        parent.define_metric(f"test_{shown}", goal="maximize")
        if hasattr(search, "best_params_"):
            parent.config.update({"best": dict(search.best_params_)})
        if hasattr(search, "best_score_"):
            parent.log({f"test_{shown}": search.best_score_})
        for index in _best_first(results, shown)[:max_children]:
            _log_candidate(results, index, shown, parent, init)
        if keep and hasattr(search, "best_estimator_"):
            session.log_model(lambda path: _pickle(search.best_estimator_, path), "model.pkl", ("best",))
        made = parent.id
    except BaseException as error:
        session.finish(error)
        raise
    session.finish()
    return made


def log_cv(scores: Mapping[str, Sequence[float]], config: Mapping[str, Any] | None = None, **init: Any) -> str:
    """What `cross_validate` returned: `test_score` and its kin, fold by fold, as steps 0, 1, ...

    Args:
        scores: the dict; what is no column of numbers (fitted estimators, indices) is left out.
        config: params of the run.
        **init: keywords of `lakeboard.init`, where no run is open.

    Returns:
        The id of the run.
    """
    session = Session(init)
    run = session.begin(config)
    columns = {name: column for name, column in scores.items() if name not in ("estimator", "indices")}
    for name in columns:
        if name.startswith("test_"):
            # A scorer's greater values are better, all of them.
            run.define_metric(name, goal="maximize")
    for fold, values in enumerate(zip(*columns.values(), strict=True)):
        run.log(dict(zip(columns, values, strict=True)), step=fold)
    made = run.id
    session.finish()
    return made


def _best_first(results: Mapping[str, Any], shown: str) -> list[int]:
    ranks = results[f"rank_test_{shown}"]
    return sorted(range(len(ranks)), key=lambda index: (int(ranks[index]), index))


def _log_candidate(results: Mapping[str, Any], index: int, shown: str, parent: Run, given: Mapping[str, Any]) -> None:
    from .. import init

    options = {"group": parent.id, **{name: value for name, value in given.items() if name in _PASSED_ON}}
    with init(
        project=parent.project,
        lake=parent.lake,
        job_type="candidate",
        config=results["params"][index],
        parent_run_id=parent.id,
        reinit="create_new",
        system=None,
        console=False,
        quiet=True,
        **options,
    ) as run:
        run.define_metric(f"test_{shown}", goal="maximize")
        fold = 0
        while f"split{fold}_test_{shown}" in results:
            run.log({f"test_{shown}": results[f"split{fold}_test_{shown}"][index]}, step=fold)
            fold += 1
        for name in ("mean_fit_time", "mean_score_time", f"rank_test_{shown}"):
            run.summary[name] = float(results[name][index])


_PASSED_ON = ("group", "tags", "dataset", "mode", "storage_options", "flush_seconds")


def _pickle(estimator: Any, path: Any) -> None:
    import pickle

    with path.open("wb") as file:
        pickle.dump(estimator, file)
