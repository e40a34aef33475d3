"""Folders of TensorBoard's event files: each is a run; `train`, `validation` and the like belong to the one above."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from ..logger.media.headers import size_of
from ..schema.media.rows import MediaRow
from .event_file import Event, TagValue, decode_event, read_records, scalar_of
from .hparams import read_hparams
from .protobuf import Malformed
from .source import Series, SourceRun, SourceUnreadable
from .texts import id_of, metric_name

JOINED: Final = frozenset({"train", "validation", "val", "valid", "test", "eval"})
"""Folders whose metrics belong to the run above them, with this name in front."""
_SETTLED_MS: Final = 86_400_000
"""A run whose files are older than this has ended: event files say nothing of it."""


@dataclass(slots=True)
class _Content:
    """What the files of a run say."""

    series: dict[str, Series] = field(default_factory=dict)
    media: list[MediaRow] = field(default_factory=list)
    params: dict[str, object] = field(default_factory=dict)
    plugins: dict[str, str] = field(default_factory=dict)
    """By tag: a value names its plugin the first time alone."""
    left_out: dict[str, int] = field(default_factory=dict)
    first: float | None = None
    last: float | None = None


class TensorBoardFolder:
    """All runs below a folder.

    Args:
        root: the folder, or one event file.
        now_ms: milliseconds since 1970.
    """

    tool = "tensorboard"

    def __init__(self, root: Path, *, now_ms: Callable[[], int]) -> None:
        self._root = root if root.is_dir() else root.parent
        self._now_ms = now_ms

    def runs(self) -> Iterator[SourceRun]:
        """All runs, by their path. The files of a run are read whole when it is its turn."""
        folders = _folders(self._root)
        if not folders:
            raise SourceUnreadable(f"{self._root} holds no event files (events.out.tfevents.…)")
        for where, parts in folders.items():
            yield self._run(where, parts)

    def _run(self, where: str, parts: list[tuple[str, Path]]) -> SourceRun:
        content, problem, newest = _Content(), None, 0.0
        for prefix, path in sorted(parts, key=lambda part: (_begin(part[1]), part[1].name)):
            newest = max(newest, path.stat().st_mtime)
            try:
                _read(content, prefix, path)
            except (Malformed, OSError) as error:
                problem = f"{path.name}: {error}"
        over = newest * 1000 + _SETTLED_MS < self._now_ms()
        name = where if where != "." else self._root.absolute().name
        return SourceRun(
            run_id=id_of(self.tool, str(self._root.absolute().name), where),
            tool=self.tool,
            source_id=str(self._root.absolute() / where),
            project=self._root.absolute().name,
            status="finished" if over else "running",
            error=problem,
            read=partial(tuple, content.series.values()),
            media=partial(tuple, content.media),
            name=name,
            params=content.params,
            started_at=_ms(content.first),
            ended_at=_ms(content.last),
            left_out=content.left_out,
        )


def _folders(root: Path) -> dict[str, list[tuple[str, Path]]]:
    """Event files by the run they belong to (its path below the root), each with what goes before its metrics."""
    out: dict[str, list[tuple[str, Path]]] = {}
    for folder, below, names in os.walk(root, followlinks=True):
        below.sort()
        files = sorted(name for name in names if ".tfevents." in name)
        path = Path(folder).relative_to(root)
        prefix, run = "", path
        if path.parts and path.name in JOINED:
            prefix, run = f"{path.name}/", path.parent
        elif path.parts and _is_time(path.name):
            run = path.parent  # What add_hparams writes: a folder named by the time.
        for name in files:
            out.setdefault(run.as_posix(), []).append((prefix, Path(folder, name)))
    return dict(sorted(out.items()))


def _is_time(name: str) -> bool:
    whole, _, part = name.partition(".")
    return whole.isdigit() and part.isdigit() and len(whole) >= 9


def _begin(path: Path) -> int:
    """When a file was begun, as its name says."""
    digits = path.name.partition(".tfevents.")[2].partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def _read(content: _Content, prefix: str, path: Path) -> None:
    plain: dict[bytes, Series] = {}
    for record in read_records(path):
        found = scalar_of(record)
        if found is not None:
            time, step, tag, value = found
            series = plain.get(tag)
            if series is not None:
                series.steps.append(step)
                series.times.append(time)
                series.values.append(value)
                continue
        _take(content, prefix, decode_event(record))
        if found is None:
            # It may have said of a tag that it is something else, or begun anew.
            plain.clear()
        else:
            name = prefix + tag.decode("utf-8", "replace")
            if name in content.series and content.plugins.get(name, "scalars") == "scalars":
                plain[tag] = content.series[name]
    for series in plain.values():
        _see(content, series.times[-1])


def _see(content: _Content, time: float) -> None:
    content.first = time if content.first is None else min(content.first, time)
    content.last = time if content.last is None else max(content.last, time)


def _take(content: _Content, prefix: str, event: Event) -> None:
    if event.time:
        _see(content, event.time)
    if event.has_graph:
        _count(content, "graphs")
    if event.starts_session:
        _purge(content, prefix, event.step)
    for value in event.values:
        _take_value(content, prefix, event, value)


def _take_value(content: _Content, prefix: str, event: Event, value: TagValue) -> None:
    tag = prefix + value.tag
    if value.plugin is not None:
        content.plugins[tag] = value.plugin
    plugin = content.plugins.get(tag, "")
    if plugin == "hparams":
        content.params |= read_hparams(value.content)
    elif value.number is not None and plugin in ("", "scalars"):
        series = content.series.get(tag)
        if series is None:
            series = content.series[tag] = Series(tag)
        series.add(event.step, event.time, value.number)
    elif value.image is not None or plugin == "images":
        # Of newer versions the first two texts are width and height.
        pictures = [value.image] if value.image is not None else value.texts[2:]
        content.media += [_picture(tag, event, place, data) for place, data in enumerate(pictures) if data]
    elif plugin == "text":
        joined = "\n".join(each.decode("utf-8", "replace") for each in value.texts)
        content.media.append(_text(tag, event, joined))
    elif value.kind or plugin:
        _count(content, f"{value.kind or plugin}s".replace("audios", "audio clips"))


def _count(content: _Content, what: str) -> None:
    content.left_out[what] = content.left_out.get(what, 0) + 1


def _purge(content: _Content, prefix: str, step: int) -> None:
    """Take back what a writer that began anew at `step` writes again."""
    for tag, series in list(content.series.items()):
        if step <= 0 or not tag.startswith(prefix):
            continue
        kept = Series(tag)
        for at, time, value in zip(series.steps, series.times, series.values, strict=True):
            if at < step:
                kept.add(at, time, value)
        content.series[tag] = kept


def _picture(tag: str, event: Event, place: int, data: bytes) -> MediaRow:
    kind = _type(data)
    width, height = size_of(data, kind) or (None, None)
    return MediaRow(
        key=_key(tag), step=event.step, index=place, timestamp=round(event.time * 1000), seq=0, kind="image",
        media_type=kind, width=width, height=height, size=len(data),
        sha256=hashlib.sha256(data).hexdigest(), data=data,
    )  # fmt: skip


def _type(data: bytes) -> str:
    """The media type that the first bytes say; PNG, TensorBoard's own, where they say nothing."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else "image/png"


def _text(tag: str, event: Event, said: str) -> MediaRow:
    data = said.encode()
    return MediaRow(
        key=_key(tag), step=event.step, index=0, timestamp=round(event.time * 1000), seq=0, kind="text",
        media_type="text/plain", size=len(data), sha256=hashlib.sha256(data).hexdigest(), text=said,
    )  # fmt: skip


def _key(tag: str) -> str:
    return metric_name(tag.strip() or "picture")


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
