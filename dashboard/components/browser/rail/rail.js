// The projects of the lake, always at the left: a list of links with what runs in each.

import { el, part } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { follow } from "../shared/navigation.js";
/** @import { Project, RailData } from "./message.js" */

/** @typedef {ReturnType<typeof setup>} State */

const FEW = 8;

/** @param {HTMLElement} root */
function setup(root) {
  return {
    list: part(root, "ul"),
    place: part(root, "p"),
    /** @type {HTMLInputElement} */ find: part(root, "input"),
  };
}

/**
 * @param {Project} project
 * @param {boolean} current
 */
function line(project, current) {
  const link = el("a");
  link.href = project.href;
  link.dataset.name = project.name;
  if (current) link.setAttribute("aria-current", "true");
  const name = el("span", "name", project.name);
  name.title = project.name;
  link.appendChild(name);
  if (project.running) {
    const live = el("span", "live", project.running);
    live.title = `${project.running} running`;
    live.setAttribute("aria-label", live.title);
    link.appendChild(live);
  }
  const item = el("li");
  item.appendChild(link);
  return item;
}

/**
 * @param {State} state
 * @param {RailData} data
 */
function draw({ list, place, find }, data) {
  place.textContent = data.place;
  find.hidden = data.projects.length <= FEW;
  const links = () => /** @type {HTMLAnchorElement[]} */ ([...list.querySelectorAll("a")]);
  const refresh = () => {
    const wanted = find.hidden ? "" : find.value.trim().toLowerCase();
    const shown = data.projects.filter((project) => project.name.toLowerCase().includes(wanted));
    const held = links().find((each) => each.matches(":focus"))?.dataset.name;
    list.replaceChildren(...shown.map((project) => line(project, project.name === data.current)));
    if (held !== undefined) links().find((each) => each.dataset.name === held)?.focus();
  };
  find.oninput = refresh;
  refresh();
  list.onclick = (event) => {
    const link = event.target instanceof Element && event.target.closest("a");
    if (link) follow(event, link.href);
  };
}

export default mount(".lb-rail", { setup, draw });
