// A grid of charts drawn with Plotly.react. A chart keeps its zoom and hidden lines when new points arrive, is drawn
// only while it is in view, takes its colours from the page's theme, and tells Python which window is looked at so that
// Python can send more points of it.

const states = new WeakMap();

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

function theme(node) {
  const css = getComputedStyle(node);
  const get = (name, otherwise) => css.getPropertyValue(name).trim() || otherwise;
  const background = get("--st-background-color", "#ffffff");
  const hex = /^#([0-9a-f]{6})/i.exec(background);
  const n = hex ? parseInt(hex[1], 16) : 0xffffff;
  const light = 0.3 * (n >> 16) + 0.6 * ((n >> 8) & 255) + 0.1 * (n & 255) >= 128;
  return {
    mode: light ? "light" : "dark",
    background,
    panel: get("--st-secondary-background-color", "#f4f6f8"),
    text: get("--st-text-color", "#17212b"),
    soft: get("--st-gray-text-color", "#5b6977"),
    grid: get("--st-border-color", "#dde2e8"),
    font: get("--st-font", "sans-serif"),
  };
}

function axis(given, look) {
  return {
    automargin: true,
    gridcolor: look.grid,
    griddash: "dot",
    linecolor: look.grid,
    zeroline: false,
    ticks: "",
    tickfont: { size: 11, color: look.soft },
    ...given,
    title: given.title ? { text: given.title, font: { size: 11, color: look.soft }, standoff: 6 } : undefined,
  };
}

function figure(chart, data, look, height) {
  const palette = data.palette[look.mode];
  const colour = (slot) => (typeof slot === "number" ? palette[slot % palette.length] : look.soft);
  const traces = chart.traces.map((given) => {
    const trace = structuredClone(given);
    for (const part of ["line", "marker"])
      if (trace[part] && trace[part].slots) {
        trace[part].color = trace[part].slots.map(colour);
        if (trace[part].line) trace[part].line.color = look.background;
        delete trace[part].slots;
      } else if (trace[part] && trace[part].slot !== undefined) {
        trace[part].color = colour(trace[part].slot);
        delete trace[part].slot;
      }
    return trace;
  });
  const layout = {
    uirevision: chart.revision,
    height,
    margin: { l: 8, r: 12, t: 6, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: look.font, size: 12, color: look.text },
    hovermode: chart.hover,
    hoverlabel: {
      bgcolor: look.background,
      bordercolor: look.grid,
      font: { size: 11.5, color: look.text, family: look.font },
      namelength: -1,
      align: "left",
    },
    showlegend: Boolean(chart.legend),
    legend: { orientation: "h", x: 0, y: -0.16, yanchor: "top", font: { size: 11.5, color: look.text } },
    dragmode: "zoom",
    xaxis: axis(chart.x, look),
    yaxis: axis(chart.y, look),
    annotations: (chart.annotations || []).map((note) => ({
      showarrow: false,
      font: { size: 11, color: look.soft },
      ...note,
    })),
  };
  return { traces, layout };
}

// Plotly speaks of logarithms on log axes and of date strings on date axes; Python hears plain x values.
function windowOf(node, event) {
  const x = node._fullLayout?.xaxis;
  if (!x) return undefined;
  if (event["xaxis.autorange"]) return null;
  const from = event["xaxis.range[0]"] ?? event["xaxis.range"]?.[0];
  const to = event["xaxis.range[1]"] ?? event["xaxis.range"]?.[1];
  if (from === undefined || to === undefined) return undefined;
  const plain = (v) =>
    x.type === "log" ? 10 ** Number(v) : x.type === "date" ? Date.parse(`${String(v).replace(" ", "T")}Z`) : Number(v);
  return [plain(from), plain(to)];
}

function card(id) {
  const node = document.createElement("figure");
  node.className = "lb-card";
  node.dataset.chart = id;
  const head = document.createElement("figcaption");
  const title = document.createElement("h3");
  const note = document.createElement("span");
  note.className = "lb-note";
  const wide = document.createElement("button");
  wide.type = "button";
  wide.className = "lb-wide";
  head.append(title, note, wide);
  const plot = document.createElement("div");
  plot.className = "lb-plot";
  node.append(head, plot);
  return { node, title, note, wide, plot, inView: false, drawn: null };
}

function draw(state, kept) {
  const { chart } = kept;
  if (!chart || !kept.inView || !state.plotly) return;
  const height = kept.node.classList.contains("lb-big") ? state.data.tall : state.data.height;
  const mark = `${state.look.mode}|${height}|${kept.text}`;
  if (kept.drawn === mark) return;
  kept.drawn = mark;
  const { traces, layout } = figure(chart, state.data, state.look, height);
  layout.showlegend = layout.showlegend || (kept.node.classList.contains("lb-big") && chart.traces.length > 1);
  const drawing = state.plotly.react(kept.plot, traces, layout, {
    responsive: false,
    displaylogo: false,
    showSendToCloud: false,
    showTips: false,
    modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    toImageButtonOptions: { format: "svg", filename: chart.id.replace(/[^\w.-]+/g, "_") },
    doubleClick: "autosize",
  });
  Promise.resolve(drawing).then(() => {
    kept.plot.dataset.drawn = "1";
  });
  if (!kept.bound) {
    kept.bound = true;
    kept.plot.on("plotly_relayout", (event) => {
      const range = windowOf(kept.plot, event);
      if (range === undefined) return;
      const ranges = { ...state.ranges };
      if (range) ranges[kept.chart.id] = range;
      else delete ranges[kept.chart.id];
      state.ranges = ranges;
      clearTimeout(state.telling);
      state.telling = setTimeout(() => state.tell("ranges", state.ranges), 150);
    });
    kept.plot.on("plotly_click", (event) => {
      const id = event.points?.[0]?.customdata;
      if (typeof id !== "string" || !kept.chart.clicks) return;
      history.pushState({}, "", new URL(`${kept.chart.clicks}${encodeURIComponent(id)}`, document.baseURI).href);
      window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    });
  }
}

function setup(root) {
  const state = { cards: new Map(), ranges: {} };
  state.view = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const kept = state.cards.get(entry.target.dataset.chart);
        if (!kept) continue;
        kept.inView = entry.isIntersecting;
        draw(state, kept);
      }
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
  states.set(root, state);
  return state;
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".lb-plots");
  if (!root || !data) return;
  const state = states.get(root) ?? setup(root);
  state.data = data;
  state.tell = setStateValue;
  state.look = theme(root);
  if (data.reset !== state.reset) {
    state.reset = data.reset;
    state.ranges = {};
  }
  root.style.setProperty("--lb-columns", data.columns);
  const seen = new Map();
  let place = root.firstChild;
  for (const chart of data.charts) {
    let kept = state.cards.get(chart.id);
    if (!kept) {
      kept = card(chart.id);
      state.view.observe(kept.node);
      state.size.observe(kept.plot);
    }
    kept.chart = chart;
    kept.text = JSON.stringify(chart);
    kept.title.textContent = chart.title;
    kept.title.title = chart.title;
    kept.note.textContent = chart.note || "";
    kept.node.setAttribute("aria-label", chart.alt);
    kept.plot.style.minHeight = `${data.height}px`;
    const label = () => {
      const big = kept.node.classList.contains("lb-big");
      kept.wide.textContent = big ? "Shrink" : "Enlarge";
      kept.wide.setAttribute("aria-label", `${big ? "Shrink" : "Enlarge"} ${chart.title}`);
    };
    kept.wide.hidden = data.charts.length < 2;
    kept.wide.onclick = () => {
      kept.node.classList.toggle("lb-big");
      label();
      kept.node.scrollIntoView({ block: "nearest" });
      draw(state, kept);
    };
    label();
    if (kept.node !== place) root.insertBefore(kept.node, place);
    else place = place.nextSibling;
    seen.set(chart.id, kept);
  }
  for (const [id, kept] of state.cards)
    if (!seen.has(id)) {
      state.view.unobserve(kept.node);
      state.size.unobserve(kept.plot);
      if (kept.bound) state.plotly.purge(kept.plot);
      kept.node.remove();
    }
  state.cards = seen;
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
    for (const kept of state.cards.values()) if (kept.bound) state.plotly.purge(kept.plot);
    states.delete(root);
  };
}
