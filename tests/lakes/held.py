"""What the committed lake of format 1 holds, written out: these values may never change."""

from __future__ import annotations

from typing import Final

NAN: Final = float("nan")
INF: Final = float("inf")
T0: Final = 1_764_000_000_000
HOSTILE: Final = "a=b/ü 100%"

Point = tuple[str, str, str, str | None, int, float, int, int]
"""run_id, writer, metric, dataset, step, value, milliseconds, seq."""

DIGITS: Final[list[Point]] = [
    ("failed", "w001-cccccccc", "loss", None, -5, INF, T0, 0),
    ("failed", "w001-cccccccc", "loss", None, 2**62, NAN, T0 + 1000, 1),
    ("finished", "w001-aaaaaaaa", "loss", None, 0, 1.0, T0, 0),
    ("finished", "w001-aaaaaaaa", "lr", None, 0, 0.1, T0, 1),
    ("finished", "w001-aaaaaaaa", "loss", None, 1, 0.5, T0 + 2000, 2),
    ("finished", "w001-aaaaaaaa", "lr", None, 1, 0.1, T0 + 2000, 3),
    ("finished", "w001-aaaaaaaa", "loss", None, 2, 0.25, T0 + 4000, 4),
    ("finished", "w001-aaaaaaaa", "lr", None, 2, 0.01, T0 + 4000, 5),
    ("finished", "w001-aaaaaaaa", "val/acc", "cifar10", 2, 0.9, T0 + 6000, 6),
    ("finished", "w001-bbbbbbbb", "loss", None, 0, 0.75, T0, 0),
    ("finished", "w001-bbbbbbbb", "loss", None, 2, 0.125, T0 + 1000, 1),
    ("resumed", "w001-eeeeeeee", "loss", None, 0, 4.0, T0, 0),
    ("resumed", "w001-eeeeeeee", "loss", None, 1, 3.0, T0 + 1000, 1),
    ("resumed", "w001-eeeeeeee", "loss", None, 2, 2.0, T0 + 2000, 2),
    ("resumed", "w001-eeeeeeee", "loss", None, 3, 1.0, T0 + 3000, 3),
    ("resumed", "w002-ffffffff", "loss", None, 2, 0.5, T0, 0),
]
SEALED: Final[list[Point]] = [
    ("live", "w001-99999999", "train loss[a]", None, 0, 1.0, T0, 0),
    ("live", "w001-99999999", "train loss[a]", None, 1, 0.5, T0 + 1000, 1),
]
UNSEALED: Final[list[Point]] = [
    ("live", "w001-99999999", "損失", "ü [x]", 1, -INF, T0 + 2000, 2),
    ("live", "w001-99999999", "損失", None, 2, 0.25, T0 + 3000, 3),
    ("live", "w001-99999999", "train loss[a]", None, 2, 0.125, T0 + 3000, 4),
]

STORED: Final = {"created_at": T0, "started_at": T0 + 1, "updated_at": T0 + 9_000}
ROWS: Final[dict[tuple[str, str], dict[str, object]]] = {
    ("failed", "w001-cccccccc"): {
        "version": 11, "attempt": 1, "status": "failed", "parent_run_id": "finished",
        "error": "ValueError: no such layer: 'ü'", "ended_at": T0 + 3_000, "rows": 2,
        "params": {
            "big": ["int", None, "1208925819614629174706176"], "nested": ["json", None, '[{"a":[1,null,"x"]}]'],
            "inf": ["float", "-Infinity", None], "empty": ["str", None, ""], "n": ["json", None, "{}"],
        },
        "summary": {
            "loss": {
                "metric": "loss", "first": "Infinity", "last": "NaN", "last_step": 2**62, "last_at": T0 + 1000,
                "min": "Infinity", "min_step": -5, "max": "Infinity", "max_step": -5, "mean": "Infinity", "n": 2,
                "n_nan": 1,
            }
        },
        "files": [["w001-cccccccc.000000000002-000000000002.parquet", 1459]],
    },
    ("finished", "w001-aaaaaaaa"): {
        "version": 31, "attempt": 1, "status": "finished", "name": "the best", "user": "ann", "host": "node1",
        "group": "sweep", "job_type": "train", "dataset": "digits", "tags": ["old", "kept"], "notes": "**first**",
        "ended_at": T0 + 9_000, "rows": 7, "env": {"python": "3.11.7", "git.commit": "0123abc"},
        "params": {
            "lr": ["float", 0.1, None], "model.name": ["str", None, "resnet"], "model.depth": ["int", 18.0, None],
            "ema": ["bool", 1.0, None], "resume": ["null", None, None],
        },
        "summary": {
            "loss": {
                "metric": "loss", "first": 1.0, "last": 0.25, "last_step": 2, "last_at": T0 + 4000, "min": 0.25,
                "min_step": 2, "max": 1.0, "max_step": 0, "mean": 1.75 / 3, "n": 3, "n_nan": 0,
            },
            "lr": {
                "metric": "lr", "first": 0.1, "last": 0.01, "last_step": 2, "last_at": T0 + 4000, "min": 0.01,
                "min_step": 2, "max": 0.1, "max_step": 0, "mean": 0.07, "n": 3, "n_nan": 0,
            },
            "val/acc [cifar10]": {
                "metric": "val/acc", "dataset": "cifar10", "goal": "maximize", "first": 0.9, "last": 0.9,
                "last_step": 2, "last_at": T0 + 6000, "min": 0.9, "min_step": 2, "max": 0.9, "max_step": 2,
                "mean": 0.9, "n": 1, "n_nan": 0,
            },
        },
        "files": [
            ["w001-aaaaaaaa.000000000004-000000000004.parquet", 1489],
            ["w001-aaaaaaaa.000000000007-000000000003.parquet", 1553],
        ],
    },
    ("finished", "w001-bbbbbbbb"): {
        "version": 11, "attempt": 1, "status": "finished", "ended_at": T0 + 8_000, "rows": 2,
        "params": {"rank": ["int", 1.0, None]},
        "summary": {
            "loss": {
                "metric": "loss", "first": 0.75, "last": 0.125, "last_step": 2, "last_at": T0 + 1000, "min": 0.125,
                "min_step": 2, "max": 0.75, "max_step": 0, "mean": 0.4375, "n": 2, "n_nan": 0,
            }
        },
        "files": [["w001-bbbbbbbb.000000000002-000000000002.parquet", 1451]],
    },
    ("resumed", "w001-eeeeeeee"): {
        "version": 18, "attempt": 1, "status": "crashed", "name": "twice", "closed_by": "recover", "rows": 4,
        "error": "the process ended without finishing the run", "ended_at": T0 + 4_000,
        "summary": {
            "loss": {
                "metric": "loss", "first": 4.0, "last": 1.0, "last_step": 3, "last_at": T0 + 3000, "min": 1.0,
                "min_step": 3, "max": 4.0, "max_step": 0, "mean": 2.5, "n": 4, "n_nan": 0,
            }
        },
        "files": [["w001-eeeeeeee.000000000004-000000000004.parquet", 1459]],
    },
    ("resumed", "w002-ffffffff"): {
        "version": 7, "attempt": 2, "status": "finished", "resume_step": 2, "ended_at": T0 + 6_000, "rows": 1,
        "summary": {
            "loss": {
                "metric": "loss", "first": 0.5, "last": 0.5, "last_step": 2, "last_at": T0, "min": 0.5, "min_step": 2,
                "max": 0.5, "max_step": 2, "mean": 0.5, "n": 1, "n_nan": 0,
            }
        },
        "files": [["w002-ffffffff.000000000001-000000000001.parquet", 1425]],
    },
}  # fmt: skip
"""Run rows as JSON without what `STORED` says of all, highest versions."""

EDITS: Final = [
    (T0 * 1_000_000, "0000000a", "failed", "delete", None, "ann"),
    (T0 * 1_000_000 + 1, "0000000c", "finished", "tag", "new", None),
    (T0 * 1_000_000 + 1, "0000000c", "resumed", "note", "see *below*", None),
    (T0 * 1_000_000 + 5, "0000000b", "finished", "rename", "renamed", "bob"),
    (T0 * 1_000_000 + 5, "0000000b", "finished", "untag", "old", "bob"),
]
