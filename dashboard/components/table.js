// A table whose rows are runs, known by id. Everything that people wrote is set as text, never as markup.
// Rows are kept between refreshes and only cells that changed are touched, so nothing jumps or loses focus.

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const states = new WeakMap();

export function ago(ms, now) {
  const s = (now - ms) / 1000;
  // A clock that is far ahead is no "now"; one that is a little ahead is none to speak of.
  if (s < -26 * DAY) return new Date(ms).toISOString().slice(0, 10);
  if (s < -2 * MINUTE) return `in ${ago(now, ms).replace(" ago", "")}`;
  if (s < 45) return s < 5 ? "now" : `${Math.round(s)} s ago`;
  if (s < 45 * MINUTE) return `${Math.max(1, Math.round(s / MINUTE))} min ago`;
  if (s < 22 * HOUR) return `${Math.max(1, Math.round(s / HOUR))} h ago`;
  if (s < 26 * DAY) return `${Math.max(1, Math.round(s / DAY))} d ago`;
  return new Date(ms).toISOString().slice(0, 10);
}

function absolute(ms) {
  return new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

function anchor(value) {
  const link = el("a", "name", value.text);
  link.href = value.href;
  link.dataset.go = "";
  if (value.title) link.title = value.title;
  return link;
}

// A curve without axes: its shape is all that it tells, so each one fills its cell.
function spark(values) {
  const [w, h, pad] = [112, 20, 2];
  const low = Math.min(...values), reach = Math.max(...values) - low;
  const x = (i) => pad + ((w - 2 * pad) * i) / Math.max(1, values.length - 1);
  const y = (v) => (reach ? h - pad - ((h - 2 * pad) * (v - low)) / reach : h / 2);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "spark");
  svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("points", values.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(" "));
  const end = document.createElementNS(SVG, "circle");
  for (const [k, v] of Object.entries({ cx: x(values.length - 1), cy: y(values.at(-1)), r: 2 })) end.setAttribute(k, v);
  svg.append(line, end);
  return svg;
}

function fill(td, column, cell, state) {
  td.replaceChildren();
  td.className = `k-${column.kind}`;
  td.removeAttribute("title");
  if (cell === null || cell === undefined) {
    td.appendChild(el("span", "none", "–"));
    return;
  }
  // Nothing to tell, as in the line that leads to more rows.
  if (cell === "") return;
  const value = typeof cell === "object" && !Array.isArray(cell) ? cell : { text: cell };
  if (value.tint) td.classList.add(`tint-${value.tint}`);
  if (value.title) td.title = value.title;
  if (column.kind === "time") {
    td.dataset.at = value.text;
    td.title = absolute(value.text);
    td.textContent = ago(value.text, Date.now());
  } else if (column.kind === "run") {
    const box = el("span", "run");
    if (value.fold !== undefined) {
      const fold = el("button", "fold");
      fold.type = "button";
      fold.dataset.act = "fold";
      fold.setAttribute("aria-expanded", String(value.fold));
      fold.setAttribute("aria-label", `Runs of ${value.text}`);
      box.appendChild(fold);
    }
    if (value.mark) box.appendChild(swatch(value.mark, state.palette));
    if (value.href) {
      const link = el("a", "name", value.text);
      link.href = value.href;
      link.dataset.go = "";
      box.appendChild(link);
    } else box.appendChild(el("span", "name", value.text));
    if (value.live) box.appendChild(el("span", "live", "running"));
    if (value.sub) box.appendChild(el("span", "sub", value.sub));
    td.appendChild(box);
  } else if (column.kind === "link") {
    td.appendChild(value.href ? anchor(value) : el("span", "v", value.text));
    if (value.sub) td.appendChild(el("span", "sub", value.sub));
  } else if (column.kind === "links") {
    value.text.forEach((each, i) => {
      if (i) td.append(", ");
      td.appendChild(each.href ? anchor(each) : el("span", "sub", each.text));
      if (each.href && each.sub) td.appendChild(el("span", "sub", each.sub));
    });
  } else if (column.kind === "bar") {
    const box = el("span", "bar");
    if (value.part !== undefined) {
      const track = el("span", "track");
      const done = el("span", "done");
      done.style.width = `${(100 * Math.max(0, Math.min(1, value.part))).toFixed(1)}%`;
      track.appendChild(done);
      box.appendChild(track);
    }
    box.appendChild(el("span", "v", value.text));
    td.appendChild(box);
  } else if (column.kind === "spark") {
    td.appendChild(spark(value.text));
  } else if (column.kind === "status") {
    td.appendChild(el("span", `status s-${value.state || value.text}`, value.text));
  } else if (column.kind === "tags") {
    for (const tag of value.text) td.appendChild(el("span", "tag", tag));
  } else if (column.kind === "rank") {
    const medal = { 1: "gold", 2: "silver", 3: "bronze" }[value.medal];
    const badge = el("span", medal ? `rank ${medal}` : "rank", value.text);
    td.appendChild(badge);
  } else if (column.kind === "action") {
    const button = el("button", "act", value.text);
    button.type = "button";
    button.dataset.act = column.id;
    td.appendChild(button);
  } else {
    // Where it may be cut, all of it is told on hover.
    const long = column.kind === "flex" || (column.kind === "text" && `${value.text}`.length > 14);
    if (long && !td.title) td.title = value.text;
    td.appendChild(el("span", "v", value.text));
    if (value.sub) td.appendChild(el("span", "sub", value.sub));
    if (value.delta) td.appendChild(el("span", value.better ? "delta better" : "delta worse", value.delta));
    if (value.medal) {
      const medal = { 1: "gold", 2: "silver", 3: "bronze" }[value.medal];
      td.classList.add("medal", medal);
    }
  }
}

// A name that may go on in the next line behind its marks, not within a word.
function breakable(text) {
  const span = el("span");
  text.split(/(?<=[-_/.])/).forEach((part, i) => span.append(...(i ? [el("wbr")] : []), part));
  return span;
}

function head(root, state, data, tell) {
  const moved = () => pin(state);
  const row = el("tr");
  if (data.selectable) {
    const th = el("th", "pick");
    th.scope = "col";
    const all = el("input");
    all.type = "checkbox";
    all.dataset.all = "1";
    all.setAttribute("aria-label", "Select all runs on this page");
    th.appendChild(all);
    row.appendChild(th);
  }
  for (const column of data.columns) {
    const th = el("th", `k-${column.kind}`);
    th.dataset.column = column.id;
    if (column.pinned) th.classList.add("pinned");
    if (column.wide) th.classList.add("wide");
    th.scope = "col";
    if (column.title) th.title = column.title;
    const label = el("span", "label");
    if (column.over) label.appendChild(el("span", "over", column.over));
    label.appendChild(column.kind === "score" ? breakable(column.label) : el("span", "", column.label));
    if (column.sortable) {
      const on = data.sort && data.sort.by === column.id;
      th.setAttribute("aria-sort", on ? (data.sort.descending ? "descending" : "ascending") : "none");
      const button = el("button", "sort");
      button.type = "button";
      button.dataset.sort = column.id;
      button.append(label, el("span", "arrow", on ? (data.sort.descending ? "↓" : "↑") : ""));
      th.appendChild(button);
    } else {
      th.appendChild(label);
    }
    if (column.menu) tools(root, state, data, column, th, moved, tell);
    row.appendChild(th);
  }
  // Whoever sorts with the keyboard stays where they are.
  const focused = state.thead.getRootNode().activeElement;
  const kept = state.thead.contains(focused) ? focused.dataset : {};
  state.thead.replaceChildren(row);
  const next = [...row.querySelectorAll("button, input")].find(
    (each) =>
      (kept.sort && each.dataset.sort === kept.sort) ||
      (kept.menu && each.dataset.menu === kept.menu) ||
      (kept.all && each.dataset.all),
  );
  if (next) next.focus({ preventScroll: true });
}

function body(state, data) {
  const seen = new Map();
  let place = state.tbody.firstChild;
  for (const row of data.rows) {
    let kept = state.rows.get(row.id);
    if (!kept) {
      kept = { tr: el("tr"), cells: [], was: [] };
      kept.tr.dataset.id = row.id;
      // Charts on the page let the run under the pointer stand out.
      const lit = (id) => dispatchEvent(new CustomEvent("lb-lit-run", { detail: { id } }));
      kept.tr.onpointerenter = () => lit(row.id);
      kept.tr.onpointerleave = () => lit("");
      if (data.selectable && row.tint === "group") kept.tr.appendChild(el("td", "pick"));
      else if (data.selectable) {
        const td = el("td", "pick");
        const box = el("input");
        box.type = "checkbox";
        box.dataset.pick = row.id;
        td.appendChild(box);
        kept.tr.appendChild(td);
        kept.box = box;
      }
    }
    if (kept.box) {
      kept.box.checked = state.selected.has(row.id);
      kept.box.setAttribute("aria-label", `Select ${row.label || row.id}`);
    }
    kept.tr.className = [row.tint ? `row-${row.tint}` : "", state.selected.has(row.id) ? "on" : ""].join(" ").trim();
    data.columns.forEach((column, i) => {
      let td = kept.cells[i];
      if (!td) {
        td = kept.cells[i] = el("td");
        kept.tr.appendChild(td);
      }
      const text = JSON.stringify(row.cells[i] ?? null);
      if (text !== kept.was[i]) {
        const changed = kept.was[i] !== undefined && ["number", "score"].includes(column.kind);
        fill(td, column, row.cells[i], state);
        if (column.pinned) td.classList.add("pinned");
        if (column.wide) td.classList.add("wide");
        if (changed) td.classList.add("fresh");
        kept.was[i] = text;
      }
    });
    if (kept.tr !== place) state.tbody.insertBefore(kept.tr, place);
    else place = place.nextSibling;
    seen.set(row.id, kept);
  }
  for (const [id, kept] of state.rows) if (!seen.has(id)) kept.tr.remove();
  state.rows = seen;
}

function pickable(data) {
  return data.rows.filter((row) => row.tint !== "group");
}

// Pinned columns stand side by side at the left, each where the widths before it end. Where they would leave too
// little room for the others, as on a small screen, only the first column stays.
function pin(state) {
  const heads = [...state.thead.querySelectorAll("th.pick, th.k-run, th.pinned")];
  const pinned = heads.filter((th) => th.classList.contains("pinned"));
  const widths = heads.map((th) => th.offsetWidth);
  const fits = widths.reduce((a, b) => a + b, 0) <= 0.66 * state.frame.clientWidth;
  state.table.classList.toggle("pins", fits && pinned.length > 0);
  let left = 0;
  heads.forEach((th, i) => {
    const place = th.classList.contains("pinned") ? [...th.parentNode.children].indexOf(th) : -1;
    if (place >= 0) {
      const cells = state.table.querySelectorAll(`tr > :nth-child(${place + 1})`);
      const last = th === pinned.at(-1);
      for (const cell of cells) {
        cell.style.left = fits ? `${left}px` : "";
        cell.classList.toggle("last", last);
      }
    }
    left += widths[i];
  });
}

// A shade at the right tells that there are more columns.
function edge(root, state) {
  const { scrollWidth, clientWidth, scrollLeft } = state.frame;
  root.classList.toggle("beyond", scrollWidth - clientWidth - scrollLeft > 2);
}

// Arrow keys go from row to row within a column; with shift they take the rows on the way along.
function walk(event, state, data, tell) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const from = event.target.closest("input, a, button");
  const td = event.target.closest("td");
  if (!step || !from || !td) return;
  const place = [...td.parentNode.children].indexOf(td);
  let tr = td.parentNode;
  do tr = step > 0 ? tr.nextElementSibling : tr.previousElementSibling;
  while (tr && !tr.children[place]?.querySelector("input, a, button"));
  if (!tr) return;
  event.preventDefault();
  tr.children[place].querySelector("input, a, button").focus();
  if (event.shiftKey && from.dataset.pick && tr.dataset.id) {
    const on = state.selected.has(from.dataset.pick);
    state.selected[on ? "add" : "delete"](tr.dataset.id);
    state.anchor = tr.dataset.id;
    ticks(state, data);
    tell();
  }
}

function ticks(state, data) {
  const all = state.thead.querySelector("[data-all]");
  if (!all) return;
  const rows = pickable(data);
  const on = rows.filter((row) => state.selected.has(row.id)).length;
  all.disabled = !rows.length;
  all.checked = on > 0 && on === rows.length;
  all.indeterminate = on > 0 && on < rows.length;
  for (const [id, kept] of state.rows) {
    if (!kept.box) continue;
    kept.box.checked = state.selected.has(id);
    kept.tr.classList.toggle("on", state.selected.has(id));
  }
}

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  const root = parentElement.querySelector(".lb-table");
  if (!root || !data) return;
  let state = states.get(root);
  if (!state) {
    state = { rows: new Map(), selected: new Set(), revision: null, shape: null };
    const frame = el("div", "frame");
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    const table = state.table = el("table");
    state.watch = new ResizeObserver(() => {
      pin(state);
      edge(root, state);
    });
    frame.onscroll = () => edge(root, state);
    state.watch.observe(frame);
    state.caption = el("caption");
    state.thead = el("thead");
    state.tbody = el("tbody");
    table.append(state.caption, state.thead, state.tbody);
    frame.appendChild(table);
    state.frame = frame;
    state.sizes = el("style");
    state.empty = el("p", "empty");
    frame.appendChild(state.empty);
    root.replaceChildren(state.sizes, frame);
    states.set(root, state);
    state.clock = setInterval(() => {
      const now = Date.now();
      for (const td of state.tbody.querySelectorAll("td[data-at]")) {
        const text = ago(Number(td.dataset.at), now);
        if (td.textContent !== text) td.textContent = text;
      }
    }, 5000);
  }
  const palette = shades(parentElement, data.palette);
  const shape = JSON.stringify([data.columns, data.selectable, palette.dark]);
  if (shape !== state.shape) {
    state.rows = new Map();
    state.tbody.replaceChildren();
    state.shape = shape;
  }
  state.palette = palette;
  // The browser keeps the selection; Python overrules it by naming a new revision.
  if (data.selectable && data.revision !== state.revision) {
    state.selected = new Set(data.selected);
    state.revision = data.revision;
  }
  state.caption.textContent = data.caption;
  state.frame.setAttribute("aria-label", data.caption);
  state.frame.style.maxHeight = data.height ? `${data.height}px` : "";
  state.frame.style.height = data.height && data.fill ? `${data.height}px` : "";
  state.empty.textContent = data.empty || "";
  state.empty.hidden = data.rows.length > 0;
  root.classList.toggle("dense", Boolean(data.dense));
  root.classList.toggle("fill", Boolean(data.fill));
  root.classList.toggle("plain", Boolean(data.plain));
  const scores = data.columns.filter((each) => each.kind === "score").length;
  root.classList.toggle("many", scores > 2);
  root.classList.toggle("more", scores > 3);
  root.classList.toggle("most", scores > 5);
  const act = (what) => setTriggerValue("act", what);
  state.widths = Object.fromEntries(data.columns.filter((each) => each.width).map((each) => [each.id, each.width]));
  widen(state, data);
  head(root, state, data, act);
  body(state, data);
  ticks(state, data);
  pin(state);
  edge(root, state);

  const tell = () => setStateValue("selected", [...state.selected]);
  root.onchange = (event) => {
    const box = event.target;
    if (box.dataset.all) for (const row of pickable(data)) state.selected[box.checked ? "add" : "delete"](row.id);
    else if (box.dataset.pick) state.selected[box.checked ? "add" : "delete"](box.dataset.pick);
    else return;
    ticks(state, data);
    tell();
  };
  root.oncontextmenu = (event) => data.columns.some((each) => each.menu) && cellMenu(root, state, data, event, act);
  root.onkeydown = (event) => walk(event, state, data, tell);
  root.onclick = (event) => {
    const target = event.target.closest("[data-sort],[data-go],[data-act],[data-pick]");
    if (!target) return;
    if (target.dataset.pick && event.shiftKey && state.anchor) {
      // Shift takes the whole stretch since the last click, as in every file list.
      const ids = pickable(data).map((row) => row.id);
      const [a, b] = [ids.indexOf(state.anchor), ids.indexOf(target.dataset.pick)].sort((x, y) => x - y);
      if (a >= 0) for (const id of ids.slice(a, b + 1)) state.selected[target.checked ? "add" : "delete"](id);
    }
    if (target.dataset.pick) state.anchor = target.dataset.pick;
    if (target.dataset.sort) setTriggerValue("act", { kind: "sort", by: target.dataset.sort });
    if (target.dataset.go !== undefined) follow(event, target.href);
    if (target.dataset.act)
      setTriggerValue("act", { kind: target.dataset.act, id: target.closest("tr").dataset.id });
  };
  return () => {
    clearInterval(state.clock);
    state.watch.disconnect();
    states.delete(root);
  };
}
