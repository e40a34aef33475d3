// The step under the pointer in a chart, for what else on the page is shown by step.

const NAME = "lb-step";

/** @param {number} step */
export const tellStep = (step) => dispatchEvent(new CustomEvent(NAME, { detail: step }));

/**
 * @param {(step: number) => void} act
 * @param {AbortSignal} signal ends it
 */
export function onStep(act, signal) {
  addEventListener(NAME, (event) => act(/** @type {CustomEvent<number>} */ (event).detail), { signal });
}
