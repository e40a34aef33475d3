"""What hypothesis draws from: names people may give, values they may log, rows they may leave."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from urllib.parse import quote

from hypothesis import strategies as st

from lakeboard.schema.batch import Group
from lakeboard.schema.edits import OPS, Edit
from lakeboard.schema.errors import InvalidName
from lakeboard.schema.names import check_project, check_run_id
from lakeboard.schema.run.lineage import Lineage
from lakeboard.schema.run.row import ENDED, RunRow, SealedFile
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.values import encode_param

INT64 = st.integers(-(2**63), 2**63 - 1)
SECONDS = st.floats(0, 4e9, allow_nan=False)
MILLIS = st.integers(0, 4_000_000_000_000)
FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64)
HEX8 = st.text("0123456789abcdef", min_size=8, max_size=8)


def _is(check: object, text: str) -> bool:
    try:
        check(text)  # type: ignore[operator]
    except InvalidName:
        return False
    return True


LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)
"""Any text of one line that UTF-8 can hold."""
NAMES = st.one_of(
    st.builds(lambda head, tail: head + tail, st.sampled_from("aZ_é=%/📉"), LINE),
    st.sampled_from(
        ["val/acc", "train loss", "a=b", "a%2Fb", "../x", "loss [train]", "ünï", "損失", "📉", "a.b", "'\"`"]
    ),
)
"""Names of metrics, params, datasets."""
PROJECTS = st.one_of(
    st.sampled_from(
        ["a=b", "p/../../x", "p%2F", "p%", "P q ", "p?&#+", "é", "ß", "数字", "p📉", "_", "x" * 200, "p\\"]
    ),
    st.builds(lambda head, tail: head + tail, st.sampled_from("aZ_é"), LINE).filter(
        lambda t: len(quote(t, safe="")) <= 200 and _is(check_project, t)
    ),
)
RUN_IDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,63}", fullmatch=True).filter(lambda t: _is(check_run_id, t))
WRITERS = st.builds(lambda a, r: f"w{a:03d}-{r}", st.integers(1, 12_345), HEX8)
TEXTS = st.one_of(st.none(), NAMES)

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), FLOATS, st.text(max_size=20))
"""What a param may be, surrogates and huge ints included."""


LINEAGE = st.builds(Lineage, NAMES, NAMES, st.builds(lambda n, r: f"v{n}-{r}", st.integers(1, 999), HEX8), MILLIS)
"""Versions of artifacts in a run's row."""


@st.composite
def summaries(draw: st.DrawFn, metric: str | None = None) -> Summary:
    """A summary as folding some points would leave it."""
    from lakeboard.schema.run.summary import update

    values = draw(st.lists(FLOATS, max_size=6))
    steps = draw(st.lists(INT64, min_size=len(values), max_size=len(values)))
    times = draw(st.lists(MILLIS, min_size=len(values), max_size=len(values)))
    start = Summary(
        metric or draw(NAMES),
        draw(st.one_of(st.none(), NAMES)),
        draw(st.sampled_from([None, "minimize", "maximize"])),
        step_metric=draw(st.one_of(st.none(), NAMES)),
    )
    return update(start, values, steps, times)


@st.composite
def run_rows(draw: st.DrawFn, run_id: str | None = None, writer: str | None = None) -> RunRow:
    """Any row that a writer may tell."""
    known = [draw(summaries()) for _ in range(draw(st.integers(0, 3)))]
    when = st.one_of(st.none(), MILLIS)
    return RunRow(
        run_id=run_id or draw(RUN_IDS),
        writer=writer or draw(WRITERS),
        version=draw(st.integers(1, 3)),
        attempt=draw(st.integers(1, 99)),
        status=draw(st.sampled_from(["running", *ENDED])),
        name=draw(TEXTS),
        user=draw(TEXTS),
        host=draw(TEXTS),
        group=draw(TEXTS),
        job_type=draw(TEXTS),
        parent_run_id=draw(st.one_of(st.none(), RUN_IDS)),
        dataset=draw(st.one_of(st.none(), NAMES)),
        tags=tuple(draw(st.lists(NAMES, max_size=3, unique=True))),
        notes=draw(TEXTS),
        error=draw(TEXTS),
        resume_step=draw(st.one_of(st.none(), INT64)),
        closed_by=draw(st.sampled_from([None, "recover", "janitor", "next"])),
        created_at=draw(when),
        started_at=draw(when),
        ended_at=draw(when),
        updated_at=draw(when),
        params={k: encode_param(v) for k, v in draw(st.dictionaries(NAMES, SCALARS, max_size=4)).items()},
        summary={s.label: s for s in known},
        env=draw(st.dictionaries(NAMES, LINE, max_size=3)),
        rows=draw(st.one_of(st.none(), st.integers(0, 2**62))),
        results={k: encode_param(v) for k, v in draw(st.dictionaries(NAMES, SCALARS, max_size=2)).items()},
        files=tuple(SealedFile(f"w001-{r}.parquet", n) for r, n in draw(st.lists(st.tuples(HEX8, INT64), max_size=2))),
        traceback=draw(TEXTS),
        tag_values=draw(st.dictionaries(NAMES, LINE, max_size=3)),
        inputs=tuple(draw(st.lists(LINEAGE, max_size=2))),
        outputs=tuple(draw(st.lists(LINEAGE, max_size=2))),
    )


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Any edit that `check_edit` lets through, over few runs and few clock readings so that they meet."""
    op = draw(st.sampled_from(OPS))
    arg = draw(st.sampled_from(["a", "b", "ü [x]"])) if op in ("rename", "tag", "untag", "note") else None
    rand = draw(st.sampled_from(["00000000", "0000000f", "ffffffff"]))
    return Edit(draw(st.integers(1, 6)), rand, draw(st.sampled_from(["r1", "r2"])), op, arg, "ann")


Call = tuple[tuple[str, ...], str | None, int, float, tuple[float, ...]]
"""One `log()`: names, dataset, step, time, values."""


@st.composite
def calls(draw: st.DrawFn, max_calls: int = 12) -> list[Call]:
    """What a training might log, few names so that groups and metrics meet."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    sets = draw(st.sampled_from([(None,), (None, "cifar10"), ("a", "b", None)]))
    out: list[Call] = []
    for _ in range(draw(st.integers(0, max_calls))):
        chosen = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=len(names), unique=True)))
        values = tuple(draw(st.lists(FLOATS, min_size=len(chosen), max_size=len(chosen))))
        out.append((chosen, draw(st.sampled_from(sets)), draw(INT64), draw(SECONDS), values))
    return out


def groups_of(logged: Sequence[Call], lo: int = 0) -> tuple[list[Group], int]:
    """The groups that these calls fill when the first row is `lo`, and the row after the last."""
    groups: dict[tuple[str | None, ...], Group] = {}
    row = lo
    for names, dataset, step, at, values in logged:
        group = groups.setdefault((dataset, *names), Group(names, dataset))
        group.steps.append(step)
        group.times.append(at)
        group.starts.append(row)
        group.values.extend(array("d", values))
        row += len(names)
    return list(groups.values()), row


Point = tuple[str, str | None, int, float, int, int]
"""metric, dataset, step, value, milliseconds, seq."""


def points_of(logged: Sequence[Call], lo: int = 0) -> list[Point]:
    """The rows that these calls are, in order of `seq`."""
    out: list[Point] = []
    for names, dataset, step, at, values in logged:
        for name, value in zip(names, values, strict=True):
            out.append((name, dataset, step, value, int(at * 1000), lo + len(out)))
    return out
