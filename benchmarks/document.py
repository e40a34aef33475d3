"""`docs/performance.md`, made from the figures of one run; nobody edits it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measure import Figure

TITLES = {
    "log": "One call of log()",
    "log-scalars": "log() by the kind of scalar",
    "pauses": "What a training loop notices",
    "print": "What a print costs that a run keeps",
    "import": "Import",
    "end-to-end": "A million points, from init() to finish()",
    "short-runs": "Many short runs in one process",
    "many-runs": "A project of many runs, on a local disk",
    "many-runs-s3": "The same from an S3 server on this machine",
    "curves": "50 curves of 100,000 points",
    "points": "Points of 1,000 runs",
    "page": "The Runs page of 10,000 runs in a browser",
    "cost": "Requests and dollars",
    "memory": "A server's memory under eight viewers",
}
NOTES = {
    "log": (
        "For comparison, one call with 10 metrics on a machine of this kind (p50, measured once by us): trackio 17 µs, "
        "W&B offline 73 µs, tensorboardX 405 µs, MLflow with SQLite 3,830 µs, MLflow over HTTP 11,900 µs."
    ),
    "memory": (
        "Resident memory of the server's process, each second for ten minutes. Eight viewers go over all pages of four "
        "projects and draw one every two seconds, as fast as the machine can; eight jobs log, and every 15 seconds one "
        "ends and another begins. All caches together may take 64 MB (`LAKEBOARD_MEMORY`) and take what the page Lake "
        "says; the rest is the interpreter, its libraries, and what drawings use while they are drawn. Taken by itself "
        "on 2026-12-01, beside other work on the machine."
    ),
    "pauses": (
        "The worst gap of a loop that sleeps 1 ms a step, without and with logging; the bare loop's own worst gap is "
        "the machine's. Flushes every half second, seals, and a store that takes a second for each object take part."
    ),
    "end-to-end": (
        "Every point passes through Python once, is appended to a spool, encoded for each tail and once more when it "
        "is sealed; the reference encodes the same rows once."
    ),
    "short-runs": (
        "A run is three objects, two of them synced to the disk with the folders above them, and the reference is that "
        "alone. The rest is Python on three threads, the encoding of three small Parquet files, and waiting for one "
        "thread to hear of another."
    ),
    "many-runs": (
        "20 of 200 params and 10 metrics a run, 10 runs of them live. The first frame has a column for each param and "
        "four for each metric, 250 MB of memory for 100,000 runs. A refresh decodes the tails of runs that flushed; "
        "columns of ended runs are made once. The line for a million runs is drawn through 10,000 and 100,000."
    ),
    "page": (
        "From navigation until rows are in the table, in a browser without a cache, beside a page of Streamlit's that "
        "says one word. Most of it is Streamlit's own scripts. Server and browser share the machine's cores."
    ),
    "cost": (
        "Counted by the code that makes the requests. Dollars at S3 Standard's list prices in us-east-1, November "
        "2025: $5 a million PUTs and LISTs, $0.40 a million GETs, DELETEs free. A hidden tab asks for nothing."
    ),
}
LIMITS = {
    ("short-runs", "runs of 20 params and 100 points"): (
        "a run's CPU alone takes longer. Beside it stands the encoding of its three Parquet files, most of it "
        "pyarrow's 46 columns of the row; files, folders and five syncs take about as long, `init` and "
        "`log` a millisecond. Little runs side by side, since each object must be safe before the next may refer to it"
    ),
    ("many-runs", "100,000 runs: first runs()"): (
        "beside it stands decoding the needed columns of the packs, with nothing laid out; the rest makes 242 columns "
        "of 100,000 values and the runs' own"
    ),
    ("many-runs", "100,000 runs: peak memory"): (
        "beside it stands a process that decodes the needed columns and does nothing else. Of ours, 90 MB are the "
        "interpreter and its libraries, 63 MB the packs as they are, some 250 MB the frame, in which a text column "
        "takes 16 bytes a run whether or not it has the param; the rest are params and metrics by name, and what the "
        "allocator keeps"
    ),
    ("page", "Runs page over the empty page"): (
        "the page is computed in 0.05 s; the rest is the browser's, which fetches and runs Streamlit's script of each "
        "kind of widget. Beside it stands a page of Streamlit's with such widgets and a table of 50 rows alone"
    ),
}
"""Why a target that is missed is missed, by workload and figure: what the limit is made of."""
_HEAD = """\
# Performance

How fast lakeboard is, and beside what. **This page is made by a command** from one run of the benchmarks:

```bash
python -m benchmarks --list                       # what there is
python -m benchmarks log short-runs               # some of it, as a table
python -m benchmarks --out mine.json              # all of it, kept
python -m benchmarks --compare benchmarks/results/reference.json mine.json
python -m benchmarks --document mine.json         # writes this page
```

Every figure is the median of some repetitions, with the smallest and the largest beside it. Where there is a physical
reference, something that no tracker can do without, it was taken in the same run, and the ratio is what carries over to
another machine. Targets are for a machine of two cores that does nothing else.

Some take minutes or tell of trouble rather than of speed, and run only when they are named: `checks`, `outage`,
`outage-hours`. What they found stands in [reliability](reliability.md). `memory` takes ten minutes, `memory-short` is
the same for three.
"""


def document(facts: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    """The page."""
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    taken = (
        f"Taken on {facts['at'][:10]}: {facts['system']}, {facts['cpus']} cores (load {facts['load']} at the end, "
        f"other work included), Python {facts['python']}, {versions}.\n"
    )
    parts = [_HEAD, taken, _verdicts(figures)]
    for workload in dict.fromkeys(f.workload for f in figures):
        parts.append(f"## {TITLES.get(workload, workload)}\n")
        if workload in NOTES:
            parts.append(f"{NOTES[workload]}\n")
        parts.append(_table([f for f in figures if f.workload == workload]))
    return "\n".join(parts)


def _verdicts(figures: Sequence[Figure]) -> str:
    """What was promised, beside what was measured, those that were missed first."""
    told = [f for f in figures if f.met is not None]
    if not told:
        return ""
    rows = ["| | target | measured | |", "|---|---|---:|---|"]
    for f in sorted(told, key=lambda f: bool(f.met)):
        why = LIMITS.get((f.workload, f.name))
        verdict = "reached" if f.met else f"**not reached**: {why}" if why else "**not reached**"
        rows.append(f"| {f.name} | {f.target} | {number(f.median)} {f.unit} | {verdict} |")
    missed = sum(not f.met for f in told)
    said = f"{len(told) - missed} of {len(told)} targets were reached in this run.\n"
    return "\n".join(["## Targets\n", said, *rows]) + "\n"


def _table(figures: Sequence[Figure]) -> str:
    rows = ["| | median | from … to | | beside | target |", "|---|---:|---:|---|---|---|"]
    for f in figures:
        spread = f"{number(min(f.values))} … {number(max(f.values))}" if len(f.values) > 1 else ""
        beside = f"{f.ratio:,.2f} x {f.reference}" if f.ratio is not None else ""
        rows.append(f"| {f.name} | {number(f.median)} | {spread} | {f.unit} | {beside} | {f.target or ''} |")
    return "\n".join(rows) + "\n"


def number(value: float) -> str:
    """Three digits that count, thousands with commas."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
