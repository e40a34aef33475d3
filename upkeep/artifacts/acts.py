"""Decisions about versions of artifacts: reading them all, and making one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...schema.ahead import is_ahead, said_ahead
from ...schema.artifacts.acts import Act, Decided, check_act, decide, encode_act
from ...schema.artifacts.acts import decode_act as decode
from ...schema.artifacts.keys import ActKey
from ...schema.artifacts.names import Version
from ...schema.errors import DamagedObject, LakeFormat, MissingObject
from ...schema.ids import next_hlc
from ...schema.problems import Problem, problem_of
from ...store.base import Store
from .listing import ArtifactListing


@dataclass(frozen=True, slots=True)
class Acts:
    """What was read of a project's decisions."""

    acts: tuple[Act, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Those that could not be read, or that are of a time that can't be: they do not count."""
    newest: int = 0
    """The highest clock reading of all, read or not."""

    @property
    def decided(self) -> Decided:
        """What they come to."""
        return decide(self.acts)


def read_acts(store: Store, listing: ArtifactListing, *, without: Collection[ActKey] = ()) -> Acts:
    """Read the decisions that a listing shows. One GET each, several at a time.

    Args:
        store: the lake.
        listing: of the project.
        without: those that are known already; they are not read.

    Raises:
        StoreError: one could not be fetched: it may be a purge, so nothing may be concluded without it.
    """
    wanted = {key: info for key, info in listing.acts if key not in set(without)}
    found = store.get_many([info.key for info in wanted.values()])
    acts: list[Act] = []
    problems: list[Problem] = []
    for key, info in wanted.items():
        data = found[info.key]
        if isinstance(data, MissingObject):
            continue
        if isinstance(data, Exception):
            raise data
        if is_ahead(key.hlc, info.modified):
            problems.append(Problem(info.key, "ahead", said_ahead(info.key, "a decision", key.hlc, info.modified)))
            continue
        try:
            act = decode(data, key=key)
        except (DamagedObject, LakeFormat) as error:
            problems.append(problem_of(info.key, error))
            continue
        if act is not None:
            acts.append(act)
    newest = max((key.hlc for key, info in listing.acts if not is_ahead(key.hlc, info.modified)), default=0)
    return Acts(tuple(acts), tuple(problems), newest)


def put_act(
    store: Store,
    project: str,
    op: str,
    artifact: str,
    version: Version,
    *,
    arg: str | None = None,
    editor: str | None = None,
    why: str | None = None,
    now_ms: int,
    seen: int,
    rand: str,
) -> Act:
    """Decide something about a version: later than all decisions up to `seen`. One PUT.

    Raises:
        InvalidValue: an unknown op, or an argument that it does not take.
        InvalidName: an alias that can't be.
    """
    known, checked = check_act(op, arg)
    act = Act(next_hlc(now_ms, seen), rand, known, artifact, version, checked, editor, why)
    store.put(ActKey(project, act.hlc, act.rand).path, encode_act(act), durable=True)
    return act
