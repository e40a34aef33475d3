// Which charts are in view, told to Python, so that it computes these alone.

/** @import { State } from "./state.js" */

/** Not while the page is being drawn: widgets that have not taken their values yet would be reported without them. */
const busy = () =>
  /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=stApp]"))?.dataset.testScriptState === "running";

/** @param {State} state */
export function tellSeen(state, calm = 0) {
  clearTimeout(state.looking);
  state.looking = setTimeout(() => {
    if (busy() || calm < 2) {
      tellSeen(state, busy() ? 0 : calm + 1);
      return;
    }
    const cards = [...state.cards.values()].filter((card) => card.inView);
    const seen = cards.map((card) => card.chart.id);
    const text = JSON.stringify(seen);
    if (!state.data.menu || !seen.length || text === state.seen) return;
    // What Python computes unasked may be all that is in view.
    if (state.seen === undefined && cards.every((card) => card.fresh)) return;
    state.seen = text;
    state.tell("seen", seen);
  }, 100);
}
