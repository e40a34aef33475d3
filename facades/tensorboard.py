"""`SummaryWriter` with the names and parameters of torch's: what a script writes for TensorBoard goes to a lake."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from .. import Audio, Figure, Histogram, Image, Text, pr_curve
from .arrays import pictures, plain, upright
from .folder_runs import OPEN, apart
from .hparams_table import read_table
from .notices import NOTICES

if TYPE_CHECKING:
    from .. import Run

_PARTS: Final = frozenset({"train", "validation", "val", "valid", "test", "eval"})
"""Writers whose folders are called so write to one run, that of the folder above, each with its name in front."""


class SummaryWriter:
    """Writes to a run of its own: the last part of `log_dir` is its name, the part before it the project.

    Takes what torch's takes. Without `global_step` each tag counts its own calls. Nothing here raises or waits for a
    lake: what can't be kept is told once. The lake is that of `LAKEBOARD_LAKE`, else `./lake`.

    Args:
        log_dir: default `runs/<time>_<host><comment>`. It is made, and keeps a note of the run, nothing else.
        comment: ends the default's name.
        purge_step: goes on with the run that was written here before; what it has from this step on is hidden.
        max_queue: has no effect.
        flush_secs: has no effect.
        filename_suffix: has no effect.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        if not log_dir:
            now = datetime.now().astimezone().strftime("%b%d_%H-%M-%S")
            log_dir = f"runs/{now}_{socket.gethostname()}{comment}"
        self.log_dir = os.fspath(log_dir)
        self._folder = Path(self.log_dir).absolute()
        self._steps: dict[str, int] = {}
        self._swept = 0
        self._closed = False
        self._prefix, home = "", self._folder
        if self._folder.name in _PARTS:
            self._prefix, home = f"{self._folder.name}/", self._folder.parent
        NOTICES.guard(f"the folder {self.log_dir}", lambda: self._folder.mkdir(parents=True, exist_ok=True))
        self._run = OPEN.take(home, purge_step)
        self._home = home

    @property
    def run(self) -> Run:
        """The run that it writes to."""
        return self._run

    def get_logdir(self) -> str:
        """The folder, as it was given."""
        return self.log_dir

    # -- numbers ----------------------------------------------------------------------------------------------

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """Log one number."""
        self._log({tag: scalar_value}, tag, global_step, walltime)

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, Any],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log several numbers as `main_tag/name`, in this run."""
        values = {f"{main_tag}/{name}": value for name, value in tag_scalar_dict.items()}
        self._log(values, main_tag, global_step, walltime)

    def add_hparams(
        self,
        hparam_dict: Mapping[str, Any],
        metric_dict: Mapping[str, Any],
        hparam_domain_discrete: Mapping[str, Sequence[Any]] | None = None,
        run_name: str | None = None,
        global_step: int | None = None,
    ) -> None:
        """The run's params, and results in its summary. From the second call on, a run each, below this one."""
        self._swept += 1
        if self._swept == 1:
            self._run.config.update(dict(hparam_dict))
            for name, value in metric_dict.items():
                self._run.summary[name] = plain(value)
            return
        run = apart(
            project=self._run.project,
            name=run_name or f"{self._run.name}-{self._swept}",
            config=dict(hparam_dict),
            parent_run_id=self._run.id,
        )
        run.log(dict(metric_dict), step=global_step)
        run.finish()

    # -- media ------------------------------------------------------------------------------------------------

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: int | None = None,
        bins: str = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """Log how values are distributed, in 64 bins."""
        self._media(tag, lambda: Histogram(plain(values)), global_step, walltime)

    def add_histogram_raw(
        self,
        tag: str,
        min: float,
        max: float,
        num: int,
        sum: float,
        sum_squares: float,
        bucket_limits: Sequence[float],
        bucket_counts: Sequence[float],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log a distribution that was counted elsewhere."""
        edges = [float(min), *map(float, bucket_limits)]
        counts = list(map(float, bucket_counts))
        self._media(tag, lambda: Histogram(edges=edges, counts=counts), global_step, walltime)

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """Log a picture."""
        self._media(tag, lambda: Image(upright(img_tensor, dataformats)), global_step, walltime)

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """Log the pictures of a batch."""
        self._media(tag, lambda: [Image(each) for each in pictures(img_tensor, dataformats)], global_step, walltime)

    def add_image_with_boxes(
        self,
        tag: str,
        img_tensor: Any,
        box_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        rescale: float = 1,
        dataformats: str = "CHW",
        labels: Sequence[str] | None = None,
    ) -> None:
        """Log a picture with boxes over it, `[x0, y0, x1, y1]` in pixels."""

        def make() -> Image:
            boxes = [
                {"box": [float(x) for x in box], "label": None if labels is None else str(labels[n])}
                for n, box in enumerate(plain(box_tensor))
            ]
            return Image(upright(img_tensor, dataformats), boxes={"boxes": boxes})

        self._media(tag, make, global_step, walltime)

    def add_figure(
        self,
        tag: str,
        figure: Any,
        global_step: int | None = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """Log a figure of matplotlib's, or several."""
        several = list(figure) if isinstance(figure, (list, tuple)) else [figure]
        self._media(tag, lambda: [Figure(each) for each in several], global_step, walltime)
        pyplot = sys.modules.get("matplotlib.pyplot")
        if close and pyplot is not None:
            for each in several:
                NOTICES.guard(f"closing the figure of {tag!r}", lambda each=each: pyplot.close(each))  # type: ignore[misc]

    def add_audio(
        self,
        tag: str,
        snd_tensor: Any,
        global_step: int | None = None,
        sample_rate: int = 44100,
        walltime: float | None = None,
    ) -> None:
        """Log a sound."""
        self._media(tag, lambda: Audio(plain(snd_tensor), sample_rate), global_step, walltime)

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Log a text; a table of hyperparameters becomes the run's params."""
        params = read_table(tag, str(text_string))
        if params is not None:
            self._run.config.update(params)
        else:
            self._media(tag, lambda: Text(text_string), global_step, walltime)

    def add_pr_curve(
        self,
        tag: str,
        labels: Any,
        predictions: Any,
        global_step: int | None = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Log a curve of precision over recall."""
        self._media(tag, lambda: pr_curve(plain(labels), plain(predictions), title=tag), global_step, walltime)

    # -- what has no place here -------------------------------------------------------------------------------

    def add_video(
        self, tag: str, vid_tensor: Any, global_step: int | None = None, fps: int = 4, walltime: float | None = None
    ) -> None:
        """Told once: films are logged as files."""
        NOTICES.tell("add_video is left out: write a file, and run.log({name: lakeboard.Video(path)})")

    def add_tensor(self, tag: str, tensor: Any, global_step: int | None = None, walltime: float | None = None) -> None:
        """Told once: whole tensors are files of an artifact."""
        NOTICES.tell("add_tensor is left out: save it, and run.log_artifact(path)")

    def add_graph(
        self, model: Any, input_to_model: Any = None, verbose: bool = False, use_strict_trace: bool = True
    ) -> None:
        """Told once."""
        NOTICES.tell("add_graph is left out: a lake holds no graphs of models")

    def add_onnx_graph(self, prototxt: str) -> None:
        """Told once."""
        NOTICES.tell("add_onnx_graph is left out: run.log_artifact(path) keeps the file")

    def add_embedding(
        self,
        mat: Any,
        metadata: Any = None,
        label_img: Any = None,
        global_step: int | None = None,
        tag: str = "default",
        metadata_header: Any = None,
    ) -> None:
        """Told once."""
        NOTICES.tell("add_embedding is left out: a lake has no projector")

    def add_mesh(
        self,
        tag: str,
        vertices: Any,
        colors: Any = None,
        faces: Any = None,
        config_dict: Any = None,
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Told once."""
        NOTICES.tell("add_mesh is left out: a lake shows no meshes")

    def add_custom_scalars(self, layout: Any) -> None:
        """Told once: charts are laid out on the page Curves."""
        NOTICES.tell("add_custom_scalars is left out: the page Curves groups charts")

    def add_custom_scalars_multilinechart(
        self, tags: Sequence[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """Told once: charts are laid out on the page Curves."""
        self.add_custom_scalars(None)

    def add_custom_scalars_marginchart(
        self, tags: Sequence[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """Told once: charts are laid out on the page Curves."""
        self.add_custom_scalars(None)

    # -- the end ----------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Has no effect: points are on their way."""

    def close(self) -> None:
        """End the run, once every writer to it is closed. What is written afterwards is told and left out."""
        if not self._closed:
            self._closed = True
            OPEN.give_back(self._home)

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- within -----------------------------------------------------------------------------------------------

    def _log(self, values: Mapping[str, Any], tag: str, step: Any, walltime: float | None) -> None:
        at = self._step(tag, step)
        named = {self._prefix + name: value for name, value in values.items()}
        NOTICES.guard(f"{tag!r}", lambda: self._run.log(named, step=at, timestamp=walltime))

    def _media(self, tag: str, make: Any, step: Any, walltime: float | None) -> None:
        found = NOTICES.guard(f"{tag!r}", make)
        if found is not None:
            self._log({tag: found}, tag, step, walltime)

    def _step(self, tag: str, step: Any) -> Any:
        if step is not None:
            return plain(step)
        self._steps[tag] = self._steps.get(tag, -1) + 1
        return self._steps[tag]
