"""Views of the table of runs, saved in the lake by name: the whole team has them, every version is kept."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final

from ...schema.ahead import is_ahead, said_ahead
from ...schema.checksum import CHECKSUM_KEY, stamped_json, verify_json
from ...schema.errors import DamagedObject, InvalidSetting, InvalidValue, MissingObject, StoreError
from ...schema.ids import next_hlc
from ...schema.jsontext import loads
from ...schema.keys import ViewKey, parse_key
from ...schema.names import check_project, check_text
from ...store.base import Store
from ..objects.problems import Problem, problem_of

VIEWS: Final = "views/"
MAX_BYTES: Final = 100_000
"""Of one version."""
_WORD: Final = re.compile(r"[a-z0-9]+")
_LISTS: Final = ("projects", "columns", "pins", "widths", "group")
_FLAGS: Final = ("default", "deleted")


@dataclass(frozen=True, slots=True)
class SavedView:
    """What a table of runs shows, under a name."""

    project: str
    name: str
    projects: tuple[str, ...] = ()
    """Further projects whose runs are shown as well."""
    filter: str = ""
    where: str = ""
    columns: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    widths: tuple[str, ...] = ()
    """Pixels, a space and the column."""
    sort: str = ""
    group: tuple[str, ...] = ()
    default: bool = False
    """Whether who comes without another view sees this one."""
    editor: str | None = None
    """Who saved this version, as far as is known."""
    deleted: bool = False
    others: Mapping[str, Any] = field(default_factory=dict)
    """Fields of newer versions of lakeboard, kept as they are."""

    @property
    def slug(self) -> str:
        """What its objects are filed under: the same for the same project and name."""
        words = "-".join(_WORD.findall(self.name.casefold()))[:40].strip("-") or "view"
        digest = hashlib.blake2b(f"{self.project}\0{self.name}".encode("utf-8", "surrogatepass"), digest_size=6)
        return f"{words}-{digest.hexdigest()}"

    def to_json(self) -> str:
        """A JSON object with sorted keys, fields at their default left out; `from_json` inverts it."""
        out = dict(self.others)
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "others" and value != each.default:
                out[each.name] = list(value) if isinstance(value, tuple) else value
        return json.dumps(out, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> SavedView:
        """Read what `to_json` wrote; unknown fields are kept in `others`.

        Raises:
            InvalidSetting: no view; the message names the field.
        """
        try:
            found = loads(text, key="the saved view")
        except DamagedObject as error:
            raise InvalidSetting(f"the saved view is not JSON: {error}") from None
        if not isinstance(found, dict):
            raise InvalidSetting("the saved view is JSON, but no object")
        found.pop(CHECKSUM_KEY, None)
        known: dict[str, Any] = {}
        for each in fields(cls):
            if each.name == "others" or each.name not in found:
                continue
            value = known[each.name] = found.pop(each.name)
            if each.name in _LISTS:
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise InvalidSetting(f"{each.name} is {value!r} in the saved view; expected a list of text")
                known[each.name] = tuple(value)
            elif each.name in _FLAGS:
                if not isinstance(value, bool):
                    raise InvalidSetting(f"{each.name} is {value!r} in the saved view; expected true or false")
            elif not isinstance(value, str) and not (value is None and each.name == "editor"):
                raise InvalidSetting(f"{each.name} is {value!r} in the saved view; expected text")
        if not known.get("project") or not known.get("name"):
            raise InvalidSetting("the saved view has no project or no name")
        return cls(**known, others=found)


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest version of a saved view, as the lake has it."""

    view: SavedView
    key: ViewKey

    @property
    def at(self) -> datetime:
        """When it was saved, by its editor's clock."""
        return datetime.fromtimestamp(self.key.hlc / 1e9, UTC)


def default_of(views: Iterable[Kept]) -> Kept | None:
    """Of those marked as the one to show first, the one saved last."""
    marked = (kept for kept in views if kept.view.default)
    return max(marked, key=lambda kept: (kept.key.hlc, kept.key.rand), default=None)


class SavedViews:
    """The saved views of a lake. Safe to share between threads; what was read once is not read again."""

    def __init__(self, store: Store, *, wall: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._wall = wall
        self._lock = Lock()
        self._read: dict[str, SavedView | Problem] = {}
        self.problems: tuple[Problem, ...] = ()
        """What the last look could not read; the versions before stand in."""

    def of(self, project: str) -> list[Kept]:
        """The views of a project, by name. One LIST, and one GET for each version that is new and counts.

        Raises:
            AccessDenied, StoreUnreachable: the listing failed.
        """
        newest = self._newest()
        found = [kept for kept in newest.values() if kept.view.project == project and not kept.view.deleted]
        return sorted(found, key=lambda kept: (kept.view.name.casefold(), kept.view.name))

    def default(self, project: str) -> Kept | None:
        """The view for who comes without another: of those marked so, the one saved last. The cost of `of`."""
        return default_of(self.of(project))

    def save(self, view: SavedView, *, editor: str | None = None) -> ViewKey:
        """Keep a view under its name, in place of the one that had it; that one's unknown fields stay.

        The cost of `of`, and one PUT.

        Raises:
            InvalidName: a project or name that can't be.
            InvalidValue: it is too large.
            AccessDenied: no permission to write.
        """
        check_project(view.project)
        check_text(view.name, what="name of a view")
        newest = self._newest()
        before = newest.get(view.slug)
        others = {**(before.view.others if before else {}), **view.others}
        version = replace(view, editor=editor, others=others)
        data = stamped_json(version.to_json().encode("utf-8", "backslashreplace"))
        if len(data) > MAX_BYTES:
            raise InvalidValue(f"view {view.name!r} takes {len(data):,} bytes; at most {MAX_BYTES:,} fit")
        seen = max((kept.key.hlc for kept in newest.values()), default=0)
        key = ViewKey(view.slug, next_hlc(int(self._wall().timestamp() * 1000), seen), secrets.token_hex(4))
        self._store.put(key.path, data, durable=True)
        return key

    def delete(self, project: str, name: str, *, editor: str | None = None) -> ViewKey:
        """Take a view away; its versions stay in the lake, and saving the name anew brings it back.

        Raises:
            InvalidSetting: no such view.
            AccessDenied: no permission to write.
        """
        before = self._newest().get(SavedView(project, name).slug)
        if before is None or before.view.deleted:
            raise InvalidSetting(f"project {project!r} has no saved view {name!r}")
        return self.save(replace(before.view, deleted=True, default=False), editor=editor)

    def _newest(self) -> dict[str, Kept]:
        """Of each slug the newest version that reads."""
        versions: dict[str, list[ViewKey]] = {}
        problems: list[Problem] = []
        for info in self._store.list(VIEWS):
            key = parse_key(info.key)
            if isinstance(key, ViewKey) and is_ahead(key.hlc, info.modified):
                text = said_ahead(info.key, "a version of a view", key.hlc, info.modified)
                problems.append(Problem(info.key, "damaged", text))
            elif isinstance(key, ViewKey):
                versions.setdefault(key.slug, []).append(key)
        out: dict[str, Kept] = {}
        for slug, keys in versions.items():
            for key in sorted(keys, key=lambda key: (key.hlc, key.rand), reverse=True):
                found = self._get(key)
                if isinstance(found, SavedView):
                    out[slug] = Kept(found, key)
                    break
                problems.append(found)
        self.problems = tuple(problems)
        return out

    def _get(self, key: ViewKey) -> SavedView | Problem:
        with self._lock:
            known = self._read.get(key.path)
        if known is not None:
            return known
        try:
            data = self._store.get(key.path)
            verify_json(data, key=key.path)
            found: SavedView | Problem = SavedView.from_json(data)
        except DamagedObject as error:
            found = problem_of(key.path, error)
        except (InvalidSetting, UnicodeDecodeError) as error:
            found = problem_of(key.path, DamagedObject(f"{key.path}: {error}", key=key.path))
        except (MissingObject, StoreError) as error:
            # Perhaps the next look can read it.
            return problem_of(key.path, error)
        with self._lock:
            self._read[key.path] = found
        return found
