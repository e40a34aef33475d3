// What lies under the pointer, or under the arrow keys: the nearest lines by name, their values at that place.

const NEAREST = 8;
const NEAREST_LARGE = 24;
const FAR = 14;

const short = (value) => numberText(value, 5);

function placeText(value, chart) {
  if (chart.x.type === "date") return new Date(value).toISOString().slice(0, 19).replace("T", " ");
  return `${chart.x.title || "x"} ${short(value)}`;
}

// The point of sorted `xs` that is nearest to `v`.
function nearest(xs, v) {
  let low = 0;
  let high = xs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < v) low = middle + 1;
    else high = middle;
  }
  return low > 0 && Math.abs(xs[low - 1] - v) <= Math.abs(xs[low] - v) ? low - 1 : low;
}

// The lines at a pixel of a chart: all that have a point there, nearest first.
function linesAt(kept, px, py) {
  const { xaxis, yaxis } = kept.plot._fullLayout;
  const plain = xaxis.p2l(px);
  const v = xaxis.type === "log" ? 10 ** plain : plain;
  const hidden = new Set(kept.plot._fullData.filter((t) => t.visible === "legendonly").map((t) => t.uid));
  const found = [];
  for (const line of kept.named) {
    if (!line.x.length || hidden.has(line.uid)) continue;
    const at = nearest(line.x, v);
    const [x, y] = [line.x[at], line.y[at]];
    const left = xaxis.l2p(onAxis(x, xaxis.type));
    const within = v >= line.x[0] && v <= line.x[line.x.length - 1];
    if (!Number.isFinite(y) || (!within && Math.abs(left - px) > FAR)) continue;
    const top = yaxis.l2p(onAxis(y, yaxis.type));
    if (!Number.isFinite(top)) continue;
    found.push({ line, x, y, left, top, at, away: Math.abs(top - py) });
  }
  return found.sort((a, b) => a.away - b.away);
}

function hoverParts(kept) {
  if (kept.over) return kept.over;
  const make = (className) => {
    const node = document.createElement("div");
    node.className = className;
    node.hidden = true;
    kept.plot.appendChild(node);
    return node;
  };
  kept.over = { rule: make("lb-rule"), dots: make("lb-dots"), tip: make("lb-tip") };
  kept.over.tip.setAttribute("role", "status");
  return kept.over;
}

function hideHover(kept) {
  if (kept.over) for (const node of Object.values(kept.over)) node.hidden = true;
  if (kept.told) sayLit("", null);
  kept.told = null;
}

function showHover(kept, px, py) {
  const full = kept.plot._fullLayout;
  if (!full?.xaxis || !kept.named?.length) return;
  const { xaxis, yaxis } = full;
  if (px < 0 || px > xaxis._length || py < -4 || py > yaxis._length + 4) return hideHover(kept);
  const every = linesAt(kept, px, py);
  if (!every.length) return hideHover(kept);
  const { rule, dots, tip } = hoverParts(kept);
  // The place that is told is that of the nearest line; others are told at their point nearest to it.
  const place = every[0];
  const few = every.slice(0, isLarge(kept) ? NEAREST_LARGE : NEAREST).sort((a, b) => a.top - b.top);
  const head = document.createElement("div");
  head.className = "lb-tip-head";
  head.textContent = placeText(place.x, kept.chart);
  if (isLarge(kept)) {
    const hint = document.createElement("em");
    hint.textContent = "Ctrl+C copies";
    head.append(hint);
  }
  const digits = (value) => Number(value.toPrecision(5));
  const listed = [...every].sort((a, b) => a.top - b.top);
  kept.told = listed.map((each) => [each.line.label, each.x, digits(each.y)].join("\t")).join("\n");
  sayLit(every.length > 1 ? place.line.run : "", kept.plot);
  const rows = few.map((each) => {
    const row = document.createElement("div");
    row.className = each === place && every.length > 1 ? "lb-tip-row lb-near" : "lb-tip-row";
    const swatch = document.createElement("i");
    swatch.style.borderTop = `3px ${each.line.dash && each.line.dash !== "solid" ? "dashed" : "solid"} ${each.line.colour}`;
    const name = document.createElement("span");
    name.textContent = each.line.label;
    const value = document.createElement("b");
    value.textContent = short(each.y);
    row.append(swatch, name, value);
    if (each.line.low) {
      const more = document.createElement("em");
      const [low, high, n] = ["low", "high", "n"].map((edge) => each.line[edge][each.at]);
      more.textContent = Number.isFinite(low) ? `${short(low)} to ${short(high)}, n ${n}` : `n ${n}`;
      row.append(more);
    }
    return row;
  });
  const rest = document.createElement("div");
  rest.className = "lb-tip-rest";
  rest.textContent = every.length > few.length ? `and ${every.length - few.length} further away` : "";
  tip.replaceChildren(head, ...rows, ...(rest.textContent ? [rest] : []));
  dots.replaceChildren(
    ...few.map((each) => {
      const dot = document.createElement("i");
      dot.style.cssText = `left:${each.left + xaxis._offset}px;top:${each.top + yaxis._offset}px;background:${each.line.colour}`;
      if (each === place) dot.className = "lb-near";
      return dot;
    }),
  );
  rule.style.cssText = `left:${place.left + xaxis._offset}px;top:${yaxis._offset}px;height:${yaxis._length}px`;
  for (const node of [rule, dots, tip]) node.hidden = false;
  const left = px + xaxis._offset;
  // It may reach beyond its chart, not beyond the window.
  const from = kept.plot.getBoundingClientRect().left;
  const flip = from + left + 24 + tip.offsetWidth > document.documentElement.clientWidth;
  tip.style.left = `${flip ? Math.max(8 - from, left - 16 - tip.offsetWidth) : left + 16}px`;
  tip.style.top = `${Math.max(-8, py + yaxis._offset - tip.offsetHeight / 2)}px`;
}

// What is told under the pointer, of all lines, as rows of name, x and value: for a spreadsheet or a message.
function copyTold(kept, event) {
  if (!kept.told || !event.clipboardData || String(getSelection() ?? "") || event.target.closest?.("input, textarea")) return;
  event.clipboardData.setData("text/plain", `run\t${kept.chart.x.title || "x"}\t${kept.chart.title}\n${kept.told}\n`);
  event.preventDefault();
  const said = document.createElement("div");
  said.className = "lb-tip-rest";
  said.textContent = "Copied.";
  kept.over.tip.append(said);
}

function bindHover(kept) {
  document.addEventListener("copy", (event) => copyTold(kept, event), { signal: kept.ending.signal });
  let frame = 0;
  let pressed = false;
  kept.plot.addEventListener("pointermove", (event) => {
    if (kept.chart.hover !== "names" || pressed || !kept.plot._fullLayout?.xaxis) return;
    const box = kept.plot.getBoundingClientRect();
    const { xaxis, yaxis } = kept.plot._fullLayout;
    const [px, py] = [event.clientX - box.left - xaxis._offset, event.clientY - box.top - yaxis._offset];
    kept.cursor = px;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => showHover(kept, px, py));
  });
  kept.plot.addEventListener("pointerdown", () => {
    pressed = true;
    cancelAnimationFrame(frame);
    hideHover(kept);
  });
  addEventListener("pointerup", () => (pressed = false), { signal: kept.ending.signal });
  for (const leaving of ["pointerleave", "blur"])
    kept.plot.addEventListener(leaving, () => {
      cancelAnimationFrame(frame);
      kept.cursor = undefined;
      hideHover(kept);
    });
  kept.plot.addEventListener("keydown", (event) => {
    const full = kept.plot._fullLayout;
    if (kept.chart.hover !== "names" || event.target !== kept.plot || !full?.xaxis) return;
    if (event.key === "Escape") return hideHover(kept);
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const { _length: width } = full.xaxis;
    const from = kept.cursor ?? (way > 0 ? 0 : width);
    kept.cursor = Math.min(width, Math.max(0, from + (way * width) / (event.shiftKey ? 10 : 50)));
    showHover(kept, kept.cursor, full.yaxis._length / 2);
  });
}
