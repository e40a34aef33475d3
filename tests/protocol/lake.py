"""What the tail protocol's models share: the store's content, the actors' states, rules and bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Area = Literal["live", "runs", "metrics"]
Role = Literal["recovery", "janitor"]

Spans: TypeAlias = int
"""A set of ranges of rows, as `spans.py` has it."""


class Tail(NamedTuple):
    """An object of `live/`."""

    k: int
    lo: int
    hi: int
    files: Spans
    """The sealed files that its footer names."""


class Row(NamedTuple):
    """A final row, an object of `runs/`."""

    version: int
    rows: int
    files: Spans


NO_ROW = Row(0, 0, 0)

LIVE, METRICS, RUNS = 0, 1, 2


class Writer(NamedTuple):
    """A training process."""

    phase: int
    k: int
    """Number of its next tail."""
    lo: int
    """Rows below it are sealed and acknowledged; tails start here."""
    n: int
    """Rows numbered, and therefore in the spool. Of a dead writer: rows that its spool still has."""
    pin: int
    """Upper end of the seal that the spool notes and nobody has acknowledged yet, or 0."""
    files: Spans
    """Its acknowledged seals."""
    seals: int
    """How many these are."""
    acked: int
    """1 + the highest k that was acknowledged, or 0."""


NEW, RUNNING, CLOSING, ENDED, DEAD, UPLOADING = range(6)
"""UPLOADING: its points are through and its row says so with the janitor's rank; artifacts are on their way, and the
row that names them comes later."""


class Closer(NamedTuple):
    """Someone who ends a writer in its place: recovery or the janitor."""

    stage: int
    cursor: int
    seen: int
    """Set of the k it has read."""
    tails: Spans
    """The rows it has read there."""
    files: Spans
    """Sealed files it knows."""
    rows: int
    """Rows it will promise."""
    todo: Spans
    """Ranges still to seal."""


ABSENT, LISTING, JUDGING, SEALING, PROMISING, DELETING = range(6)
NOBODY = Closer(ABSENT, 0, 0, 0, 0, 0, 0)


class Reader(NamedTuple):
    """A read under way."""

    stage: int
    """0 before a read; then 1 + the place in the reading order; FOLDER; OVER."""
    cursor: int
    told: int
    """Rows that were acknowledged when it began."""
    found: int
    """Whether it has met the start or a final row."""
    tails: Spans
    named: Spans
    """Sealed files that the rows it met name."""
    row: Row
    relists: int


NO_READ = Reader(0, 0, 0, 0, 0, 0, NO_ROW, 0)
FOLDER, OVER = 4, 5

Broken: TypeAlias = Literal["", "LOST", "DOUBLE", "VANISHED", "GONE", "DANGLING", "HOLE", "REPLACED"]
KINDS: tuple[Broken, ...] = ("", "LOST", "DOUBLE", "VANISHED", "GONE", "DANGLING", "HOLE", "REPLACED")
LOST, DOUBLE, VANISHED, GONE, DANGLING, HOLE, REPLACED = range(1, 8)
"""A finished read lacks an acknowledged row; has a row twice; lacks a run that was visible. The store lacks an
acknowledged row; lacks a file that a row names. Someone who ends a writer cannot find a row that must exist. A run row
was replaced by one of the same name that promises other rows."""


class State(NamedTuple):
    """Everything. Ints and tuples alone, so that it hashes alike in every process."""

    live: tuple[Tail, ...]
    metrics: Spans
    runs: tuple[Row, ...]
    flight: tuple[tuple[int, Tail | Row | Spans], ...]
    """PUTs that were not acknowledged and may land at any later time or never."""
    doubt: int
    """How many more PUTs may be ambiguous."""
    deaths: int
    """How many more times one who ends a writer may die on the way and begin again."""
    stale: int
    """How many more times a listing may leave out an object that is there."""
    writer: Writer
    held: int
    """Rows acknowledged by anything: the store must hold them."""
    told: int
    """Rows acknowledged in a tail or a final row, or in a file that one of them names: a read must give them."""
    closers: tuple[Closer, ...]
    reader: Reader
    wrong: int


FIRST = State((), 0, (), (), 0, 0, 0, Writer(NEW, 1, 0, 0, 0, 0, 0, 0), 0, 0, (), NO_READ, 0)
END = FIRST._replace(reader=NO_READ._replace(stage=OVER))
"""After a read that was right or gave up: what follows is followed from the states without a read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of the world is looked at."""

    rows: int = 2
    flushes: int = 2
    seals: int = 1
    doubt: int = 0
    """PUTs, of anyone, that may be ambiguous."""
    hidden: bool = False
    """Whether a client library may repeat a PUT by itself: acknowledged, and a copy of it lands again later."""
    crash: bool = False
    torn: bool = False
    """Whether a crash may leave the spool shorter than what was acknowledged."""
    closers: tuple[Role, ...] = ()
    deaths: int = 0
    stale: int = 0
    """How often a listing may be old: it leaves out an object that is there. One that it shows and that is gone ends
    the attempt of whoever asks for it, as it does without."""
    stale_reader: bool = False
    """Whether the reader's listings are the old ones, or those of the closers."""
    read: bool = True
    relists: int = 0
    uploads: bool = False
    """Whether artifacts may be on their way when the writer ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The protocol: the defaults are what ships, every other value a planted fault or a rule that was tried."""

    order: tuple[Area, Area, Area] = ("live", "runs", "metrics")
    seal_forgets: bool = False
    """The tail starts after a seal that was sent, not after one that was acknowledged."""
    seal_unpinned: bool = False
    """A seal's retry takes the rows that came meanwhile."""
    delete_before_seal: bool = False
    delete_before_row: bool = False
    ignore_empty: bool = False
    final_hides_live: bool = False
    unsliced: bool = False
    """The reader takes whole files."""
    highest_only: bool = False
    """The reader reads of each writer the start and the highest k alone."""
    by_number: bool = False
    """A tail is named by its flush alone, and a retry with more rows goes by the same name."""
    recovery_trusts_live: bool = False
    recovery_spool_only: bool = False
    metrics_first: bool = False
    """Recovery and janitor list `metrics/` before `live/`."""
    sweep: Literal["promised", "covered"] = "promised"
    """Tails of ended writers may be deleted once `metrics/` covers them and a final row promises as many rows;
    or as soon as `metrics/` covers them."""
    version: Literal["rows", "k", "role", "one"] = "rows"
    """A final row's version grows with the rows it promises; or with the highest k that its author knew; each with
    the owner's above recovery's above the janitor's; or it tells these three apart and nothing else; or it is 1."""
    deletes_unread: bool = False
    """Recovery and janitor delete all tails of the writer, not those alone that they have read."""
    stale_may_hide: bool = False
    """Do not demand that a read with an old listing is complete, only that it is not wrong."""
    sealed_is_told: bool = False
    """Demand that rows are read as soon as their seal is acknowledged."""
    glob_is_exact: bool = False
    """Demand that `metrics/` alone never holds a row twice."""
