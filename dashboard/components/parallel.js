// Parallel coordinates: a line a run across one axis for each param or metric. Dragging along an axis selects the runs
// that pass there; what was selected goes to Python as values, which every run has, and never as pixels or places.
// Drawn on a 2D canvas: no WebGL, thousands of lines in a few milliseconds.

const TOP = 46, BOTTOM = 16, LANE = 26, SIDE = 54, GRAB = 15, NEAR = 7;
const states = new WeakMap();

function svg(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
  if (text !== undefined) node.textContent = text;
  return node;
}

function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

const short = (value) => numberText(value, 4);

function ticksOf(axis) {
  if (axis.ticks) return axis.ticks;
  if (axis.log) {
    const [from, to] = [Math.floor(Math.log10(axis.low)), Math.ceil(Math.log10(axis.high))];
    const step = Math.max(1, Math.ceil((to - from) / 6));
    const out = [];
    for (let e = from; e <= to; e += step) out.push(10 ** e);
    return out.filter((v) => v >= axis.low * 0.999 && v <= axis.high * 1.001);
  }
  const reach = axis.high - axis.low || Math.abs(axis.high) || 1;
  const raw = reach / 5, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const out = [];
  for (let v = Math.ceil(axis.low / step) * step; v <= axis.high + step * 1e-9; v += step) out.push(Number(v.toPrecision(12)));
  return out;
}

// Where a value stands on its axis, in pixels from the top.
function placer(axis, height) {
  const floor = height - BOTTOM - (axis.missing ? LANE : 0);
  const lane = height - BOTTOM;
  const n = axis.categories ? axis.categories.length : 0;
  if (n) return (v) => (Number.isNaN(v) ? lane : n < 2 ? (TOP + floor) / 2 : floor - (v / (n - 1)) * (floor - TOP));
  const scale = axis.log ? Math.log10 : (v) => v;
  const [low, high] = [scale(axis.low), scale(axis.high)];
  return (v) => (Number.isNaN(v) ? lane : high === low ? (TOP + floor) / 2 : floor - ((scale(v) - low) / (high - low)) * (floor - TOP));
}

function inside(axis, pick, value) {
  if (!pick) return true;
  if (pick.missing && Number.isNaN(value)) return true;
  if (axis.categories) return !Number.isNaN(value) && Boolean(pick.values?.includes(axis.categories[value]));
  return pick.low !== undefined && value >= pick.low && value <= pick.high;
}

// What a stretch of an axis holds: the values of runs in it, so that the answer is exact and reads well.
function pickOf(axis, place, from, to) {
  const [top, bottom] = [Math.min(from, to), Math.max(from, to)];
  const hit = axis.values.filter((v) => place(v) >= top && place(v) <= bottom);
  const known = hit.filter((v) => !Number.isNaN(v));
  if (!hit.length) return null;
  if (axis.categories) {
    const values = [...new Set(known)].sort((a, b) => a - b).map((v) => axis.categories[v]);
    return { values, missing: hit.length > known.length };
  }
  if (!known.length) return { missing: true };
  return { low: known.reduce((a, b) => Math.min(a, b)), high: known.reduce((a, b) => Math.max(a, b)) };
}

// The stretch that shows a pick.
function stretch(axis, place, pick) {
  const ys = [];
  if (pick.low !== undefined) ys.push(place(Math.max(pick.low, axis.low)), place(Math.min(pick.high, axis.high)));
  for (const value of pick.values ?? []) {
    const at = axis.categories?.indexOf(value) ?? -1;
    if (at >= 0) ys.push(place(at));
  }
  if (pick.missing) ys.push(place(NaN));
  if (!ys.length || ys.some(Number.isNaN)) return null;
  return [Math.min(...ys) - 6, Math.max(...ys) + 6];
}

function colours(state, data) {
  const css = getComputedStyle(state.root);
  const get = (name, otherwise) => css.getPropertyValue(name).trim() || otherwise;
  const stops = data.scale.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const at = (t) => {
    if (Number.isNaN(t)) return get("--st-gray-text-color", "#666");
    const x = Math.min(0.9999, Math.max(0, t)) * (stops.length - 1), i = Math.floor(x);
    return `rgb(${stops[i].map((c, k) => Math.round(c + (x - i) * (stops[i + 1][k] - c))).join(",")})`;
  };
  return { at, soft: get("--st-gray-text-color", "#666"), text: get("--st-text-color", "#111"), back: get("--st-background-color", "#fff") };
}

function draw(state) {
  const { data, canvas, width, height } = state;
  if (!data || !width) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const look = colours(state, data);
  const xs = state.axes.map((_, i) => xOf(state, i));
  const places = state.axes.map((axis) => placer(axis, height));
  const n = data.names.length;
  const on = state.on();
  const any = on.includes(false);
  const chosen = on.filter(Boolean).length;
  const path = (i) => {
    pen.beginPath();
    state.axes.forEach((axis, k) => {
      const y = places[k](axis.values[i]);
      if (k) pen.lineTo(xs[k], y);
      else pen.moveTo(xs[k], y);
    });
    pen.stroke();
  };
  const alpha = (count) => Math.max(0.12, Math.min(0.9, 14 / Math.sqrt(count * 6 + 1)));
  pen.lineJoin = "round";
  if (any) {
    pen.globalAlpha = Math.min(0.16, alpha(n));
    pen.strokeStyle = look.soft;
    pen.lineWidth = 1;
    for (let i = 0; i < n; i += 1) if (!on[i]) path(i);
  }
  // They come best first, and the best belong on top.
  pen.globalAlpha = alpha(Math.max(1, chosen));
  pen.lineWidth = chosen > 300 ? 1 : 1.5;
  for (let i = n - 1; i >= 0; i -= 1)
    if (on[i]) {
      pen.strokeStyle = look.at(state.colour[i]);
      path(i);
    }
  if (state.over !== null && state.over < n) {
    pen.globalAlpha = 1;
    pen.lineWidth = 5;
    pen.strokeStyle = look.back;
    path(state.over);
    pen.lineWidth = 2.5;
    pen.strokeStyle = look.at(state.colour[state.over]);
    path(state.over);
  }
}

function xOf(state, i) {
  const n = state.axes.length;
  return n < 2 ? state.width / 2 : SIDE + (i * (state.width - 2 * SIDE)) / (n - 1);
}

function furnish(state) {
  const { data, width, height } = state;
  if (!data || !width) return;
  state.overlay.setAttribute("width", width);
  state.overlay.setAttribute("height", height);
  state.overlay.replaceChildren();
  state.titles.replaceChildren();
  const room = state.axes.length > 1 ? (width - 2 * SIDE) / (state.axes.length - 1) : width;
  state.axes.forEach((axis, i) => {
    const x = xOf(state, i), place = placer(axis, height), last = i === state.axes.length - 1 && i > 0;
    const title = el("div", "title");
    title.append(el("span", "main", axis.label), el("span", "over", axis.over || (axis.log ? "log" : "\u00a0")));
    title.title = `${axis.full}\nDrag along the axis to select runs; click to clear`;
    const wide = Math.min(room - 8, 2 * SIDE + 40);
    title.style.width = `${wide}px`;
    title.style.left = `${Math.max(0, Math.min(width - wide, x - wide / 2))}px`;
    state.titles.appendChild(title);
    const group = svg("g", { class: "axis", "data-axis": axis.id });
    const floor = height - BOTTOM - (axis.missing ? LANE : 0);
    group.appendChild(svg("line", { x1: x, x2: x, y1: TOP, y2: floor, class: "rule" }));
    const marks = axis.categories ? axis.categories.map((text, at) => [at, text]) : ticksOf(axis).map((v) => [v, short(v)]);
    const every = Math.max(1, Math.ceil((13 * marks.length) / (floor - TOP)));
    const letters = Math.max(4, Math.floor((last ? SIDE + room / 2 : room - 16) / 6.4));
    marks.forEach(([at, text], k) => {
      if (k % every) return;
      const y = place(at);
      group.appendChild(svg("line", { x1: x - 3, x2: x + 3, y1: y, y2: y, class: "rule" }));
      const cut = text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
      const label = svg("text", { x: last ? x - 7 : x + 7, y: y + 4, "text-anchor": last ? "end" : "start", class: "tick" }, cut);
      if (cut !== text) label.appendChild(svg("title", {}, text));
      group.appendChild(label);
    });
    if (axis.missing) {
      // Runs without a value pass below the axis, which ends above them.
      const y = height - BOTTOM;
      group.appendChild(svg("line", { x1: x, x2: x, y1: floor, y2: y, class: "rule gap" }));
      group.appendChild(svg("circle", { cx: x, cy: y, r: 2.5, class: "hole" }));
      group.appendChild(svg("text", { x: last ? x - 7 : x + 7, y: y + 4, "text-anchor": last ? "end" : "start", class: "tick none" }, "none"));
    }
    const pick = state.picks[axis.id];
    const shown = state.drag?.axis === axis.id ? [state.drag.from, state.drag.to] : pick && stretch(axis, place, pick);
    if (shown) {
      const [top, bottom] = [Math.min(...shown), Math.max(...shown)];
      group.appendChild(svg("rect", { x: x - 9, width: 18, y: top, height: Math.max(2, bottom - top), rx: 3, class: "brush" }));
    }
    group.appendChild(svg("rect", { x: x - GRAB, width: 2 * GRAB, y: TOP - 10, height: height - TOP + 4, class: "grab", "data-grab": axis.id }));
    state.overlay.appendChild(group);
  });
  // All of them are measured at once, after all are there; then each gets a plate that covers the lines behind it.
  const labels = [...state.overlay.querySelectorAll(".tick")];
  const boxes = labels.map((label) => label.getBBox());
  labels.forEach((label, i) => {
    const { x, y, width: w, height: h } = boxes[i];
    label.before(svg("rect", { x: x - 3, y: y + 0.5, width: w + 6, height: h - 1, rx: 3, class: "plate" }));
  });
}

function nearest(state, x, y) {
  const n = state.axes.length;
  if (n < 2) return null;
  const room = (state.width - 2 * SIDE) / (n - 1);
  const i = Math.max(0, Math.min(n - 2, Math.floor((x - SIDE) / room)));
  const t = Math.min(1, Math.max(0, (x - xOf(state, i)) / room));
  const [a, b] = [placer(state.axes[i], state.height), placer(state.axes[i + 1], state.height)];
  const on = state.on();
  let best = null, reach = NEAR;
  for (let k = 0; k < state.data.names.length; k += 1) {
    if (!on[k]) continue;
    const at = (1 - t) * a(state.axes[i].values[k]) + t * b(state.axes[i + 1].values[k]);
    if (Math.abs(at - y) < reach) [best, reach] = [k, Math.abs(at - y)];
  }
  return best;
}

function tell(state, x, y) {
  const { tip, data, over } = state;
  tip.hidden = over === null;
  if (over === null) return;
  const rows = state.axes.map((axis) => {
    const value = axis.values[over];
    const text = Number.isNaN(value) ? "none" : axis.categories ? axis.categories[value] : short(value);
    const row = el("div", "pair");
    row.append(el("span", "key", `${axis.label}${axis.over ? ` ${axis.over}` : ""}`), el("span", "", text));
    return row;
  });
  tip.replaceChildren(el("div", "who", data.names[over]), ...rows);
  const left = x + 16 + tip.offsetWidth > state.width ? x - 16 - tip.offsetWidth : x + 16;
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${Math.max(0, Math.min(state.height - tip.offsetHeight, y - 20))}px`;
}

function refresh(state) {
  draw(state);
  furnish(state);
}

function setup(root) {
  const state = { root, axes: [], picks: {}, width: 0, height: 0, over: null, drag: null };
  state.titles = el("div", "titles");
  state.canvas = el("canvas");
  state.canvas.setAttribute("aria-hidden", "true");
  state.overlay = svg("svg", { class: "overlay", role: "img" });
  state.tip = el("div", "tip");
  state.tip.hidden = true;
  state.legend = el("div", "legend");
  state.stage = el("div", "stage");
  state.stage.append(state.canvas, state.overlay, state.titles, state.tip);
  root.replaceChildren(state.stage, state.legend);
  // Python's word counts, but while a brush is drawn the axes themselves say who is in it.
  state.on = () => {
    const given = state.data.on;
    const n = state.data.names.length;
    if (!state.drag && given) return Array.from(given, (c) => c === "1");
    const picks = { ...state.picks };
    if (state.drag) picks[state.drag.axis] = state.drag.pick;
    return Array.from({ length: n }, (_, i) => state.axes.every((axis) => inside(axis, picks[axis.id], axis.values[i])));
  };
  const at = (event) => {
    const box = state.overlay.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  state.overlay.onpointerdown = (event) => {
    const id = event.target.dataset?.grab;
    if (!id || event.button) return;
    const axis = state.axes.find((each) => each.id === id);
    const [, y] = at(event);
    const known = state.picks[id] && stretch(axis, placer(axis, state.height), state.picks[id]);
    const moves = known && y > known[0] && y < known[1];
    state.drag = { axis: id, start: y, from: moves ? known[0] : y, to: moves ? known[1] : y, base: moves ? known : null, pick: state.picks[id] ?? null };
    state.over = null;
    tell(state, 0, 0);
    state.overlay.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  state.overlay.onpointermove = (event) => {
    const [x, y] = at(event);
    const drag = state.drag;
    if (!drag) {
      const over = nearest(state, x, y);
      state.overlay.style.cursor = event.target.dataset?.grab ? "ns-resize" : over === null ? "default" : "pointer";
      if (over !== state.over) {
        state.over = over;
        draw(state);
      }
      tell(state, x, y);
      return;
    }
    const axis = state.axes.find((each) => each.id === drag.axis);
    if (!axis) return;
    if (drag.base) [drag.from, drag.to] = drag.base.map((end) => end + y - drag.start);
    else drag.to = y;
    drag.pick = Math.abs(y - drag.start) < 4 ? drag.pick : pickOf(axis, placer(axis, state.height), drag.from, drag.to);
    refresh(state);
  };
  state.overlay.onpointerup = (event) => {
    const drag = state.drag;
    const [x, y] = at(event);
    state.drag = null;
    if (!drag) {
      const over = nearest(state, x, y);
      if (over === null || event.button) return;
      goTo(`${state.data.href}${encodeURIComponent(state.data.ids[over])}`);
      return;
    }
    const axis = state.axes.find((each) => each.id === drag.axis);
    if (!axis) return;
    let pick = drag.pick;
    if (Math.abs(y - drag.start) < 4) {
      // A click takes the category under it, or clears what was selected.
      const place = placer(axis, state.height);
      const near = axis.categories && !state.picks[axis.id] ? pickOf(axis, place, y - 7, y + 7) : null;
      pick = near;
    }
    if (pick) state.picks[axis.id] = pick;
    else delete state.picks[axis.id];
    state.data = { ...state.data, on: null };
    refresh(state);
    state.send({ kind: "brush", axis: axis.id, pick });
  };
  state.overlay.onpointercancel = () => {
    state.drag = null;
    refresh(state);
  };
  state.overlay.onpointerleave = () => {
    if (state.drag || state.over === null) return;
    state.over = null;
    tell(state, 0, 0);
    draw(state);
  };
  state.size = new ResizeObserver((entries) => {
    const width = Math.round(entries[0].contentRect.width);
    if (!width || width === state.width) return;
    state.width = width;
    refresh(state);
  });
  state.size.observe(state.stage);
  states.set(root, state);
  return state;
}

function legend(state, data) {
  if (!data.legend) return state.legend.replaceChildren();
  const bar = el("span", "bar");
  bar.style.background = `linear-gradient(to right, ${data.scale.join(", ")})`;
  state.legend.replaceChildren(
    el("span", "label", data.legend.label), el("span", "", data.legend.from), bar, el("span", "", data.legend.to),
    ...(data.legend.note ? [el("span", "soft", data.legend.note)] : []),
  );
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".lb-parallel");
  if (!root || !data) return;
  const state = states.get(root) ?? setup(root);
  state.send = (act) => setTriggerValue("act", act);
  const text = JSON.stringify(data);
  if (text !== state.text) {
    state.text = text;
    state.data = data;
    state.over = null;
    state.height = data.height;
    state.stage.style.height = `${data.height}px`;
    state.axes = data.axes.map((axis) => ({ ...axis, values: unpack(axis.values) }));
    state.colour = unpack(data.colour);
    state.picks = Object.fromEntries(data.axes.filter((axis) => axis.pick).map((axis) => [axis.id, axis.pick]));
    state.overlay.setAttribute("aria-label", data.alt);
    legend(state, data);
  }
  refresh(state);
  root.dataset.drawn = "1";
  return () => {
    state.size.disconnect();
    states.delete(root);
  };
}
