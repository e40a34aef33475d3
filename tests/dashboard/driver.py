"""Pages without a browser: open one, act on our own components as the browser's side would, look at what they show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

import lakeboard.dashboard
from tests.dashboard.insides import EVENT_DELIM, WidgetState

APP = Path(lakeboard.dashboard.__file__).with_name("app.py")
_INTERNAL = "$$STREAMLIT_INTERNAL_KEY"


class Screen:
    """One viewer's session."""

    def __init__(self, *, may_fail: bool = False) -> None:
        self.may_fail = may_fail
        self.at = AppTest.from_file(str(APP), default_timeout=30)

    def open(self, page: str = "", **params: str | list[str]) -> Screen:
        """Go to an address."""
        if page and not self.at._registered_pages:
            # Without parameters, which would be those of another page.
            self.run()
        for name in list(self.at.query_params):
            del self.at.query_params[name]
        for name, value in params.items():
            self.at.query_params[name] = value
        if page:
            found = [each for each, info in self.at._registered_pages.items() if info.get("url_pathname") == page]
            self.at._page_hash = found[0]
        return self.run()

    def run(self) -> Screen:
        """Draw once more."""
        self.at.run()
        return self.checked()

    def checked(self) -> Screen:
        """This, if nothing went wrong."""
        assert not self.at.exception, [each.value for each in self.at.exception]
        if not self.may_fail:
            assert "This page failed" not in self.text(), self.text()
        return self

    @property
    def params(self) -> dict[str, Any]:
        """The query parameters."""
        return dict(self.at.query_params)

    def _component(self, key: str) -> Any:
        found = [each for each in self.at.get("bidi_component") if each.proto.id.endswith(f"-{key}")]
        assert len(found) == 1, (key, [each.proto.id for each in self.at.get("bidi_component")])
        return found[0].proto

    def has(self, key: str) -> bool:
        """Whether a component is on the page."""
        return any(each.proto.id.endswith(f"-{key}") for each in self.at.get("bidi_component"))

    def data(self, key: str) -> dict[str, Any]:
        """What a component was given."""
        proto = self._component(key)
        data: dict[str, Any] = json.loads(proto.json or proto.mixed.json)
        return data

    def messages(self) -> list[tuple[str, str]]:
        """What every component on the page was given: its name, and JSON."""
        protos = [each.proto for each in self.at.get("bidi_component")]
        return [(proto.component_name, proto.json or proto.mixed.json) for proto in protos]

    def trigger(self, key: str, event: str, value: object) -> Screen:
        """What `setTriggerValue` does."""
        return self.say(self.event(key, event, value))

    def event(self, key: str, event: str, value: object) -> WidgetState:
        """How the browser tells of it."""
        identity = f"{_INTERNAL}_{self._component(key).id}{EVENT_DELIM}events"
        return WidgetState(id=identity, json_trigger_value=json.dumps([{"event": event, "value": value}]))

    def state(self, key: str, **values: object) -> Screen:
        """What `setStateValue` does."""
        return self.say(WidgetState(id=self._component(key).id, json_value=json.dumps(values)))

    def say(self, state: WidgetState) -> Screen:
        """What a browser says when one widget changes."""
        states = self.at._tree.get_widget_states()
        kept = [each for each in states.widgets if each.id != state.id]
        del states.widgets[:]
        states.widgets.extend([*kept, state])
        self.at._run(states)
        return self.checked()

    def names(self, key: str) -> list[str]:
        """The first run cell of each row of a table."""
        return [
            next(cell["text"] for cell in row["cells"] if isinstance(cell, dict) and "href" in cell)
            for row in self.data(key)["rows"]
        ]

    def cell(self, key: str, row: str, column: str) -> Any:
        """One cell's text."""
        data = self.data(key)
        at = [each["id"] for each in data["columns"]].index(column)
        found = next(each for each in data["rows"] if each["id"] == row)["cells"][at]
        return found["text"] if isinstance(found, dict) else found

    def text(self) -> str:
        """Everything said in words outside our components."""
        kinds = ("title", "subheader", "caption", "markdown", "text", "code", "badge")
        found: list[Any] = [each for kind in kinds for each in self.at.get(kind)]
        return "\n".join(str(each.value) for each in found)
