// What a stretch of an axis selects, as values that every run has, and never as pixels or places.

/** @import { Axis, Pick as Picked } from "./message.js" */

/** @typedef {(value: number) => number} Placer */

const MARGIN = 6;

/**
 * Whether a value is among the selected.
 * @param {{categories: string[] | null}} axis
 * @param {Picked | null | undefined} pick
 * @param {number} value
 */
export function inside(axis, pick, value) {
  if (!pick) return true;
  if (Number.isNaN(value)) return Boolean(pick.missing);
  if (axis.categories) return Boolean(pick.values?.includes(axis.categories[value]));
  return pick.low !== undefined && pick.high !== undefined && value >= pick.low && value <= pick.high;
}

/**
 * What a stretch holds: the values of runs in it, so that the answer is exact and reads well. Null where there is none.
 * @param {{categories: string[] | null, values: Float64Array}} axis
 * @param {Placer} place
 * @param {number} from
 * @param {number} to
 * @returns {Picked | null}
 */
export function pickOf(axis, place, from, to) {
  const [top, bottom] = [Math.min(from, to), Math.max(from, to)];
  const hit = axis.values.filter((v) => place(v) >= top && place(v) <= bottom);
  const known = hit.filter((v) => !Number.isNaN(v));
  if (!hit.length) return null;
  const { categories } = axis;
  if (categories) {
    const values = [...new Set(known)].sort((a, b) => a - b).map((v) => categories[v]);
    return { values, missing: hit.length > known.length };
  }
  if (!known.length) return { missing: true };
  return { low: known.reduce((a, b) => Math.min(a, b)), high: known.reduce((a, b) => Math.max(a, b)) };
}

/**
 * The stretch that shows a pick; null where the axis has no place for it.
 * @param {Pick<Axis, "categories" | "low" | "high">} axis
 * @param {Placer} place
 * @param {Picked} pick
 * @returns {[number, number] | null}
 */
export function stretch(axis, place, pick) {
  /** @type {number[]} */
  const ys = [];
  if (pick.low !== undefined && pick.high !== undefined)
    ys.push(place(Math.max(pick.low, axis.low)), place(Math.min(pick.high, axis.high)));
  for (const value of pick.values ?? []) {
    const at = axis.categories?.indexOf(value) ?? -1;
    if (at >= 0) ys.push(place(at));
  }
  if (pick.missing) ys.push(place(NaN));
  if (!ys.length || ys.some(Number.isNaN)) return null;
  return [Math.min(...ys) - MARGIN, Math.max(...ys) + MARGIN];
}
