// What Python sent, as Plotly takes it: packed numbers, colours of the page's theme, axes.

function bytesOf(text) {
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out;
}

// The inverse of wire.py.
function numbers(sent) {
  if (!sent || typeof sent.bdata !== "string") return sent;
  const bytes = bytesOf(sent.bdata);
  if (sent.pack === "gaps") {
    const out = new Float64Array(sent.n);
    let value = sent.from;
    let gap = 0;
    let weight = 1;
    let place = 0;
    out[place++] = value * sent.by;
    for (const byte of bytes) {
      gap += (byte & 127) * weight;
      weight *= 128;
      if (byte < 128) {
        value += gap;
        out[place++] = value * sent.by;
        gap = 0;
        weight = 1;
      }
    }
    return out;
  }
  const kinds = { f8: Float64Array, f4: Float32Array };
  if (sent.pack !== "levels") return new kinds[sent.dtype](bytes.buffer);
  const levels = new Uint16Array(bytes.buffer);
  const out = new Float64Array(levels.length);
  for (let i = 0; i < levels.length; i++) {
    const value = levels[i] === 65535 ? NaN : sent.from + levels[i] * sent.by;
    out[i] = sent.log ? 10 ** value : value;
  }
  return out;
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

// A slot of the palette, a colour for light and one for dark pages, -2 for that of text, anything else for grey.
function colourOf(slot, palette, look) {
  if (Array.isArray(slot)) return slot[look.mode === "light" ? 0 : 1];
  if (slot === -2) return look.text;
  return typeof slot === "number" && slot >= 0 ? palette[look.mode][slot % palette[look.mode].length] : look.soft;
}

// Plotly writes powers of ten on logarithmic axes with an exponent; these are as wide as they are drawn.
const POWERS = Object.fromEntries(
  [-4, -3, 3, 4, 5, 6].map((n) => [`1e${n < 0 ? "−" : "+"}${Math.abs(n)}`, numberText(10 ** n)]),
);

// The rest of its exponents, as all other numbers of the page have them: 1e7 and 5e-6.
function plainTicks(plot) {
  for (const node of plot.querySelectorAll(".xtick text, .ytick text")) {
    const found = /^([-−]?)([\d.,]+)e([+−-])(\d+)$/.exec(node.textContent);
    if (!found) continue;
    const [, minus, digits, sign, power] = found;
    node.textContent = numberText(Number(`${minus && "-"}${digits.replaceAll(",", "")}e${sign === "+" ? "" : "-"}${power}`), 6);
  }
}

// From which power of ten a linear axis is written with exponents.
function exponents(traces, way) {
  let most = 0;
  for (const trace of traces) for (const value of trace[way] ?? []) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most < 1e-3 ? 3 : 6;
}

function axis(given, look) {
  return {
    automargin: true,
    separatethousands: true,
    labelalias: given.type === "log" ? POWERS : undefined,
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

// On log axes Plotly speaks of logarithms.
const onAxis = (value, kind) => (kind === "log" ? Math.log10(value) : value);

function figure(chart, data, look, height) {
  const colour = (slot) => colourOf(slot, data.palette, look);
  const named = [];
  const traces = (chart.traces || []).map((given) => {
    const trace = { ...given };
    for (const way of ["x", "y"]) trace[way] = numbers(trace[way]);
    for (const part of ["line", "marker"]) {
      if (!trace[part]) continue;
      trace[part] = { ...trace[part] };
      if (trace[part].slots) {
        trace[part].color = trace[part].slots.map(colour);
        if (trace[part].line) trace[part].line = { ...trace[part].line, color: look.background };
        delete trace[part].slots;
      } else if (trace[part].slot !== undefined) {
        trace[part].color = colour(trace[part].slot);
        delete trace[part].slot;
      }
    }
    if (trace.area !== undefined) {
      const n = parseInt(colour(trace.area).slice(1, 7), 16);
      trace.fillcolor = `rgba(${n >> 16},${(n >> 8) & 255},${n & 255},${look.mode === "light" ? 0.16 : 0.18})`;
      delete trace.area;
    }
    if (trace.hover) {
      const told = { ...trace.hover, x: trace.x, y: trace.y, colour: trace.line.color, dash: trace.line.dash };
      for (const edge of ["low", "high", "n"]) told[edge] = numbers(told[edge]);
      named.push({ ...told, uid: trace.uid });
      trace.hoverinfo = "skip";
      delete trace.hover;
    }
    return trace;
  });
  const tags = (chart.tags || []).map((tag) => ({
    x: onAxis(tag.x, chart.x.type),
    y: onAxis(tag.y, chart.y.type),
    text: tag.text,
    xanchor: tag.xanchor,
    yanchor: "bottom",
    font: { size: 10.5, color: look.text },
    bgcolor: look.background,
    opacity: 0.85,
    borderpad: 1,
  }));
  const layout = {
    uirevision: chart.revision,
    height,
    margin: { l: 8, r: chart.margin ?? 12, t: 6, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: look.font, size: 12, color: look.text },
    hovermode: chart.hover === "names" ? false : chart.hover,
    hoverlabel: {
      bgcolor: look.background,
      bordercolor: look.grid,
      font: { size: 11.5, color: look.text, family: look.font },
      namelength: -1,
      align: "left",
    },
    showlegend: Boolean(chart.legend),
    legend: { orientation: "h", x: 0, y: 0, yref: "container", yanchor: "bottom", font: { size: 11.5, color: look.text } },
    dragmode: "zoom",
    xaxis: { minexponent: exponents(traces, "x"), ...axis(chart.x, look) },
    yaxis: { minexponent: exponents(traces, "y"), ...axis(chart.y, look) },
    annotations: [...tags, ...(chart.annotations || [])].map((note) => ({
      showarrow: false,
      font: { size: 11, color: look.soft },
      ...note,
    })),
  };
  return { traces, layout, named };
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
    x.type === "log" ? 10 ** Number(v) : x.type === "date" ? dateOf(v) : Number(v);
  return [plain(from), plain(to)];
}

const dateOf = (v) => (typeof v === "number" ? v : Date.parse(`${String(v).replace(" ", "T")}Z`));
