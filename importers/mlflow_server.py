"""A running MLflow server, by its REST interface alone. Source: MLflow's "REST API" 2.0."""

from __future__ import annotations

import base64
import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from .mlflow_run import mlflow_run, number, series
from .source import Series, SourceRun, SourceUnreadable

_TIMEOUT: Final = 60.0
_PAGE: Final = 1000
_POINTS: Final = 25_000


class MlflowServer:
    """The runs of one server. `MLFLOW_TRACKING_TOKEN`, or `…_USERNAME` and `…_PASSWORD`, are sent where they are set.

    Its artifacts do not come along.
    """

    tool = "mlflow"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
        self._headers = {"Content-Type": "application/json", **_authorization(parts.username, parts.password)}

    def runs(self) -> Iterator[SourceRun]:
        """All runs, experiment by experiment. One request for 1,000 runs, and one for 25,000 points of a metric."""
        names = {
            str(each["experiment_id"]): str(each.get("name", ""))
            for each in self._pages("experiments/search", {"view_type": "ALL", "max_results": _PAGE}, "experiments")
        }
        for experiment, name in names.items():
            asked = {"experiment_ids": [experiment], "run_view_type": "ALL", "max_results": _PAGE}
            for run in self._pages("runs/search", asked, "runs"):
                yield self._run(run, experiment, name)

    def _run(self, run: Mapping[str, Any], experiment: str, name: str) -> SourceRun:
        info, data = run["info"], run.get("data", {})
        tags = _texts(data.get("tags", ()))
        uuid = str(info.get("run_id") or info["run_uuid"])
        metrics = [str(each["key"]) for each in data.get("metrics", ())]
        return mlflow_run(
            run_uuid=uuid,
            experiment=name,
            experiment_id=experiment,
            status=info.get("status"),
            name=info.get("run_name"),
            user=info.get("user_id"),
            started=_float(info.get("start_time")),
            ended=_float(info.get("end_time")),
            deleted=info.get("lifecycle_stage") == "deleted",
            params=_texts(data.get("params", ())),
            tags=tags,
            read=partial(self._read, uuid, metrics),
            files=(),
        )

    def _read(self, uuid: str, metrics: list[str]) -> Iterable[Series]:
        for metric in metrics:
            asked = {"run_id": uuid, "metric_key": metric, "max_results": str(_POINTS)}
            points: list[tuple[float, float, int]] = []
            token = ""
            while True:
                query = urlencode({**asked, **({"page_token": token} if token else {})}, quote_via=quote)
                page = self._ask(f"metrics/get-history?{query}", None)
                points += [
                    (float(p["timestamp"]), number(float(p["value"])), int(p.get("step", 0)))
                    for p in page.get("metrics", ())
                ]
                token = page.get("next_page_token") or ""
                if not token:
                    break
            yield series(metric, points)

    def _pages(self, path: str, asked: Mapping[str, Any], what: str) -> Iterator[Mapping[str, Any]]:
        token = ""
        while True:
            page = self._ask(path, {**asked, **({"page_token": token} if token else {})})
            yield from page.get(what, ())
            token = page.get("next_page_token") or ""
            if not token:
                return

    def _ask(self, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 http or https, as open_source sees to
            f"{self._url}/api/2.0/mlflow/{path}", data=data, headers=self._headers
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as reply:  # noqa: S310
                found = json.loads(reply.read())
        except urllib.error.HTTPError as error:
            raise SourceUnreadable(f"{self._url} answers {error.code} to {path}: {error.read(300)!r}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise SourceUnreadable(f"{self._url} can't be asked for {path}: {error}") from error
        if not isinstance(found, dict):
            raise SourceUnreadable(f"{self._url} is no MLflow server: it answers {path} with {str(found)[:80]}")
        return found


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if token:
        return {"Authorization": f"Bearer {token}"}
    user = user or os.environ.get("MLFLOW_TRACKING_USERNAME")
    password = password or os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
    if not user:
        return {}
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


def _texts(pairs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {str(pair["key"]): str(pair.get("value", "")) for pair in pairs}


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float, str)) and value != "" else None
