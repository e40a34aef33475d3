// A grid of charts drawn with Plotly.react. A chart keeps its zoom and hidden lines when new points arrive, is drawn
// only while it is in view, takes its colours from the page's theme, and tells Python which charts are in view and which
// window of them is looked at, so that Python computes these alone and sends more points of the window.

const states = new WeakMap();
const MANY_DRAWN = 40;
const LEAST_WIDTH = 260;

function library(path) {
  const url = new URL(path, document.baseURI).href;
  window.lbPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error(`The chart library did not load from ${url}`));
    document.head.appendChild(script);
  });
  return window.lbPlotly;
}

function card(id) {
  const node = document.createElement("figure");
  node.className = "lb-card";
  node.dataset.chart = id;
  const head = document.createElement("figcaption");
  const title = document.createElement("h3");
  const note = document.createElement("span");
  note.className = "lb-note";
  const tools = document.createElement("span");
  tools.className = "lb-tools";
  const make = (className) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    tools.append(made);
    return made;
  };
  const [before, after, zoomAll, unzoom, pin, wide, more] = ["step", "step", "zoomall", "unzoom", "pin", "wide", "more"].map((name) =>
    make(`lb-${name}`),
  );
  before.append(icon("before"));
  after.append(icon("after"));
  before.setAttribute("aria-label", "Previous chart");
  after.setAttribute("aria-label", "Next chart");
  before.title = "Previous chart (Page Up)";
  after.title = "Next chart (Page Down)";
  pin.title = "Pin to the top";
  more.title = "Settings and downloads";
  unzoom.textContent = "Reset zoom";
  unzoom.hidden = zoomAll.hidden = true;
  pin.append(icon("pin"));
  more.append(icon("menu"));
  more.setAttribute("aria-haspopup", "dialog");
  more.setAttribute("aria-expanded", "false");
  const words = document.createElement("div");
  // Beside the title where there is room, else below it.
  const zooms = document.createElement("span");
  zooms.className = "lb-tools lb-zooms";
  zooms.append(zoomAll, unzoom);
  words.append(title, note, zooms);
  head.append(words, tools);
  const menu = document.createElement("div");
  menu.className = "lb-menu";
  menu.setAttribute("role", "dialog");
  menu.hidden = true;
  const plot = document.createElement("div");
  plot.className = "lb-plot";
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  node.append(head, menu, plot);
  const ending = new AbortController();
  return { node, head, title, note, before, after, zoomAll, unzoom, wide, pin, more, menu, plot, ending, inView: false, drawn: null };
}

function draw(state, kept) {
  const { chart } = kept;
  if (!chart.traces || !kept.inView || !state.plotly) return;
  const large = isLarge(kept);
  const big = large || state.data.menu?.alone;
  const height = large ? largeHeight(kept) : big ? state.data.tall : state.data.height;
  const mark = `${state.look.mode}|${height}|${kept.text}`;
  if (kept.drawn === mark) return;
  kept.drawn = mark;
  const { traces, layout, named } = figure(chart, state.data, state.look, height);
  kept.named = named;
  layout.showlegend = layout.showlegend || Boolean(big && (chart.keyed ?? chart.traces.length > 1));
  const range = ranked(state, chart) ? undefined : state.ranges[chart.id];
  if (!kept.bound && range)
    Object.assign(layout.xaxis, { range: range.slice(0, 2).map((v) => onAxis(v, chart.x.type)), autorange: false });
  labelZoom(state, kept);
  // Plotly keeps the room of a legend that is gone.
  if (!layout.showlegend && kept.plot._fullLayout) kept.plot._fullLayout._reservedMargin = {};
  const drawing = state.plotly.react(kept.plot, traces, layout, {
    responsive: false,
    displaylogo: false,
    displayModeBar: false,
    showSendToCloud: false,
    showTips: false,
    doubleClick: false,
  });
  Promise.resolve(drawing).then(() => {
    kept.plot.dataset.drawn = "1";
  });
  if (!kept.bound) {
    kept.bound = true;
    kept.plot.on("plotly_relayout", (event) => {
      const found = windowOf(kept.plot, event);
      if (found !== undefined) zoomed(state, kept, found);
    });
    kept.plot.on("plotly_afterplot", () => plainTicks(kept.plot));
    kept.plot.on("plotly_doubleclick", () => resetZoom(state, kept));
    kept.plot.on("plotly_click", (event) => {
      const id = event.points?.[0]?.customdata;
      if (typeof id !== "string" || !kept.chart.clicks) return;
      goTo(`${kept.chart.clicks}${encodeURIComponent(id)}`);
    });
  }
}

// Charts far out of view give their memory back where there are many.
function spare(state) {
  const drawn = [...state.cards.values()].filter((kept) => kept.bound);
  if (drawn.length <= MANY_DRAWN) return;
  for (const kept of drawn) if (!kept.inView) release(state, kept);
}

function release(state, kept) {
  if (!kept.bound) return;
  state.plotly.purge(kept.plot);
  Object.assign(kept, { bound: false, drawn: null, over: null });
}

// Not while the page is being drawn: widgets that have not taken their values yet would be reported without them.
const busy = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running";

function tellSeen(state, calm = 0) {
  clearTimeout(state.looking);
  state.looking = setTimeout(() => {
    if (busy() || calm < 2) return tellSeen(state, busy() ? 0 : calm + 1);
    const kept = [...state.cards.values()].filter((each) => each.inView);
    const seen = kept.map((each) => each.chart.id);
    const text = JSON.stringify(seen);
    if (!state.data.menu || !seen.length || text === state.seen) return;
    // What Python computes unasked may be all that is in view.
    if (state.seen === undefined && kept.every((each) => each.fresh)) return;
    state.seen = text;
    state.tell("seen", seen);
  }, 100);
}

function setup(root, data) {
  // What Python remembers of an earlier visit to the page.
  const state = { cards: new Map(), heads: new Map(), ranges: { ...(data.ranges || {}) } };
  state.view = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const kept = state.cards.get(entry.target.dataset.chart);
        if (!kept) continue;
        kept.inView = entry.isIntersecting;
        draw(state, kept);
      }
      spare(state);
      tellSeen(state);
    },
    { rootMargin: "300px" },
  );
  state.size = new ResizeObserver((entries) => {
    for (const entry of entries) {
      const kept = [...state.cards.values()].find((k) => k.plot === entry.target);
      const width = Math.round(entry.contentRect.width);
      if (!kept || !kept.bound || !width || kept.width === width) continue;
      kept.width = width;
      state.plotly.relayout(kept.plot, { width });
    }
  });
  state.room = new ResizeObserver(() => {
    if (state.sections) arrange(state, root);
  });
  state.room.observe(root);
  bindLit(state, root);
  states.set(root, state);
  return state;
}

function showLegend(state, root) {
  const { legend, palette } = state.data;
  if (!state.legend) {
    state.legend = document.createElement("div");
    state.legend.className = "lb-legend";
    root.prepend(state.legend);
  }
  state.legend.hidden = !legend;
  if (!legend) return;
  const title = document.createElement("b");
  title.textContent = legend.title;
  const colour = (key) => colourOf(key.slot, palette, state.look);
  const item = (key) => {
    const node = document.createElement("span");
    const swatch = document.createElement("i");
    swatch.style.borderTop = `3px ${key.dash === "solid" ? "solid" : "dashed"} ${colour(key)}`;
    const text = document.createElement("span");
    text.textContent = key.text;
    node.append(swatch, text);
    return node;
  };
  const keys = legend.keys.filter((key) => !legend.scale || Array.isArray(key.slot));
  if (!legend.scale || keys.length < 2) return state.legend.replaceChildren(title, ...legend.keys.map(item));
  const bar = document.createElement("span");
  bar.className = "lb-scale";
  const strip = document.createElement("i");
  strip.style.background = `linear-gradient(to right, ${keys.map(colour).join(", ")})`;
  const ends = [keys[0], keys[keys.length >> 1], keys[keys.length - 1]].map((key) => {
    const node = document.createElement("span");
    node.textContent = key.text;
    return node;
  });
  bar.append(strip, ...ends);
  state.legend.replaceChildren(title, bar, ...legend.keys.filter((key) => !keys.includes(key)).map(item));
}

// The element that holds the charts of a section, below its heading.
function sectionOf(state, root, section, place, headed) {
  let head = state.heads.get(section.id);
  if (!head) {
    const node = document.createElement("section");
    node.className = "lb-section";
    node.dataset.section = section.id;
    const title = document.createElement("h2");
    const fold = document.createElement("button");
    fold.type = "button";
    title.append(fold);
    const grid = document.createElement("div");
    grid.className = "lb-grid";
    node.append(title, grid);
    head = { node, title, fold, grid };
    state.heads.set(section.id, head);
  }
  head.title.hidden = !headed;
  const name = document.createElement("b");
  name.textContent = section.title;
  const n = document.createElement("span");
  n.textContent = section.n;
  head.fold.replaceChildren(name, " ", n);
  head.fold.title = section.title;
  head.fold.setAttribute("aria-expanded", String(!section.folded));
  head.fold.onclick = () => state.act({ kind: "fold", id: section.id });
  head.grid.hidden = section.folded;
  if (root.children[place] !== head.node) root.insertBefore(head.node, root.children[place] || null);
  return head;
}

// Sections stand side by side where they have few charts; as many columns as the page has room for.
function arrange(state, root) {
  const room = Math.max(1, Math.floor((root.clientWidth + 12) / LEAST_WIDTH));
  const columns = Math.min(state.data.columns, room);
  root.style.setProperty("--lb-columns", columns);
  for (const section of state.sections) {
    const span = section.folded ? 1 : Math.min(section.n, columns);
    state.heads.get(section.id).node.style.setProperty("--lb-span", Math.max(1, span));
  }
}

function update(state, kept, chart) {
  const { data } = state;
  kept.fresh = Boolean(chart.traces);
  // A chart out of view comes without lines, and shows what it last had.
  if (chart.traces || !kept.chart) kept.chart = chart;
  else kept.chart = { ...kept.chart, own: chart.own, pinned: chart.pinned, labels: chart.labels };
  kept.text = JSON.stringify(kept.chart);
  kept.title.textContent = chart.title;
  kept.title.title = chart.title;
  kept.note.textContent = kept.chart.note || "";
  kept.note.title = kept.chart.note || "";
  kept.node.setAttribute("aria-label", kept.chart.alt);
  // Of single values all dots are one trace: there is nothing to tell apart.
  kept.plot.classList.toggle("lb-lines", kept.chart.hover === "names");
  kept.plot.setAttribute("aria-label", `${kept.chart.alt}; arrow keys tell values`);
  const alone = Boolean(data.menu?.alone);
  kept.plot.style.minHeight = `${alone ? data.tall : data.height}px`;
  if (state.ranges[chart.id] && chart.axis !== undefined && state.ranges[chart.id][2] !== chart.axis)
    zoomed(state, kept, null);
  labelLarge(state, kept);
  kept.pin.hidden = !data.menu || alone;
  kept.pin.setAttribute("aria-label", `${chart.pinned ? "Unpin" : "Pin"} ${chart.title}`);
  kept.pin.setAttribute("aria-pressed", String(Boolean(chart.pinned)));
  kept.pin.onclick = () => state.act({ kind: "pin", id: chart.id });
  kept.more.hidden = !data.menu;
  kept.more.setAttribute("aria-label", `Settings of ${chart.title}`);
  kept.more.classList.toggle("lb-own", Boolean(chart.own?.any));
  kept.menu.setAttribute("aria-label", `Settings of ${chart.title}`);
  if (data.menu) refreshMenu(state, kept);
}

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  const root = parentElement.querySelector(".lb-plots");
  if (!root || !data) return;
  const state = states.get(root) ?? setup(root, data);
  state.data = data;
  state.tell = setStateValue;
  state.act = (done) => setTriggerValue("act", done);
  state.look = theme(root);
  showLegend(state, root);
  const sections = data.sections?.length ? data.sections : [{ id: "", title: "", folded: false, n: data.charts.length }];
  const headed = Boolean(data.sections?.length) && !data.menu?.alone && (sections.length > 1 || sections[0].n > 1 || sections[0].folded);
  const grids = new Map(sections.map((s, i) => [s.id, sectionOf(state, root, s, i + 1, headed).grid]));
  for (const [id, head] of state.heads)
    if (!grids.has(id)) {
      head.node.remove();
      state.heads.delete(id);
    }
  state.sections = sections;
  arrange(state, root);
  const seen = new Map();
  const places = new Map();
  for (const chart of data.charts) {
    let kept = state.cards.get(chart.id);
    if (!kept) {
      kept = card(chart.id);
      state.view.observe(kept.node);
      state.size.observe(kept.plot);
      bindHover(kept);
      bindMenu(state, kept);
      bindLarge(state, kept);
      bindZoom(state, kept);
    }
    update(state, kept, chart);
    const grid = grids.get(data.sections?.length ? chart.section : "");
    const at = places.get(grid) ?? 0;
    places.set(grid, at + 1);
    if (grid.children[at] !== kept.node) grid.insertBefore(kept.node, grid.children[at] || null);
    seen.set(chart.id, kept);
  }
  for (const [id, kept] of state.cards)
    if (!seen.has(id)) {
      state.view.unobserve(kept.node);
      state.size.unobserve(kept.plot);
      kept.ending.abort();
      release(state, kept);
      kept.node.remove();
    }
  state.cards = seen;
  tellSeen(state);
  library(data.library).then(
    (plotly) => {
      state.plotly = plotly;
      for (const kept of state.cards.values()) draw(state, kept);
    },
    (error) => {
      for (const kept of state.cards.values()) kept.plot.textContent = error.message;
    },
  );
  return () => {
    state.view.disconnect();
    state.size.disconnect();
    state.room.disconnect();
    state.litBy.abort();
    clearTimeout(state.looking);
    for (const kept of state.cards.values()) {
      kept.ending.abort();
      release(state, kept);
    }
    states.delete(root);
  };
}
