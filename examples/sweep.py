"""A sweep as a team runs it: four families of models, hyperparameters, three datasets, three seeds, two processes.

Run it: `python examples/sweep.py --lake ./lake` (or `--lake s3://bucket/lake`), and look with `lakeboard ui`.
Everything is real: real data that scikit-learn ships, real training, one run of the tracker for each model trained.
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

import lakeboard

PROJECT = "sklearn-demo"
DATASETS = ("digits", "breast_cancer", "wine")
GRID: list[dict[str, Any]] = [
    {"model": "linear", "lr": 0.01, "alpha": 1e-4, "epochs": 80},
    {"model": "linear", "lr": 0.3, "alpha": 1e-3, "epochs": 80},
    {"model": "mlp", "lr": 1e-3, "width": 32, "depth": 1, "epochs": 80},
    {"model": "mlp", "lr": 3e-3, "width": 64, "depth": 2, "epochs": 80},
    {"model": "boosting", "lr": 0.1, "depth": 3, "trees": 2, "epochs": 30},
    {"model": "boosting", "lr": 0.3, "depth": 2, "trees": 2, "epochs": 30},
    {"model": "forest", "depth": 4, "trees": 2, "epochs": 30},
    {"model": "forest", "depth": 12, "trees": 2, "epochs": 30},
]


def configs(seeds: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every (dataset, config) of the sweep, seeds outermost, so that the board fills evenly."""
    for seed in range(seeds):
        jobs = [(dataset, {**config, "seed": seed}) for config in GRID for dataset in DATASETS]
        random.Random(seed).shuffle(jobs)
        yield from jobs


def train(lake: str | None, dataset: str, config: dict[str, Any]) -> float:
    """Train one model, logging every epoch; returns its accuracy on the test part."""
    from sklearn import datasets
    from sklearn.metrics import accuracy_score, log_loss
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    from .families import FAMILIES

    x, y = getattr(datasets, f"load_{dataset}")(return_X_y=True)
    x_train, x_rest, y_train, y_rest = train_test_split(x, y, test_size=0.5, stratify=y, random_state=config["seed"])
    x_val, x_test, y_val, y_test = train_test_split(
        x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=config["seed"]
    )
    pixels = x_val
    scaler = StandardScaler().fit(x_train)
    x_train, x_val, x_test = map(scaler.transform, (x_train, x_val, x_test))
    with lakeboard.init(
        project=PROJECT,
        dataset=dataset,
        config=config,
        group="sweep",
        lake=lake,
        flush_seconds=1,
        quiet=True,
        console=True,
        system=0.5,
    ) as run:
        print(f"{config['model']} on {dataset}: {len(x_train)} to train on, {len(x_val)} to choose by")
        run.define_metric("*/acc", goal="maximize")
        run.define_metric("*/loss", goal="minimize")
        steps = FAMILIES[config["model"]](config, x_train, y_train)
        for epoch, predict in enumerate(steps):
            p_train, p_val = predict(x_train), predict(x_val)
            run.log(
                {
                    "train/loss": log_loss(y_train, p_train, labels=range(p_train.shape[1])),
                    "train/acc": accuracy_score(y_train, p_train.argmax(axis=1)),
                    "val/loss": log_loss(y_val, p_val, labels=range(p_val.shape[1])),
                    "val/acc": accuracy_score(y_val, p_val.argmax(axis=1)),
                },
                step=epoch,
            )
            if epoch % 10 == 9:
                run.log(mistakes(dataset, pixels, y_val, p_val), step=epoch)
            if epoch % 10 == 0:
                print(f"epoch {epoch:3}  val/acc {accuracy_score(y_val, p_val.argmax(axis=1)):.3f}")
        p_test = predict(x_test)
        test = float(accuracy_score(y_test, p_test.argmax(axis=1)))
        run.summary["test/acc"] = test
        print(f"test/acc {test:.3f}")
        if config["model"] == "mlp" and config["depth"] == 2:
            run.log_artifact(predictions(dataset, y_test, p_test, config))
    return test


def predictions(dataset: str, y: Any, p: Any, config: dict[str, Any]) -> lakeboard.Artifact:
    """What the model says of the test part, to be looked into and compared: a new version for each seed."""
    made = lakeboard.Artifact(f"{dataset}-predictions", type="predictions", metadata={"rows": len(y), "config": config})
    lines = [",".join(["label", "guess", *(f"p{n}" for n in range(p.shape[1]))])]
    lines += [",".join(map(str, [y[i], p[i].argmax(), *p[i].round(4)])) for i in range(len(y))]
    made.add_bytes("\n".join(lines) + "\n", "test.csv")
    made.add_bytes(json.dumps(config, indent=2) + "\n", "config.json")
    return made


def mistakes(dataset: str, pixels: Any, y: Any, p: Any) -> dict[str, Any]:
    """What the model takes for what and, of digits, pictures of the worst."""
    guessed = p.argmax(axis=1)
    media: dict[str, Any] = {"val/confusion": lakeboard.confusion_matrix(y, guessed)}
    if dataset == "digits":
        wrong = sorted((i for i in range(len(y)) if guessed[i] != y[i]), key=lambda i: p[i, y[i]])[:24]
        media["val/misclassified"] = [
            lakeboard.Image(pixels[i].reshape(8, 8) / 16, caption=f"{y[i]} taken for {guessed[i]}") for i in wrong
        ]
    return media


def sweep(
    lake: str | None,
    *,
    seeds: int = 3,
    processes: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Train everything in `processes` processes at once; returns how many runs there were.

    Args:
        lake: folder or URL; None as the environment says.
        seeds: how many of each config.
        processes: how many at once.
        progress: told (done, total) after each run.
    """
    jobs = list(configs(seeds))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    # Ctrl-C is for this process: it lets the runs under way finish and starts no more.
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin_process) as pool:
        running = [pool.submit(train, lake, dataset, config) for dataset, config in jobs]
        try:
            for done, future in enumerate(as_completed(running), 1):
                future.result()
                progress(done, len(jobs))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return len(jobs)


def _begin_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Many trainings would talk over one another on one terminal. Each run keeps what it prints all the same.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lake", help="folder or URL (default: LAKEBOARD_LAKE, else ./lake)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    start = time.monotonic()
    count = sweep(
        options.lake,
        seeds=options.seeds,
        processes=options.processes,
        progress=lambda done, total: print(f"\r{done}/{total} runs", end="", flush=True),
    )
    print(f"\n{count} runs in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
