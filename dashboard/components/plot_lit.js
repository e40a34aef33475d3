// The run under the pointer, in a chart or on the list of runs, stands out in all charts of the page.

const LIT = "lb-lit-run";

// Plotly's classes of a line's elements, which begin with the run's id: `uid_of` in curve_info.py.
function litRules(id) {
  const mine = `.trace${CSS.escape(id)}, [class*="trace${CSS.escape(id)}-"]`;
  return `.lb-lines:not(.lb-here) .scatterlayer > .trace:not(${mine}) { opacity: .16 !important; }
.scatterlayer > .trace:is(${mine}) .js-line { stroke-width: 3px !important; }`;
}

function light(root, id, here) {
  for (const plot of root.querySelectorAll(".lb-plot.lb-here")) if (plot !== here) plot.classList.remove("lb-here");
  here?.classList.add("lb-here");
  root.lbLit ??= root.appendChild(document.createElement("style"));
  const rules = id ? `.lb-plots { ${litRules(id)} }` : "";
  if (root.lbLit.textContent !== rules) root.lbLit.textContent = rules;
}

function bindLit(state, root) {
  state.litBy = new AbortController();
  addEventListener(LIT, (event) => light(root, event.detail?.id ?? "", event.detail?.here), { signal: state.litBy.signal });
}

const sayLit = (id, here) => dispatchEvent(new CustomEvent(LIT, { detail: { id, here } }));
