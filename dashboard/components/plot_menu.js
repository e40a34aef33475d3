// The menu of one chart: what it has of its own, pinning, and what can be taken away of it.

const ICONS = {
  menu: "M5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm7 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm7 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  large: "M4 4h6v1.8H7.1l3.6 3.6-1.3 1.3-3.6-3.6V10H4zm10 0h6v6h-1.8V7.1l-3.6 3.6-1.3-1.3 3.6-3.6H14zM4 14h1.8v2.9l3.6-3.6 1.3 1.3-3.6 3.6H10V20H4zm14.2 0H20v6h-6v-1.8h2.9l-3.6-3.6 1.3-1.3 3.6 3.6z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
  before: "M15 5.5 16.4 7l-5 5 5 5-1.4 1.5L8.5 12z",
  after: "M9 5.5 7.6 7l5 5-5 5L9 18.5l6.5-6.5z",
  pin: "M9 3h6v1.6l-1 1V11l3 3v1.5h-4.2V21h-1.6v-5.5H7V14l3-3V5.6l-1-1z",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.appendChild(path);
  return svg;
}

function button(text, label, act) {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = text;
  if (label) node.setAttribute("aria-label", label);
  node.onclick = act;
  return node;
}

function labelled(text, ...inputs) {
  const row = document.createElement("div");
  row.className = "lb-menu-row";
  const name = document.createElement("span");
  name.textContent = text;
  row.append(name, ...inputs);
  return row;
}

function choice(label, options, value, act) {
  const node = document.createElement("select");
  node.setAttribute("aria-label", label);
  for (const [key, text] of options) {
    const option = document.createElement("option");
    option.value = key;
    option.textContent = text;
    node.append(option);
  }
  node.value = value;
  node.onchange = () => act(node.value);
  return node;
}

function entry(label, value, placeholder, act) {
  const node = document.createElement("input");
  node.type = "text";
  node.inputMode = "decimal";
  node.setAttribute("aria-label", label);
  node.placeholder = placeholder;
  node.value = value;
  node.onchange = () => act(node.value.trim());
  return node;
}

function slider(label, value, act) {
  const node = document.createElement("input");
  Object.assign(node, { type: "range", min: "0", max: "0.99", step: "0.01" });
  node.setAttribute("aria-label", label);
  node.value = value;
  const said = document.createElement("output");
  said.textContent = Number(value).toFixed(2);
  node.oninput = () => (said.textContent = Number(node.value).toFixed(2));
  node.onchange = () => act(node.value);
  return [node, said];
}

function fillMenu(state, kept) {
  const { chart } = kept;
  const { menu } = state.data;
  const { own } = chart;
  const { shared } = menu;
  const set = (name) => (value) => state.act({ kind: "own", id: chart.id, name, value });
  const asAll = (text) => ["", `as all charts (${text})`];
  const nameOf = (pairs, key) => (pairs.find(([each]) => each === key) || [key, key])[1];
  const also = own.also.map((each) =>
    button(`${each} ×`, `Take ${each} out of this chart`, () => set("not")(each)),
  );
  const rest = menu.metrics.filter((each) => !chart.labels.includes(each));
  const parts = [
    labelled("X axis", choice("X axis", [asAll(nameOf(menu.x, shared.x)), ...menu.x], own.x, set("x"))),
    labelled("Smoothing", ...slider("Smoothing", own.smooth === "" ? shared.smooth : own.smooth, set("smooth"))),
    labelled(
      "Kind",
      choice("Kind of smoothing", [asAll(nameOf(menu.kind, shared.kind)), ...menu.kind], own.kind, set("kind")),
    ),
    labelled(
      "Log y",
      choice("Log y", [asAll(shared.log_y ? "on" : "off"), ["1", "on"], ["0", "off"]], own.log_y, set("log_y")),
    ),
    labelled(
      "Y range",
      entry("Y axis from", own.low, "from", set("low")),
      entry("Y axis to", own.high, "to", set("high")),
    ),
  ];
  if (rest.length || also.length)
    parts.push(
      labelled("Together with", choice("Add a metric", [["", "add a metric"], ...rest.map((m) => [m, m])], "", set("also"))),
    );
  if (also.length) {
    const chips = document.createElement("div");
    chips.className = "lb-menu-chips";
    chips.append(...also);
    parts.push(chips);
  }
  const acts = document.createElement("div");
  acts.className = "lb-menu-acts";
  const reset = button("Reset to shared settings", "", () => state.act({ kind: "reset", id: chart.id }));
  reset.disabled = !own.any;
  acts.append(reset);
  const files = document.createElement("div");
  files.className = "lb-menu-acts";
  files.append(
    button("PNG", `Download ${chart.title} as PNG`, () => picture(state, kept, "png")),
    button("SVG", `Download ${chart.title} as SVG`, () => picture(state, kept, "svg")),
  );
  if (!menu.alone)
    files.append(
      button("Data and code", `Data and code of ${chart.title}`, () => {
        closeMenu(kept);
        state.act({ kind: "open", id: chart.id });
      }),
    );
  parts.push(acts, files);
  kept.inside = kept.menu.contains(document.activeElement);
  const focus = kept.inside
    ? document.activeElement.getAttribute("aria-label")
    : null;
  kept.menu.replaceChildren(...parts);
  if (focus) kept.menu.querySelector(`[aria-label="${CSS.escape(focus)}"]`)?.focus();
  if (kept.inside && !kept.menu.contains(document.activeElement)) kept.menu.querySelector("select").focus();
  kept.filled = menuText(state, kept);
}

const menuText = (state, kept) => JSON.stringify([state.data.menu, kept.chart.own, kept.chart.labels]);

function refreshMenu(state, kept) {
  if (!kept.menu.hidden && kept.filled !== menuText(state, kept)) fillMenu(state, kept);
}

function closeMenu(kept) {
  if (kept.menu.hidden) return;
  const inside = kept.menu.contains(document.activeElement);
  kept.menu.hidden = true;
  kept.node.classList.remove("lb-open");
  kept.more.setAttribute("aria-expanded", "false");
  if (inside) kept.more.focus();
}

function bindMenu(state, kept) {
  kept.more.onclick = () => {
    if (!kept.menu.hidden) return closeMenu(kept);
    for (const other of state.cards.values()) closeMenu(other);
    kept.menu.hidden = false;
    kept.node.classList.add("lb-open");
    kept.more.setAttribute("aria-expanded", "true");
    fillMenu(state, kept);
    kept.menu.querySelector("select, input, button").focus();
  };
  const outside = (event) => {
    if (!kept.menu.hidden && !kept.menu.contains(event.target) && !kept.more.contains(event.target)) closeMenu(kept);
  };
  addEventListener("pointerdown", outside, { signal: kept.ending.signal, capture: true });
  // On the window: a button that was pressed and switched off has lost the focus.
  const escape = (event) => {
    if (event.key !== "Escape" || kept.menu.hidden) return;
    event.lbClosed = true;
    closeMenu(kept);
  };
  addEventListener("keydown", escape, { signal: kept.ending.signal });
}

// A picture of the chart as it is looked at, with its title and legend, on the page's background.
function picture(state, kept, format) {
  const { traces, layout } = figure(kept.chart, state.data, state.look, 560);
  const { xaxis, yaxis } = kept.plot._fullLayout;
  const few = traces.filter((trace) => trace.showlegend !== false).length;
  Object.assign(layout, {
    width: 1120,
    paper_bgcolor: state.look.background,
    plot_bgcolor: state.look.background,
    title: { text: kept.chart.tags ? escapeText(kept.chart.title) : "", font: { size: 15 }, x: 0.02 },
    margin: { l: 20, r: 20 + (kept.chart.margin ?? 0), t: 44, b: 20 },
    showlegend: few > 1 && few <= 40,
  });
  layout.xaxis = { ...layout.xaxis, range: [...xaxis.range], autorange: false };
  layout.yaxis = { ...layout.yaxis, range: [...yaxis.range], autorange: false };
  const filename = kept.chart.id.replace(/[^\w.-]+/g, "_") || "chart";
  return state.plotly.downloadImage({ data: traces, layout }, { format, width: 1120, height: 560, scale: 2, filename });
}

const escapeText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
