"""What is asked of the protocol: one question each, and the answer that is expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

from tests.protocol.blobs import BlobModel
from tests.protocol.blobs import Fault as BlobFault
from tests.protocol.checker import Model
from tests.protocol.handover import Fault as HandoverFault
from tests.protocol.handover import HandoverModel
from tests.protocol.lake import Bounds, Role, Rules
from tests.protocol.packs import PackModel
from tests.protocol.process import Fault as ProcessFault
from tests.protocol.process import ProcessModel
from tests.protocol.ranks import Fault, RanksModel, ranks
from tests.protocol.summary import SummaryModel
from tests.protocol.tail import TailModel
from tests.protocol.uploads import Fault as UploadsFault
from tests.protocol.uploads import UploadsModel

JANITOR: tuple[Role, ...] = ("janitor",)
RECOVERY: tuple[Role, ...] = ("recovery",)
BOTH: tuple[Role, ...] = ("recovery", "janitor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A model and what its search must find."""

    name: str
    model: Model[Any]
    answer: str
    """`ok`, or the kind of the violation that must be found."""
    must_happen: tuple[str, ...] = ()
    """Verbs without which `ok` would say nothing."""
    quick: bool = False
    """Small enough for the developer's loop."""
    long: bool = False
    """Answered by `python -m tests.protocol` and with LAKEBOARD_EXHAUSTIVE=1 alone: others prove nearly as much."""

    @property
    def bounds(self) -> str:
        """In a few words, how much of the world the model has."""
        if isinstance(self.model, BlobModel):
            b = self.model
            words = [f"{b.writers} writers beside {b.standing} versions", f"{b.collectors} collectors, {b.runs} runs"]
            words += [f"{b.purges} purges"] + [f"{b.doubt} ambiguous"] * bool(b.doubt)
            words += [f"{b.stale} old listings"] * bool(b.stale) + ["coarse"] * (not b.fine)
            return ", ".join(words)
        if isinstance(self.model, PackModel):
            p = self.model
            return f"{p.packers} packers, versions {p.versions}, {p.doubt} ambiguous" + ", purge" * p.purge
        if isinstance(self.model, SummaryModel):
            return f"{self.model.flushes} flushes, {self.model.doubt} ambiguous"
        if isinstance(self.model, RanksModel):
            m = self.model
            words = ["; ".join(_words(b) for b in m.bounds)]
            words += [f"{m.doubt} ambiguous"] * bool(m.doubt) + ["page by page"] * m.paged
            return "; ".join(words)
        if isinstance(self.model, ProcessModel):
            few = self.model
            words = [f"runs below {few.parents}", f"{few.rows} rows"]
            words += ["signal"] * few.signal + ["kill"] * few.killed + ["next init"] * few.following
            return ", ".join(words)
        if isinstance(self.model, UploadsModel):
            return f"{self.model.jobs} artifacts, {self.model.kills} kills"
        if isinstance(self.model, HandoverModel):
            return f"{self.model.callers} callers, {self.model.calls} calls each, 1 answer"
        assert isinstance(self.model, TailModel)
        return _words(self.model.bounds)


def _words(b: Bounds) -> str:
    words = [f"{b.rows} rows", f"{b.flushes} flushes", f"{b.seals} seals"]
    words += [f"{b.doubt} ambiguous"] * bool(b.doubt) + [f"{b.deaths} deaths"] * bool(b.deaths)
    words += [f"{b.stale} old listings"] * bool(b.stale)
    words += ["artifacts on their way"] * b.uploads
    words += ["repeated PUTs"] * b.hidden + ["crash"] * b.crash + ["torn spool"] * b.torn
    return ", ".join([*words, *b.closers] + ["no reader"] * (not b.read))


READ = ("read", "done", "deletes", "finish")
LATE = ("lands late",)
RECOVERED = ("recovery seals", "recovery promises", "recovery deletes")
TIDIED = ("janitor seals", "janitor promises", "janitor deletes", "janitor sweeps")


def questions() -> Iterator[Question]:
    """All of them: first what must hold, then what must be caught."""
    yield from _must_hold()
    yield from _must_be_caught()
    yield from _faults_of_closers()
    yield from _several_writers()
    yield from _several_runs()
    yield from _handover()
    yield from _files()
    yield from _uploads()


def _tail(
    name: str, answer: str, bounds: Bounds, rules: Rules | None = None, *, quick: bool = False, long: bool = False
) -> Question:
    must: tuple[str, ...] = ()
    if answer == "ok":
        must = (*(READ if bounds.read else ("finish", "deletes")), *(LATE if bounds.doubt else ()))
        must += (RECOVERED if "recovery" in bounds.closers else ()) + (TIDIED if "janitor" in bounds.closers else ())
        must += ("flush twice",) if bounds.hidden else ()
        must += ("misses",) if bounds.stale_reader else ()
        must += ("finish early",) if bounds.uploads else ()
        if bounds.stale and not bounds.stale_reader:
            must += tuple(f"{role} misses {what}" for role in set(bounds.closers) for what in ("tail", "file"))
    model = TailModel(rules or Rules(), bounds)
    return Question(name=name, model=model, answer=answer, must_happen=must, quick=quick, long=long)


def _must_hold() -> Iterator[Question]:
    highest = Rules(highest_only=True)
    globbed = Rules(glob_is_exact=True)
    yield _tail("writer, tiny", "ok", Bounds(rows=1, flushes=2, doubt=1, crash=True), quick=True)
    yield _tail("writer", "ok", Bounds(rows=3, flushes=3, seals=2, crash=True))
    yield _tail("writer, ambiguity", "ok", Bounds(seals=2, doubt=1, hidden=True, crash=True))
    yield _tail("writer, ambiguity twice", "ok", Bounds(doubt=2, crash=True))
    yield _tail("recovery, tiny", "ok", Bounds(rows=1, flushes=1, crash=True, torn=True, closers=RECOVERY), quick=True)
    yield _tail("recovery, ambiguity", "ok", Bounds(doubt=1, crash=True, closers=RECOVERY))
    # "highest tail alone, recovery" is the same for a reader that reads less.
    died = Bounds(doubt=1, crash=True, torn=True, closers=RECOVERY)
    yield _tail("recovery, torn spool, ambiguity", "ok", died, long=True)
    yield _tail(
        "recovery, torn spool, begun again", "ok", Bounds(seals=2, crash=True, torn=True, closers=RECOVERY, deaths=1)
    )
    yield _tail("janitor that may be wrong", "ok", Bounds(seals=2, closers=JANITOR))
    yield _tail("janitor, ambiguity", "ok", Bounds(flushes=1, doubt=1, closers=JANITOR))
    yield _tail("janitor, ambiguity, more flushes", "ok", Bounds(rows=1, doubt=1, closers=JANITOR))
    yield _tail("janitor, two passes", "ok", Bounds(rows=1, closers=JANITOR, deaths=1))
    yield _tail("janitor, two passes, ambiguity: store", "ok", Bounds(doubt=1, closers=JANITOR, deaths=1, read=False))
    yield _tail("two janitors at once", "ok", Bounds(rows=1, flushes=1, closers=JANITOR * 2))
    yield _tail("two janitors at once: store", "ok", Bounds(closers=JANITOR * 2, read=False))
    yield _tail("recovery and janitor", "ok", Bounds(flushes=1, crash=True, torn=True, closers=BOTH))
    yield _tail(
        "recovery and janitor, ambiguity",
        "ok",
        Bounds(rows=1, flushes=1, doubt=1, crash=True, torn=True, closers=BOTH),
    )
    yield _tail(
        "recovery and janitor, ambiguity: store",
        "ok",
        Bounds(flushes=1, doubt=1, crash=True, torn=True, closers=BOTH, read=False),
    )
    yield _tail("highest tail alone, ambiguity", "ok", Bounds(doubt=1, hidden=True, crash=True), highest)
    yield _tail("highest tail alone, janitor", "ok", Bounds(closers=JANITOR), highest)
    yield _tail("highest tail alone, recovery", "ok", Bounds(doubt=1, crash=True, torn=True, closers=RECOVERY), highest)
    yield _tail(
        "metrics/ alone is exact: writer",
        "ok",
        Bounds(rows=3, flushes=3, seals=2, doubt=2, crash=True, read=False),
        globbed,
    )
    yield _tail(
        "metrics/ alone is exact: recovery",
        "ok",
        Bounds(rows=3, seals=2, doubt=1, crash=True, closers=RECOVERY, deaths=1, read=False),
        globbed,
    )
    alone = Bounds(crash=True, torn=True, closers=RECOVERY, deaths=1)
    yield _tail("version by role, no janitor", "ok", alone, Rules(version="role"), long=True)
    hidden = Rules(stale_may_hide=True)
    old = Bounds(stale=2, stale_reader=True)
    yield _tail("old listing: reader sees nothing twice", "ok", replace(old, crash=True, rows=3), hidden)
    yield _tail("old listing: reader, wrong janitor", "ok", replace(old, rows=2, flushes=1, closers=JANITOR), hidden)
    yield _tail(
        "old listing: recovery", "ok", Bounds(stale=2, crash=True, torn=True, closers=RECOVERY, deaths=1, flushes=1)
    )
    yield _tail("old listing: wrong janitor", "ok", Bounds(stale=2, closers=JANITOR, flushes=1))
    yield _tail(
        "old listing: both, ambiguity",
        "ok",
        Bounds(rows=1, flushes=1, stale=1, doubt=1, crash=True, torn=True, closers=BOTH, read=False),
    )
    yield _tail("artifacts on their way", "ok", Bounds(doubt=1, crash=True, uploads=True))
    late = Bounds(flushes=1, crash=True, torn=True, closers=RECOVERY, uploads=True, doubt=1)
    yield _tail("artifacts on their way, recovery", "ok", late)
    late = Bounds(rows=1, flushes=1, crash=True, torn=True, closers=BOTH, uploads=True)
    yield _tail("artifacts on their way, recovery and janitor", "ok", late)
    # Not a fault that shows: what the order breaks, the check for holes mends.
    repaired = TailModel(Rules(order=("metrics", "live", "runs")), Bounds(crash=True, relists=2))
    must = (*READ, "lists again")
    yield Question(name="order metrics, live, runs: holes checked", model=repaired, answer="ok", must_happen=must)
    yield Question(name="summary", model=SummaryModel(doubt=2), answer="ok", must_happen=("done", "lands late"))
    packed = ("done", "packer 0 deletes", "packer 1 deletes")
    yield Question(name="packs, tiny", model=PackModel(versions=(2,)), answer="ok", must_happen=packed, quick=True)
    yield Question(
        name="packs, purge, ambiguity", model=PackModel(doubt=1), answer="ok", must_happen=(*packed, "lands late")
    )
    yield Question(
        name="packs, three packers", model=PackModel(versions=(2,), packers=3), answer="ok", must_happen=packed
    )


def _must_be_caught() -> Iterator[Question]:
    one = Bounds(rows=1, flushes=1)
    yield _tail("seal forgotten before its ack", "GONE", Bounds(doubt=1), Rules(seal_forgets=True), quick=True)
    yield _tail("live deleted before the final seal", "GONE", Bounds(), Rules(delete_before_seal=True), quick=True)
    yield _tail("live deleted before the final row", "VANISHED", Bounds(), Rules(delete_before_row=True), quick=True)
    yield _tail("order metrics, runs, live", "VANISHED", one, Rules(order=("metrics", "runs", "live")), quick=True)
    yield _tail("order runs, live, metrics", "VANISHED", one, Rules(order=("runs", "live", "metrics")), quick=True)
    yield _tail("empty tail ignored", "LOST", one, Rules(ignore_empty=True), quick=True)
    yield _tail("tails named by flush", "GONE", Bounds(doubt=1), Rules(by_number=True), quick=True)
    yield _tail("whole files instead of slices", "DOUBLE", Bounds(rows=3), Rules(unsliced=True), quick=True)
    yield _tail(
        "seal's retry takes more rows",
        "DOUBLE",
        Bounds(doubt=1, read=False),
        Rules(seal_unpinned=True, glob_is_exact=True),
        quick=True,
    )
    yield _tail("sealed counts as told", "LOST", one, Rules(sealed_is_told=True), quick=True)
    yield Question(name="summary not kept", model=SummaryModel(keep="none"), answer="LOST")
    yield Question(name="summary kept where it was sent", model=SummaryModel(keep="sent"), answer="LOST")
    before = PackModel(versions=(1, 1), purge=False, names="before singles")
    yield Question(name="pack named before its inputs", model=before, answer="MISSING")
    yield Question(name="tombstone dropped", model=PackModel(tombstones="dropped"), answer="RESURRECTED", quick=True)


def _faults_of_closers() -> Iterator[Question]:
    died = Bounds(rows=1, flushes=1, crash=True, closers=RECOVERY)
    torn = Bounds(rows=1, flushes=1, crash=True, torn=True, closers=RECOVERY)
    wrong = Bounds(rows=1, flushes=1, closers=JANITOR)
    yield _tail("final row hides live rows", "LOST", wrong, Rules(final_hides_live=True))
    yield _tail("recovery trusts live", "GONE", died, Rules(recovery_trusts_live=True), quick=True)
    yield _tail("recovery writes the spool alone", "GONE", torn, Rules(recovery_spool_only=True), quick=True)
    yield _tail("metrics/ judged before live/ is listed", "HOLE", wrong, Rules(metrics_first=True), quick=True)
    yield _tail("tails swept because metrics/ covers them", "LOST", wrong, Rules(sweep="covered"))
    yield _tail("version 1 for everyone", "REPLACED", Bounds(closers=JANITOR), Rules(version="one"))
    twice = Bounds(rows=1, flushes=1, closers=JANITOR, deaths=1)
    yield _tail("version by role, janitor twice", "LOST", twice, Rules(version="role"))
    yield _tail("version by flush", "LOST", Bounds(rows=2, flushes=1, crash=True, closers=BOTH), Rules(version="k"))
    # What a store with listings that are old for longer than the grace costs: a run hides until the listing is fresh.
    yield _tail(
        "old listing: a run that just ended", "VANISHED", Bounds(rows=1, stale=1, stale_reader=True), quick=True
    )
    unread = Bounds(rows=1, flushes=1, stale=1, crash=True, torn=True, closers=RECOVERY)
    yield _tail("old listing: deletes what it did not read", "GONE", unread, Rules(deletes_unread=True), quick=True)
    yield _tail(
        "metrics/ alone, torn spool",
        "DOUBLE",
        Bounds(doubt=1, crash=True, torn=True, closers=RECOVERY, read=False),
        Rules(glob_is_exact=True),
    )
    yield _tail(
        "metrics/ alone, wrong janitor", "DOUBLE", Bounds(closers=JANITOR, read=False), Rules(glob_is_exact=True)
    )


ONE = Bounds(rows=1, flushes=1)
FLUSHES = Bounds(rows=1, flushes=1, seals=0)
SEALS = Bounds(rows=1, flushes=0)
DIES = replace(ONE, crash=True, torn=True, closers=RECOVERY)


def _ranks(name: str, model: RanksModel, must: tuple[str, ...], *, quick: bool = False) -> Question:
    return Question(name=f"two writers: {name}", model=model, answer="ok", must_happen=must, quick=quick)


def _reaching(fault: Fault, answer: str, model: RanksModel) -> Question:
    return Question(name=f"two writers: {fault}", model=model, answer=answer, quick=True)


def _several_writers() -> Iterator[Question]:
    """Two writers of one run: what holds, then what they must not do to each other."""
    yield _ranks("tiny", ranks(SEALS), ("read", "done", "finish", "deletes"), quick=True)
    yield _ranks("page by page", ranks(ONE, paged=True), READ)
    yield _ranks("ambiguity", ranks(ONE, FLUSHES, doubt=1), (*READ, *LATE))
    yield _ranks("recovery of the first", ranks(DIES, FLUSHES), (*READ, *RECOVERED))
    yield _ranks("recovery of the second", ranks(FLUSHES, DIES), (*READ, *RECOVERED))
    silent = replace(FLUSHES, closers=JANITOR)
    both = ranks(replace(SEALS, crash=True, closers=RECOVERY), silent)
    yield _ranks("recovery of one, a janitor for the other", both, (*READ, *RECOVERED, *TIDIED))
    for fault, answer in _FAULTS.items():
        yield _reaching(fault, answer, ranks(ONE, fault=fault))
    yield _reaching(
        "recovery deletes the run's tails", "VANISHED", ranks(DIES, ONE, fault="recovery deletes the run's tails")
    )
    yield _reaching("covered by anyone", "GONE", ranks(ONE, silent, fault="covered by anyone"))


_FAULTS: dict[Fault, str] = {
    "one name": "VANISHED",
    "row without writer": "VANISHED",
    "end deletes the run's tails": "VANISHED",
    "promised by anyone": "VANISHED",
    "ended by the first": "EARLY",
    "final row hides the others": "LOST",
    "cover by run": "LOST",
    "newest of the run": "LOST",
}


PAIR = (-1, 0)
"""A parent and its child."""


def _several_runs() -> Iterator[Question]:
    """Several open runs of one process: how they end together, then what must not be done to them."""
    ends = (
        "exit asks", "signal asks", "notes", "puts the row of", "waits in vain for", "leaves", "recovers", "is killed",
        "process is gone",
    )  # fmt: skip
    for name, model, quick in (
        ("parent and child", ProcessModel(parents=PAIR), True),
        ("parent and child, the next init", ProcessModel(parents=PAIR, rows=2, following=True), False),
        ("parent and two children", ProcessModel(parents=(-1, 0, 0)), False),
        ("three generations", ProcessModel(parents=(-1, 0, 1)), False),
        ("a stranger beside them", ProcessModel(parents=(-1, 0, -1)), False),
    ):
        must = (*ends, "next init ends") if model.following else ends
        yield Question(name=f"open runs: {name}", model=model, answer="ok", must_happen=must, quick=quick)
    for fault, answer in _PROCESS_FAULTS.items():
        faulty = ProcessModel(parents=PAIR, fault=fault, following=fault == "next is finished")
        yield Question(name=f"open runs: {fault}", model=faulty, answer=answer, quick=True)


_PROCESS_FAULTS: dict[ProcessFault, str] = {
    "current run alone": "FORGOTTEN",
    "parents first": "ORDER",
    "all at once": "ORDER",
    "no wait for others": "ORDER",
    "a deadline each": "LATE",
    "no note": "WRONG",
    "row before its points": "LOST",
    "log goes on": "LOST",
    "next is finished": "WRONG",
    "hooks of the first": "UNHANDLED",
}


def _handover() -> Iterator[Question]:
    """How calls that wait, and answers, wake the background thread."""
    happens = ("logs", "wakes", "lets through", "goes on", "answer rings", "hears")
    yield Question(name="handover", model=HandoverModel(), answer="ok", must_happen=happens, quick=True)
    more = HandoverModel(callers=3)
    yield Question(name="handover, three callers", model=more, answer="ok", must_happen=happens)
    for fault, answer in _HANDOVER_FAULTS.items():
        model = HandoverModel(fault=fault)
        yield Question(name=f"handover: {fault}", model=model, answer=answer, quick=True)


_HANDOVER_FAULTS: dict[HandoverFault, str] = {
    "silenced after the look": "LOST",
    "rings before it stands in line": "LOST",
    "called after the take": "EARLY",
}


COLLECTED = ("deletes", "drops a manifest", "drops an intent", "refers", "looks, in vain", "begins anew", "purge")


def _files() -> Iterator[Question]:
    """Files that versions of artifacts share: writers, purges, collectors."""
    tiny = BlobModel(writers=1)
    held = {
        "files, tiny": tiny,
        "files, newer versions listed last": replace(tiny, falling=False),
        "files, purge looked for first": replace(tiny, purge_first=True),
        "files, ambiguity": replace(tiny, doubt=1),
        "files, an old listing": replace(tiny, stale=1),
        "files, two collectors": replace(tiny, collectors=2, runs=2, purges=1),
        "files, two writers": replace(tiny, writers=2),
        "files, two writers, coarse, ambiguity": replace(tiny, writers=2, doubt=1, fine=False),
        "files, two writers, coarse, two rounds": replace(tiny, writers=2, runs=2, fine=False),
    }
    for name, model in held.items():
        late = LATE if model.doubt else ()
        missed = ("misses",) if model.stale else ()
        quick = model.writers == 1 and model.collectors == 1
        must = (*COLLECTED, *late, *missed)
        yield Question(name=name, model=model, answer="ok", must_happen=must, quick=quick)
    twice = BlobModel(writers=2, runs=2)
    yield Question(name="files, two rounds", model=twice, answer="ok", must_happen=COLLECTED, long=True)
    for fault in get_args(BlobFault):
        if fault == "lists once":
            model = BlobModel(writers=1, collectors=2, runs=2, fault=fault)
            yield Question(name=f"files, {fault}", model=model, answer="DANGLING")
        elif fault:
            model = BlobModel(writers=1, fault=fault)
            yield Question(name=f"files, {fault}", model=model, answer="DANGLING", quick=True)


def _uploads() -> Iterator[Question]:
    """Artifacts that are on their way when their run ends or is killed."""
    happens = ("ends", "ends early", "adds to its row", "is killed", "recovers", "janitor promises", "notes")
    yield Question(name="uploads", model=UploadsModel(), answer="ok", must_happen=happens, quick=True)
    yield Question(name="uploads, three", model=UploadsModel(jobs=3, kills=3), answer="ok", must_happen=happens)
    for fault, answer in _UPLOADS_FAULTS.items():
        yield Question(name=f"uploads: {fault}", model=UploadsModel(fault=fault), answer=answer, quick=True)


_UPLOADS_FAULTS: dict[UploadsFault, str] = {
    "one row at the end": "UNNAMED",
    "spool goes with the points": "LOST",
    "noted before it is made": "LOST",
    "begun is not noted": "TWICE",
    "recovery's row comes first": "UNNAMED",
    "a row of the run is enough": "UNNAMED",
}
