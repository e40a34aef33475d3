// Menus of a table's heads and cells, and heads that are drawn wider. What a menu does, Python decides; what it copies
// is what the cell says in full.

const NARROWEST = 44, WIDEST = 900, STEP = 40;

// In the browser's top layer, so that no frame cuts it off; Escape, a choice and a click elsewhere close it.
function popup(root, state, spot, items, label) {
  if (!state.menu) {
    state.menu = el("div", "menu");
    state.menu.popover = "auto";
    state.menu.setAttribute("role", "menu");
    root.appendChild(state.menu);
  }
  const menu = state.menu;
  const back = root.getRootNode().activeElement;
  menu.setAttribute("aria-label", label);
  menu.replaceChildren(
    ...items.map(([text, act]) => {
      const item = el("button", "item", text);
      item.type = "button";
      item.tabIndex = -1;
      item.setAttribute("role", "menuitem");
      item.onclick = () => {
        menu.hidePopover();
        if (back?.isConnected) back.focus({ preventScroll: true });
        act();
      };
      return item;
    }),
  );
  menu.onkeydown = (event) => {
    const all = [...menu.children];
    const at = all.indexOf(root.getRootNode().activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab" || event.key === "Escape") menu.hidePopover();
    if (event.key === "Escape") {
      event.preventDefault();
      back?.focus({ preventScroll: true });
    }
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    all[(to + all.length) % all.length].focus();
  };
  menu.showPopover();
  const { offsetWidth: w, offsetHeight: h } = menu;
  menu.style.left = `${Math.max(4, Math.min(spot.x, innerWidth - w - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(spot.y, innerHeight - h - 4))}px`;
  menu.firstChild.focus();
}

// Pages that are not served encrypted have no clipboard of their own; there the old way still works.
async function copy(root, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = el("textarea", "", text);
    field.style.position = "fixed";
    field.style.opacity = "0";
    root.appendChild(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

function headMenu(root, state, data, column, button, tell) {
  const now = () => state.thead.querySelector(`th[data-column="${CSS.escape(column.id)}"]`)?.offsetWidth ?? 0;
  const items = column.menu.map(([kind, text]) => [text, () => tell({ kind, by: column.id })]);
  for (const [text, by] of [["Wider", STEP], ["Narrower", -STEP]])
    items.push([text, () => tell({ kind: "width", by: column.id, to: within(now() + by) })]);
  if (column.width) items.push(["Usual width", () => tell({ kind: "width", by: column.id, to: 0 })]);
  const box = button.getBoundingClientRect();
  popup(root, state, { x: box.left, y: box.bottom + 3 }, items, `Column ${column.label}`);
}

// Everything that a cell says; numbers and times with all their digits.
function whole(column, cell, row) {
  const value = cell !== null && typeof cell === "object" ? cell : { text: cell };
  if (value.text === null || value.text === undefined || column.kind === "spark") return "";
  if (column.kind === "time") return new Date(value.text).toISOString();
  if (column.kind === "tags") return value.text.join(", ");
  const told = row.tint !== "group" && ["number", "text"].includes(column.kind) && value.title;
  return `${told || value.text}`;
}

function cellMenu(root, state, data, event, tell) {
  const td = event.target.closest("td");
  const tr = td?.closest("tr");
  const row = data.rows.find((each) => each.id === tr?.dataset.id);
  if (!row || event.target.closest("a")) return;
  const at = [...tr.children].indexOf(td) - (data.selectable ? 1 : 0);
  const column = data.columns[at];
  const items = [];
  const text = column ? whole(column, row.cells[at], row) : "";
  if (text) items.push([row.cells[at].cut ? "Copy the beginning" : "Copy value", () => copy(root, text)]);
  if (row.tint !== "group") {
    if (row.label) items.push(["Copy name", () => copy(root, row.label)]);
    items.push(["Copy run id", () => copy(root, row.id.split("@")[0])]);
  }
  if (column?.narrows && row.tint !== "group") {
    const none = row.cells[at] === null;
    const act = (kind) => () => tell({ kind, by: column.id, id: row.id });
    items.push([none ? "Only runs without a value" : "Only runs with this value", act("only")]);
    items.push([none ? "Only runs with a value" : "Leave out runs with this value", act("without")]);
  }
  if (!items.length) return;
  event.preventDefault();
  const box = td.getBoundingClientRect();
  // A key has no place of its own.
  const spot = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : { x: box.left, y: box.bottom };
  popup(root, state, spot, items, `${row.label || row.id}${column ? `, ${column.label}` : ""}`);
}

function within(width) {
  return Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));
}

// A rule a column, so that rows that come later have its width as well.
function widen(state, data) {
  const first = data.selectable ? 2 : 1;
  state.sizes.textContent = data.columns
    .map((column, i) => {
      const w = state.widths[column.id];
      if (!w) return "";
      const cells = `tr > :nth-child(${i + first})`;
      return `${cells} { box-sizing: border-box; width: ${w}px; min-width: ${w}px; max-width: ${w}px; overflow: hidden; text-overflow: ellipsis; }
        ${cells} .run { max-width: 100%; } ${cells} a.name { min-width: 0; max-width: 100%; }`;
    })
    .join("\n");
}

// The right edge of a head: dragging it draws the column wider, a double click gives it its usual width.
function grip(state, data, column, th, moved, tell) {
  const edge = el("span", "grip");
  edge.setAttribute("aria-hidden", "true");
  edge.onpointerdown = (event) => {
    if (event.button) return;
    event.preventDefault();
    edge.setPointerCapture(event.pointerId);
    const [from, width] = [event.clientX, th.offsetWidth];
    let to = 0;
    edge.classList.add("on");
    edge.onpointermove = (move) => {
      to = within(width + move.clientX - from);
      state.widths = { ...state.widths, [column.id]: to };
      widen(state, data);
      moved();
    };
    edge.onpointerup = edge.onpointercancel = () => {
      edge.onpointermove = edge.onpointerup = edge.onpointercancel = null;
      edge.classList.remove("on");
      if (to) tell({ kind: "width", by: column.id, to });
    };
  };
  edge.ondblclick = () => tell({ kind: "width", by: column.id, to: 0 });
  return edge;
}

function tools(root, state, data, column, th, moved, tell) {
  const button = el("button", "more", "⋮");
  button.type = "button";
  button.dataset.menu = column.id;
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-label", `Menu of the column ${[column.label, column.over].filter(Boolean).join(", ")}`);
  button.onclick = () => headMenu(root, state, data, column, button, tell);
  th.append(button, grip(state, data, column, th, moved, tell));
}
