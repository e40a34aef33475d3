// The window on x that a chart shows: its own, and on demand that of all charts with the same axis.

// Charts of single values have no x to zoom into; of those far below it is not known yet what they are.
const ranked = (state, chart) => Boolean(state.data.menu) && chart.hover === "closest";
const zoomable = (state, kept) =>
  [...state.cards.values()].filter((each) => each.chart.axis === kept.chart.axis && !ranked(state, each.chart));

function resetZoom(state, kept) {
  if (!kept.bound) return zoomed(state, kept, null);
  const { range } = kept.chart.y;
  const y = range ? { "yaxis.range": range } : { "yaxis.autorange": true };
  state.plotly.relayout(kept.plot, { "xaxis.autorange": true, ...y });
}

function zoomTo(state, kept, range) {
  if (!kept.bound) return zoomed(state, kept, range);
  state.plotly.relayout(kept.plot, { "xaxis.range": range.slice(0, 2).map((v) => onAxis(v, kept.chart.x.type)) });
}

function zoomed(state, kept, range) {
  const ranges = { ...state.ranges };
  if (range) ranges[kept.chart.id] = [...range.slice(0, 2), kept.chart.axis || ""];
  else delete ranges[kept.chart.id];
  state.ranges = ranges;
  for (const each of state.cards.values()) labelZoom(state, each);
  clearTimeout(state.telling);
  state.telling = setTimeout(() => state.tell("ranges", state.ranges), 150);
}

const alike = (a, b) => Boolean(a && b) && Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) <= 1e-3 * Math.abs(a[1] - a[0]);

// Whether all charts that can show this one's window do.
const allZoomed = (state, kept) =>
  zoomable(state, kept).every((each) => alike(state.ranges[kept.chart.id], state.ranges[each.chart.id]));

function labelZoom(state, kept) {
  if (!kept.chart) return;
  kept.unzoom.hidden = !state.ranges[kept.chart.id];
  kept.zoomAll.hidden = kept.unzoom.hidden || !state.data.menu || ranked(state, kept.chart) || zoomable(state, kept).length < 2;
  if (kept.zoomAll.hidden) return;
  const all = allZoomed(state, kept);
  kept.zoomAll.textContent = all ? "Reset all" : "Zoom all";
  kept.zoomAll.title = all ? "Show all of x in every chart" : "Show this part of x in every chart";
}

function bindZoom(state, kept) {
  kept.unzoom.onclick = () => resetZoom(state, kept);
  kept.zoomAll.onclick = () => {
    const range = allZoomed(state, kept) ? null : state.ranges[kept.chart.id];
    for (const each of zoomable(state, kept)) {
      if (range && each !== kept) zoomTo(state, each, range);
      else if (!range) resetZoom(state, each);
    }
  };
}
