"""What can be done with a version: give and take aliases, delete it, restore it; each can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from ....query.artifacts.catalog import Catalog
from ....schema.artifacts.acts import Op
from ....schema.artifacts.names import Version, check_alias
from ....schema.errors import InvalidName
from ...feed.artifacts import artifacts
from ...format.numbers import count
from ...layout import editing
from ...layout.version_panel import Shown

_TURN: Final = "artifacts.turn"
_Step = tuple[Op, Version, str | None]


def controls(catalog: Catalog, shown: Shown) -> None:
    """The buttons of a version."""
    version = shown.key.version

    def turn(op: Op, done: str, back: Op) -> None:
        _decide(shown, [(op, version, None)], done, [(back, version, None)])

    if shown.deleted:
        st.button(
            "Restore",
            icon=":material/restore_from_trash:",
            on_click=lambda: turn("restore", "Restored", "delete"),
            disabled=not editing.may_edit(),
            key="artifacts.restore",
        )
    else:
        _aliases(catalog, shown)
        editing.confirm_delete(
            "Delete this version? It can be restored; its files stay in the lake.",
            "Delete the version",
            on_click=lambda: turn("delete", "Deleted", "restore"),
            off=False,
            key="artifacts.delete",
        )
    editing.undo_button("artifacts.undo")


def _aliases(catalog: Catalog, shown: Shown) -> None:
    """A form for all of its aliases; one that another version has leaves that."""
    name = shown.key.artifact
    known = sorted({alias for artifact, alias in catalog.decided.aliases if artifact == name})
    # Another key closes the popover once it has served.
    turn = st.session_state.get(_TURN, 0)
    panel = st.popover(
        "Aliases", icon=":material/label:", disabled=not editing.may_edit(), key=f"artifacts.aliases.{turn}"
    )
    with panel:
        editing.ask_name("artifacts.aliases")
        with st.form(f"artifacts.aliases.form.{turn}", border=False):
            chosen = st.multiselect(
                "Aliases",
                known,
                default=list(shown.aliases),
                accept_new_options=True,
                placeholder="Such as best or production",
                help="A lower-case letter, then lower-case letters, digits, _ and -. An alias belongs to one version; "
                "it leaves the one that had it.",
                key=f"artifacts.aliases.chosen.{turn}",
            )
            if st.form_submit_button("Save"):
                if _save_aliases(catalog, shown, [each.strip() for each in chosen]):
                    st.session_state[_TURN] = turn + 1
                st.rerun()


def _save_aliases(catalog: Catalog, shown: Shown, wanted: Sequence[str]) -> bool:
    """Whether the version has these aliases now. All are checked before the first is written."""
    for alias in wanted:
        try:
            check_alias(alias)
        except InvalidName as error:
            editing.say(f"Nothing was changed: {error}", icon=":material/error:")
            return False
    name, version = shown.key.artifact, shown.key.version
    steps: list[_Step] = []
    back: list[_Step] = []
    for alias in wanted:
        if alias not in shown.aliases:
            steps.append(("alias", version, alias))
            before = catalog.decided.aliases.get((name, alias))
            living = before is not None and before in catalog.versions.get(name, ())
            back.append(("alias", before, alias) if living and before else ("unalias", version, alias))
    for alias in shown.aliases:
        if alias not in wanted:
            steps.append(("unalias", version, alias))
            back.append(("alias", version, alias))
    return not steps or _decide(shown, steps, f"Changed {count(len(steps), 'alias', 'aliases')} of", back)


def _decide(shown: Shown, steps: Sequence[_Step], done: str, back: Sequence[_Step]) -> bool:
    """Write decisions about a version, and remember how they are taken back."""
    key = shown.key
    said = f"{done} {key.artifact}:v{key.version.number}"

    def write(each: Sequence[_Step]) -> Callable[[str | None], None]:
        def act(editor: str | None) -> None:
            for op, version, arg in each:
                artifacts().decide(key.project, op, key.artifact, version, arg, editor=editor)

        return act

    if not editing.attempt(write(steps), said):
        return False
    editing.offer_undo(said, lambda: editing.attempt(write(back), f"Took that back: {said}"))
    return True
