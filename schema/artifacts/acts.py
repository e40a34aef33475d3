"""What people decide about versions of artifacts: delete, restore, purge, alias, unalias, describe. Pure.

Each decision is one JSON object, written once; of those about one thing the last wins, and all are kept. A purge is
final. Decisions of a kind that this version does not know are kept and passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from ..documents import Document, decode_document, encode_document
from ..errors import DamagedObject, InvalidValue
from .keys import ActKey
from .names import Version, check_alias, check_artifact_name, parse_version

Op: TypeAlias = Literal["delete", "restore", "purge", "alias", "unalias", "describe"]
OPS: Final[tuple[Op, ...]] = get_args(Op)
MAX_TEXT: Final = 100_000
"""Longest description or reason, in characters."""


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """One decision about one version. Sorts in the order in which decisions count."""

    hlc: int
    """Hybrid logical clock, as for edits of runs."""
    rand: str
    """8 hex digits; settles ties."""
    op: Op
    artifact: str
    version: Version
    arg: str | None = None
    """The alias, or the description; None for the others."""
    editor: str | None = None
    why: str | None = None

    @property
    def at(self) -> int:
        """When, in milliseconds since 1970, UTC."""
        return self.hlc // 1_000_000


def check_act(op: str, arg: str | None) -> tuple[Op, str | None]:
    """Return a valid (op, arg).

    Raises:
        InvalidValue: an unknown op, an argument that it does not take, or one that is too long.
        InvalidName: an alias that can't be.
    """
    known = next((each for each in OPS if each == op), None)
    if known is None:
        raise InvalidValue(f"act {op!r} is unknown; use one of {', '.join(OPS)}")
    if known in ("alias", "unalias"):
        return known, check_alias(arg)
    if known == "describe":
        if arg is not None and len(arg) > MAX_TEXT:
            raise InvalidValue(f"description has {len(arg):,} characters; at most {MAX_TEXT:,} fit")
        return known, arg or ""
    if arg is not None:
        raise InvalidValue(f"act {op!r} takes no argument, got {arg!r}")
    return known, None


def encode_act(act: Act) -> bytes:
    """The object's bytes; `decode_act` inverts it."""
    fields: dict[str, Any] = {"op": act.op, "artifact": act.artifact, "version": str(act.version)}
    if act.arg is not None:
        fields["arg"] = act.arg
    if act.why is not None:
        fields["why"] = act.why
    return encode_document(Document(fields, act.editor), what=f"act {act.op} of {act.artifact}:{act.version}")


def decode_act(data: bytes, *, key: ActKey) -> Act | None:
    """What an object decides; None for a kind that this version of lakeboard does not know.

    Raises:
        DamagedObject: its bytes are not those that were written, or are no decision; names the key.
    """
    found = decode_document(data, key=key.path)
    fields = found.fields
    if fields.get("op") not in OPS:
        return None
    try:
        op, arg = check_act(fields["op"], fields.get("arg"))
        version = parse_version(str(fields.get("version")))
        why = fields.get("why")
        if version is None or not isinstance(why, str | None):
            raise InvalidValue(f"version is {fields.get('version')!r}, why is {why!r}")
        artifact = check_artifact_name(fields.get("artifact"))
    except (TypeError, ValueError) as error:
        raise DamagedObject(f"{key.path} is no decision about an artifact: {error}", key=key.path) from error
    return Act(key.hlc, key.rand, op, artifact, version, arg, found.editor, why)


@dataclass(frozen=True, slots=True)
class Fate:
    """What all decisions about one version come to."""

    deleted: bool = False
    purged: Act | None = None
    """The first purge, which stays one whatever comes later."""
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What all decisions of a project come to."""

    fates: Mapping[tuple[str, Version], Fate] = field(default_factory=dict)
    aliases: Mapping[tuple[str, str], Version] = field(default_factory=dict)
    """By artifact and alias: the version that it was last given to; of a purged one, too."""

    def is_purged(self, artifact: str, version: Version) -> bool:
        """Whether somebody purged a version."""
        return self.fates.get((artifact, version), Fate()).purged is not None

    def aliases_of(self, artifact: str, version: Version) -> tuple[str, ...]:
        """The aliases that a version has now, sorted."""
        return tuple(sorted(a for (name, a), v in self.aliases.items() if (name, v) == (artifact, version)))


def decide(acts: Iterable[Act]) -> Decided:
    """What decisions come to. Their order and repeats do not matter.

    Taking an alias off one version leaves it where somebody gave it to another one later or before.
    """
    fates: dict[tuple[str, Version], Fate] = {}
    aliases: dict[tuple[str, str], Version] = {}
    for act in sorted(set(acts), key=lambda a: (a.hlc, a.rand)):
        about = (act.artifact, act.version)
        fate = fates.get(about, Fate())
        name = (act.artifact, act.arg or "")
        if act.op == "purge":
            fates[about] = Fate(fate.deleted, fate.purged or act, fate.description)
        elif act.op in ("delete", "restore"):
            fates[about] = Fate(act.op == "delete", fate.purged, fate.description)
        elif act.op == "describe":
            fates[about] = Fate(fate.deleted, fate.purged, act.arg)
        elif act.op == "alias":
            aliases[name] = act.version
        elif aliases.get(name) == act.version:
            del aliases[name]
    return Decided(fates, aliases)
