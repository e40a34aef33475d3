"""Artifacts in the small lake: two versions of a data set, one of a model that a run made of it."""

from __future__ import annotations

from pathlib import Path

import lakeboard
from tests.dashboard import lake as lakes

PROJECT = lakes.PROJECT


def fill(lake: str, folder: Path) -> None:
    """Log them by runs `prep`, `clean` and `train`."""
    for name, text in (("a.txt", "one"), ("sub/b.csv", "n,t\n1,x\n"), ("odd <b>%2F", "odd")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with lakeboard.init(project=PROJECT, id="prep", name="prep", lake=lake, quiet=True) as run:
        made = lakeboard.Artifact("images", "dataset", metadata={"rows": 3, "split": {"test": 0.2}})
        made.description = "As they came."
        made.add_dir(folder)
        made.add_reference("s3://bucket/raw.csv")
        run.log_artifact(made, aliases=["raw"], wait=True)
    (folder / "a.txt").write_text("another", encoding="utf-8")
    (folder / "new.txt").write_text("new", encoding="utf-8")
    (folder / "odd <b>%2F").unlink()
    with lakeboard.init(project=PROJECT, id="clean", name="clean", lake=lake, quiet=True) as run:
        run.use_artifact("images:raw")
        again = lakeboard.Artifact("images", "dataset")
        again.add_dir(folder)
        run.log_artifact(again, aliases=["best"], wait=True)
    with lakeboard.init(project=PROJECT, id="train", name="train", lake=lake, quiet=True) as run:
        run.use_artifact("images:best")
        run.log_artifact(folder / "new.txt", name="net", type="model", wait=True)
