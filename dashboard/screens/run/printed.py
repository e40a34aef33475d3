"""What one run printed: its last lines first, of one of its processes at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from ....query.logs.console import TAIL_BYTES, RunConsole
from ....query.run.run import RunView
from ....schema.run.row import RunRow
from ....schema.sizes import sized
from ...components import console
from ...feed.feed import ProjectState, feed
from ...format import escape
from ...format.snippets import call, literal, recipe
from ...layout.export import file_stem

_MOST_BYTES: Final = 1_024_000
"""More is not put onto a page: a browser would feel it. A search looks through all, and the file holds all."""
_FILE_BYTES: Final = 25_000_000
_FOUND: Final = 500


def printed(state: ProjectState, found: RunView) -> None:
    """The tab."""
    project, run_id = state.project, found.row.run_id
    read = state.once(("console", run_id), lambda: RunConsole(feed().lake.store, project, run_id))
    if not read.writers:
        _nothing(found.row)
        return
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    writer = read.writers[-1].writer
    names = {each.writer: each for each in read.writers}
    if len(names) > 1:
        ranks = ranks_of(found.writers)
        writer = line.selectbox(
            "Process",
            list(reversed(names)),
            format_func=lambda each: f"{ranks.get(each, '')} {each}".strip(),
            label_visibility="collapsed",
            key=f"run.console.writer.{run_id}",
            width=260,
        )
    asked = f"run.console.asked.{run_id}.{writer}"
    size, wanted = st.session_state.get(asked, (TAIL_BYTES, ""))
    with line:
        shown = read.tail(writer, size=size)
        whole = names[writer].bytes
        far = f"last {sized(shown.hi - shown.lo)} of {sized(whole)}" if shown.lo else f"{sized(whole)} in all"
        st.caption(escape.plain(f"{far}{_lag(found)}"), width="stretch")
        _away(state, run_id, writer, read)
    hits = [(each.number, each.line) for each in read.search(wanted, writer, limit=_FOUND)] if wanted else None
    console.show(
        console.as_data(
            shown.text,
            source=f"{run_id} {writer}",
            older=shown.lo > 0 and size < _MOST_BYTES,
            label=f"What {found.row.name or run_id} printed",
            wanted=wanted,
            found=hits,
        ),
        key=f"run.console.{run_id}",
        on_older=lambda: _keep(asked, min(2 * size, _MOST_BYTES), ""),
        on_search=lambda text: _keep(asked, size, text),
    )
    if shown.lo and size >= _MOST_BYTES:
        st.caption("Older lines are found by a search, and are in the file.")
    for problem in shown.problems:
        st.caption(escape.plain(problem.message))


def ranks_of(writers: tuple[RunRow, ...]) -> Mapping[str, str]:
    """What to call the processes of a run, by writer: their rank, and the attempt where there are several."""
    attempts = len({row.attempt for row in writers})
    out = {}
    for row in writers:
        rank = next((row.env[name] for name in ("rank", "slurm_procid", "local_rank") if name in row.env), None)
        parts = [f"rank {rank}"] if rank is not None else []
        parts += [f"attempt {row.attempt}"] if attempts > 1 else []
        out[row.writer] = ", ".join(parts)
    return out


def _keep(key: str, size: int, wanted: str) -> None:
    st.session_state[key] = (size, wanted)


def _nothing(row: RunRow) -> None:
    if row.status == "running":
        st.caption("Nothing yet. What it prints arrives a few seconds later, and on an object store up to 5 minutes.")
    else:
        st.caption("It printed nothing, or did not keep it: notebooks keep it themselves, and init(console=True) does.")


def _lag(found: RunView) -> str:
    return ", newer lines arrive in parts" if found.row.status == "running" else ""


def _away(state: ProjectState, run_id: str, writer: str, read: RunConsole) -> None:
    panel = st.popover("Export", icon=":material/download:", key="run.console.take", type="tertiary", on_change="rerun")
    with panel:
        st.caption("The same in a notebook:")
        line = f"text = {call('lake.console', state.project, run_id)}.text({literal(writer)})"
        st.code(recipe(feed().lake.url, line), language="python", wrap_lines=True)
        if not panel.open:
            return
        size = next(each.bytes for each in read.writers if each.writer == writer)
        if size > _FILE_BYTES:
            st.caption(f"{sized(size)} are more than a page should hold. On the command line:")
            st.code(f"lakeboard show {run_id} --console --all --writer {writer}", language="bash", wrap_lines=True)
            return
        st.download_button(
            f"Text, {sized(size)}",
            read.text(writer).encode(),
            file_name=f"{file_stem(f'{run_id}-{writer}')}.log",
            mime="text/plain",
            key="run.console.text",
            on_click="ignore",
            icon=":material/download:",
        )
