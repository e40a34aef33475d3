// When to look again. The clock runs in the browser, so a hidden tab asks for nothing at all, and the age of what is
// shown counts up without a request. Python says how long to wait after each answer.

import { age } from "../shared/ages.js";
import { part } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { count } from "../shared/numbers.js";
import { pinned } from "./address.js";
/** @import { Component } from "../shared/mount.js" */
/** @import { RefreshData } from "./message.js" */

/** @typedef {ReturnType<typeof setup>} State */

const LOST = 10_000;

/**
 * @param {HTMLElement} root
 * @param {RefreshData} data
 */
function setup(root, data) {
  const state = {
    root,
    text: part(root, ".text"),
    button: part(root, "button"),
    data,
    since: 0,
    /** When the last answer came, and when the last question was asked. */
    heard: 0,
    asked: 0,
    seen: () => look(state),
    timer: setInterval(() => look(state), 500),
    tell: (/** @type {string} */ _event, /** @type {unknown} */ _value) => {},
  };
  answered(state, data);
  document.addEventListener("visibilitychange", state.seen);
  return state;
}

/**
 * @param {State} state
 * @param {RefreshData} data
 */
function answered(state, data) {
  state.heard = Date.now();
  state.since = state.heard - data.age;
  state.asked = -Infinity;
}

/** @param {State} state */
function look(state) {
  const { data } = state;
  const now = Date.now();
  const text = `${data.lead} · updated ${age(now - state.since)} · ${count(data.requests, "request")}`;
  if (state.text.textContent !== text) state.text.textContent = text;
  if (data.paused || !data.every || document.visibilityState !== "visible") return;
  // One question at a time; ask again if an answer got lost.
  if (now - state.heard >= data.every && now - state.asked >= Math.max(data.every, LOST)) {
    state.asked = now;
    state.tell("tick", data.beat);
  }
}

/**
 * @param {State} state
 * @param {RefreshData} data
 * @param {Component<RefreshData>} component
 */
function draw(state, data, { setTriggerValue }) {
  const { root, button } = state;
  const href = pinned(location.href, data);
  if (href !== null) history.replaceState(history.state, "", href);
  state.tell = setTriggerValue;
  if (state.data.beat !== data.beat) answered(state, data);
  state.data = data;
  root.dataset.state = data.trouble ? "trouble" : data.paused ? "paused" : data.live ? "live" : "idle";
  root.title = data.title;
  button.textContent = data.paused ? "Resume" : "Pause";
  button.setAttribute("aria-label", data.paused ? "Resume live refresh" : "Pause live refresh");
  button.onclick = () => setTriggerValue("toggle", true);
  look(state);
}

export default mount(".lb-refresh", {
  setup,
  draw,
  end(state) {
    clearInterval(state.timer);
    document.removeEventListener("visibilitychange", state.seen);
  },
});
