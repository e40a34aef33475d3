"""Views of the table of runs, saved in the lake by name: the whole team has them, every version is kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Final

from ...schema.documents import OWN_FIELDS, load_object
from ...schema.errors import InvalidSetting
from ...schema.names import check_project, check_text
from ...schema.problems import Problem
from ...store.base import Store
from ..documents.library import DocumentKind, DocumentLibrary
from ..documents.version import Version

_WORD: Final = re.compile(r"[a-z0-9]+")
_WHAT: Final = "the saved view"


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
    others: Mapping[str, Any] = field(default_factory=dict)
    """Fields of newer versions of lakeboard, kept as they are."""

    @property
    def slug(self) -> str:
        """What its objects are filed under: the same for the same project and name."""
        words = "-".join(_WORD.findall(self.name.casefold()))[:40].strip("-") or "view"
        digest = hashlib.blake2b(f"{self.project}\0{self.name}".encode("utf-8", "surrogatepass"), digest_size=6)
        return f"{words}-{digest.hexdigest()}"

    def to_plain(self) -> dict[str, Any]:
        """Text, lists and booleans by field, those at their default left out; `from_plain` inverts it."""
        out = dict(self.others)
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "others" and value != each.default:
                out[each.name] = list(value) if isinstance(value, tuple) else value
        return out

    @classmethod
    def from_plain(cls, found: Mapping[str, Any]) -> SavedView:
        """Read what `to_plain` gave; unknown fields are kept in `others`.

        Raises:
            InvalidSetting: no view; the message names the field.
        """
        others = dict(found)
        known: dict[str, Any] = {}
        for each in fields(cls):
            if each.name == "others" or each.name not in others:
                continue
            value = known[each.name] = others.pop(each.name)
            if isinstance(each.default, tuple):
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise InvalidSetting(f"{each.name} is {value!r} in {_WHAT}; expected a list of text")
                known[each.name] = tuple(value)
            elif isinstance(each.default, bool):
                if not isinstance(value, bool):
                    raise InvalidSetting(f"{each.name} is {value!r} in {_WHAT}; expected true or false")
            elif not isinstance(value, str):
                raise InvalidSetting(f"{each.name} is {value!r} in {_WHAT}; expected text")
        if not known.get("project") or not known.get("name"):
            raise InvalidSetting(f"{_WHAT} has no project or no name")
        return cls(**known, others=others)

    def to_json(self) -> str:
        """`to_plain` as a JSON object with sorted keys; `from_json` inverts it."""
        return json.dumps(self.to_plain(), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> SavedView:
        """Read what `to_json` wrote.

        Raises:
            InvalidSetting: no view; the message names the field.
        """
        return cls.from_plain(load_object(text, what=_WHAT))


@dataclass(frozen=True, slots=True)
class ViewVersion(Version[SavedView]):
    """One saved version of a view."""

    @property
    def view(self) -> SavedView:
        """What it shows."""
        return self.content

    @property
    def key(self) -> str:
        """The object's key."""
        return self.key_in("views")


VIEWS: Final = DocumentKind(
    area="views",
    noun="view",
    decode=SavedView.from_plain,
    encode=SavedView.to_plain,
    known=frozenset(each.name for each in fields(SavedView)) - {"others"} | OWN_FIELDS,
    version=ViewVersion,
    unknown=InvalidSetting,
    max_bytes=100_000,
    one_clock=True,
)


def default_of(views: Iterable[ViewVersion]) -> ViewVersion | None:
    """Of those marked as the one to show first, the one saved last."""
    return max((each for each in views if each.view.default), key=lambda each: each.id, default=None)


class SavedViews:
    """The saved views of a lake. Safe to share between threads; what was read once is not read again."""

    def __init__(
        self,
        store: Store,
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        exists: Callable[[], bool] = lambda: True,
    ) -> None:
        """Hold the views of a lake.

        Args:
            store: the lake's objects, `Lake.store`.
            wall: the editor's clock.
            exists: whether anything was ever written to the lake; the first view of one makes it.
        """
        self._documents = DocumentLibrary(store, VIEWS, wall=wall, exists=exists)
        self.problems: tuple[Problem, ...] = ()
        """What the last listing could not read; the versions before stand in."""

    def of(self, project: str) -> list[ViewVersion]:
        """The views of a project, by name. One LIST, and one GET for each version that is new and counts.

        Raises:
            AccessDenied, StoreUnreachable: the listing failed.
        """
        listing = self._documents.list()
        self.problems = listing.problems
        found = [each for each in listing.versions.values() if each.view.project == project and not each.deleted]
        return sorted(found, key=lambda each: (each.view.name.casefold(), each.view.name))

    def default(self, project: str) -> ViewVersion | None:
        """The view for who comes without another: of those marked so, the one saved last. The cost of `of`."""
        return default_of(self.of(project))

    def save(self, view: SavedView, *, editor: str | None = None) -> ViewVersion:
        """Keep a view under its name, in place of the one that had it; that one's unknown fields stay.

        One LIST, at most one GET, one PUT.

        Raises:
            InvalidName: a project or name that can't be.
            InvalidValue: it is too large.
            AccessDenied: no permission to write.
        """
        check_project(view.project)
        check_text(view.name, what="name of a view")
        return self._documents.save(view.slug, view, editor=editor)

    def delete(self, project: str, name: str, *, editor: str | None = None) -> ViewVersion:
        """Take a view away; its versions stay in the lake, and saving the name anew brings it back.

        The cost of `save`, and one LIST.

        Raises:
            InvalidSetting: no such view.
            AccessDenied: no permission to write.
        """
        slug = SavedView(project, name).slug
        try:
            before = self._documents.get(slug).view
        except InvalidSetting:
            raise InvalidSetting(f"project {project!r} has no saved view {name!r}") from None
        return self._documents.save(slug, replace(before, default=False), editor=editor, deleted=True)
