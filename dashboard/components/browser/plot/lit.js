// The run under the pointer, in a chart or on the list of runs, stands out in all charts of the page.

/** @import { State } from "./state.js" */

const LIT = "lb-lit-run";

/**
 * Rules on Plotly's classes of a line's elements, which begin with the run's id: `uid_of` in charts/model.py.
 * @param {string} id
 */
function litRules(id) {
  const mine = `.trace${CSS.escape(id)}, [class*="trace${CSS.escape(id)}-"]`;
  return `.lb-plots { .lb-lines:not(.lb-here) .scatterlayer > .trace:not(${mine}) { opacity: .16 !important; }
.scatterlayer > .trace:is(${mine}) .js-line { stroke-width: 3px !important; } }`;
}

/** @param {State} state */
export function bindLit({ root, lit, ending }) {
  root.append(lit);
  const light = (/** @type {Event} */ event) => {
    const { id, here } = /** @type {CustomEvent<{id: string, here?: Element}>} */ (event).detail;
    for (const plot of root.querySelectorAll(".lb-plot.lb-here")) if (plot !== here) plot.classList.remove("lb-here");
    here?.classList.add("lb-here");
    const rules = id ? litRules(id) : "";
    if (lit.textContent !== rules) lit.textContent = rules;
  };
  addEventListener(LIT, light, { signal: ending.signal });
}

/**
 * Say which run is under the pointer, and in which chart; an empty id for none.
 * @param {string} id
 * @param {Element} [here]
 */
export const sayLit = (id, here) => dispatchEvent(new CustomEvent(LIT, { detail: { id, here } }));
