"""A message that was under way while a link was followed takes nothing back; what a person chose counts."""

from __future__ import annotations

from typing import Any

from tests.dashboard.driver import Screen
from tests.dashboard.insides import WidgetStates


def states_of(screen: Screen) -> WidgetStates:
    """What the browser says of all widgets."""
    kept = WidgetStates()
    kept.CopyFrom(screen.at._tree.get_widget_states())
    return kept


def say(screen: Screen, states: WidgetStates, *, tick: bool) -> None:
    """Send a message of the browser; with a tick it is a live refresh."""
    if tick:
        states.widgets.append(screen.event("refresh", "tick", 1))
    screen.at._run(states)
    screen.checked()


def query(screen: Screen) -> dict[str, Any]:
    return {name: value for name, value in screen.params.items() if name != "project"}


def test_a_refresh_under_way_leaves_the_followed_link_as_it_is(screen: Screen) -> None:
    screen.open("run", project="digits", run="r0")
    old = states_of(screen)
    screen.open("run", project="digits", run="r0", tab="history", x="time", find="acc")
    asked = query(screen)
    say(screen, old, tick=True)
    assert query(screen) == asked
    # Twice, as the browser may be slow; and a single difference is enough to be wrong about.
    say(screen, old, tick=True)
    assert query(screen) == asked
    assert screen.at.session_state["run.tab"] == "history"


def test_one_field_that_a_link_changed_survives_a_refresh_too(screen: Screen) -> None:
    screen.open("run", project="digits", run="r0")
    old = states_of(screen)
    screen.open("run", project="digits", run="r0", tab="history")
    say(screen, old, tick=True)
    assert query(screen)["tab"] == "history"


def test_a_click_meanwhile_changes_what_was_clicked_alone(screen: Screen) -> None:
    screen.open("curves", project="digits", runs=["r0", "r1"])
    screen.at.toggle(key="curves.logy").set_value(True)
    clicked = states_of(screen)
    screen.at.toggle(key="curves.logy").set_value(False)
    screen.open("curves", project="digits", runs=["r0", "r1"], x="time", smooth="0.4")
    say(screen, clicked, tick=False)
    assert query(screen) == {"runs": ["r0", "r1"], "x": "time", "smooth": "0.4", "logy": "1"}


def test_going_back_to_the_old_value_by_hand_is_a_decision(screen: Screen) -> None:
    screen.open("run", project="digits", run="r0")
    old = states_of(screen)
    screen.open("run", project="digits", run="r0", tab="history")
    say(screen, old, tick=False)
    assert "tab" not in query(screen)


def test_the_panel_of_filters_keeps_what_the_link_asked_for(screen: Screen) -> None:
    screen.open("runs", project="digits")
    old = states_of(screen)
    screen.open("runs", project="digits", where='params.model = "mlp" and user in ("ada")')
    asked = query(screen)
    say(screen, old, tick=True)
    assert query(screen) == asked


def test_once_the_browser_has_seen_it_a_refresh_cannot_undo_a_choice(screen: Screen) -> None:
    screen.open("run", project="digits", run="r0")
    screen.open("run", project="digits", run="r0", tab="history")
    say(screen, states_of(screen), tick=True)
    screen.at.segmented_control(key="run.tab").set_value("metrics")
    say(screen, states_of(screen), tick=True)
    assert "tab" not in query(screen)
