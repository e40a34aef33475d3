// Which step is shown: the one that somebody chose or, where there is none, the nearest before it.

/**
 * The place in rising `steps` of the greatest that is no greater than `wanted`; of the first where all are; of the
 * last where nothing is wanted. -1 without steps.
 * @param {number[]} steps
 * @param {number | null} wanted
 */
export function placeOf(steps, wanted) {
  if (wanted === null) return steps.length - 1;
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return steps.length ? Math.max(0, low - 1) : -1;
}

/**
 * Of items in order of steps, those at the greatest step no greater than `wanted`; of the first where all are greater.
 * @template {{s: number}} T
 * @param {T[]} items each with the place of its step
 * @param {number[]} steps
 * @param {number | null} wanted
 */
export function itemsAt(items, steps, wanted) {
  const own = [...new Set(items.map((item) => item.s))];
  const place = own[placeOf(own.map((each) => steps[each]), wanted)];
  return items.filter((item) => item.s === place);
}

/**
 * What is said of it beside the slider.
 * @param {number[]} steps
 * @param {number | null} wanted
 */
export function sayStep(steps, wanted) {
  const at = placeOf(steps, wanted);
  if (at < 0) return "";
  const step = steps[at];
  const said = `Step ${step.toLocaleString("en")}`;
  if (wanted === null || wanted === step) return said;
  return `${said}, nearest ${step < wanted ? "before" : "after"} ${wanted.toLocaleString("en")}`;
}
