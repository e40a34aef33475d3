// A sheet: things in rows, runs or fields in columns, rows in groups that fold. The names at the left and the heads
// stay in sight. Everything that people wrote is set as text, never as markup; rows are kept between refreshes.

const states = new WeakMap();

function head(state, data) {
  const text = JSON.stringify([data.columns, data.corner, state.palette]);
  if (text === state.headText) return;
  state.headText = text;
  const row = el("tr");
  const corner = el("th", "corner", data.corner);
  corner.scope = "col";
  row.appendChild(corner);
  for (const column of data.columns) {
    const th = el("th", column.base ? "base" : "");
    th.scope = "col";
    const box = el("div", "run");
    if (column.mark) box.appendChild(swatch(column.mark, state.palette));
    if (column.href) {
      const link = el("a", "name", column.label);
      link.href = column.href;
      link.dataset.go = "";
      link.title = column.title || column.label;
      box.appendChild(link);
    } else box.appendChild(el("span", "label", column.label));
    th.appendChild(box);
    if (column.sub) {
      const sub = el("div", "below", column.sub);
      sub.title = column.sub;
      th.appendChild(sub);
    }
    if (column.base !== undefined) {
      const button = el("button", "choose", column.base ? "baseline" : "set as baseline");
      button.type = "button";
      button.dataset.base = column.id;
      button.setAttribute("aria-pressed", String(column.base));
      button.setAttribute("aria-label", `${column.base ? "Baseline" : "Set as baseline"}: ${column.label}`);
      th.appendChild(button);
    }
    row.appendChild(th);
  }
  state.thead.replaceChildren(row);
}

function cell(value, className) {
  const td = el("td", className);
  if (value === null || value === undefined) {
    td.appendChild(el("span", "none", "–"));
    return td;
  }
  const known = typeof value === "object" ? value : { text: value };
  if (known.off) td.classList.add("off");
  if (known.title) td.title = known.title;
  td.appendChild(el("span", "v", known.text));
  if (known.sub) td.appendChild(el("span", known.tint ? `sub ${known.tint}` : "sub", known.sub));
  return td;
}

function line(row, data) {
  const tr = el("tr", row.group ? "group" : row.differs ? "differs" : "");
  tr.dataset.id = row.id;
  const th = el("th", "thing");
  th.scope = row.group ? "rowgroup" : "row";
  th.style.paddingLeft = `${10 + 14 * row.depth}px`;
  if (row.group) {
    th.colSpan = 1 + data.columns.length;
    const button = el("button", "fold");
    button.type = "button";
    button.dataset.fold = row.id;
    button.append(el("span", "arrow", "▾"), el("span", "", row.name));
    if (row.note) button.appendChild(el("span", "note", row.note));
    th.appendChild(button);
    tr.appendChild(th);
    return tr;
  }
  const name = el("span", "what", row.name);
  if (row.title) name.title = row.title;
  th.appendChild(name);
  if (row.note) th.appendChild(el("span", "note", row.note));
  tr.appendChild(th);
  row.cells.forEach((value, i) => tr.appendChild(cell(value, row.kinds ? row.kinds[i] : row.kind)));
  return tr;
}

// What is folded away, or does not match the search, is hidden; a group stays while one of its rows is seen.
function reveal(state) {
  const words = state.find.value.toLowerCase().split(/\s+/).filter(Boolean);
  const seen = new Set();
  let n = 0;
  for (const { row, tr, text } of [...state.rows.values()].reverse()) {
    let shown;
    if (row.group) shown = seen.has(row.id);
    else {
      shown = words.every((word) => text.includes(word));
      if (shown) n += 1;
    }
    if (shown && row.parent) seen.add(row.parent);
    let folded = false;
    for (let up = row.parent; up; up = state.rows.get(up)?.row.parent) folded ||= state.folded.has(up);
    tr.hidden = !shown || (folded && !words.length);
    if (row.group) {
      const open = !state.folded.has(row.id) || words.length > 0;
      tr.querySelector(".fold").setAttribute("aria-expanded", String(open));
    }
  }
  const none = words.length > 0 && n === 0;
  state.empty.hidden = state.rows.size > 0 && !none;
  state.empty.textContent = none ? "Nothing matches." : state.emptyText;
}

function body(state, data) {
  const shape = JSON.stringify(data.columns.map((column) => column.id));
  const old = shape === state.shape ? state.rows : new Map();
  if (shape !== state.shape) state.tbody.replaceChildren();
  state.shape = shape;
  const rows = new Map();
  let place = state.tbody.firstChild;
  for (const row of data.rows) {
    const json = JSON.stringify(row);
    let kept = old.get(row.id);
    if (!kept || kept.json !== json) {
      const tr = line(row, data);
      if (kept) {
        if (kept.tr === place) place = tr;
        kept.tr.replaceWith(tr);
      }
      const values = row.group ? [] : row.cells.map((value) => value?.text ?? value ?? "");
      kept = { row, tr, json, text: [row.find ?? row.name, ...values].join(" ").toLowerCase() };
    }
    if (kept.tr !== place) state.tbody.insertBefore(kept.tr, place);
    else place = place.nextSibling;
    rows.set(row.id, kept);
  }
  for (const [id, kept] of old) if (!rows.has(id)) kept.tr.remove();
  state.rows = rows;
}

function setup(root) {
  const state = { rows: new Map(), folded: new Set(), shape: null };
  state.find = el("input", "find");
  state.find.type = "search";
  const frame = el("div", "frame");
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  const table = el("table");
  state.caption = el("caption");
  state.thead = el("thead");
  state.tbody = el("tbody");
  table.append(state.caption, state.thead, state.tbody);
  state.empty = el("p", "empty");
  frame.append(table);
  state.frame = frame;
  root.replaceChildren(state.find, frame, state.empty);
  state.find.oninput = () => reveal(state);
  states.set(root, state);
  return state;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".lb-sheet");
  if (!root || !data) return;
  const state = states.get(root) ?? setup(root);
  state.palette = shades(parentElement, data.palette);
  state.caption.textContent = data.caption;
  state.frame.setAttribute("aria-label", data.caption);
  state.frame.style.maxHeight = data.height ? `${data.height}px` : "";
  state.emptyText = data.empty || "";
  state.find.hidden = !data.find;
  state.find.placeholder = data.find || "";
  state.find.setAttribute("aria-label", data.find || "Find");
  if (!data.find) state.find.value = "";
  root.classList.toggle("narrow", data.columns.length <= 2);
  head(state, data);
  body(state, data);
  reveal(state);
  root.onclick = (event) => {
    const target = event.target.closest("[data-go],[data-base],[data-fold]");
    if (!target) return;
    if (target.dataset.go !== undefined) follow(event, target.href);
    if (target.dataset.base) setTriggerValue("act", { kind: "base", id: target.dataset.base });
    if (target.dataset.fold) {
      const id = target.dataset.fold;
      state.folded[state.folded.has(id) ? "delete" : "add"](id);
      reveal(state);
    }
  };
  return () => states.delete(root);
}
