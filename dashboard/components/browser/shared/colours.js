// Colours of runs and of the page's theme.

/**
 * How a run is drawn: a slot of the palette (-2 for the colour of text) or shades of its own, and a dash.
 * @typedef {object} Mark
 * @property {number} slot
 * @property {string} dash
 * @property {string[]} [shades] for light and for dark pages
 */

/**
 * The colours of runs, for light and for dark pages.
 * @typedef {object} Palette
 * @property {string[]} light
 * @property {string[]} dark
 */

const DASHES = new Map([
  ["dot", "0.2 5"],
  ["dash", "5 5.4"],
  ["longdash", "9 6"],
  ["dashdot", "6 4.6 0.2 4.6"],
]);

/** A dash as SVG has it; empty for a solid line. */
export const dashArray = (/** @type {string} */ dash) => DASHES.get(dash) ?? "";

/** Whether text on such a background, `#rrggbb`, is to be light; not where it is anything else. */
export function isDark(/** @type {string} */ background) {
  const hex = /^#([0-9a-f]{6})/i.exec(background.trim());
  if (!hex) return false;
  const [red, green, blue] = channels(hex[0]);
  return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
}

/** Red, green and blue of `#rrggbb`, 0 to 255. */
export function channels(/** @type {string} */ hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/**
 * The colour of a mark on a page of this theme; empty for what has none, which is drawn in the colour of text or grey.
 * @param {Mark} mark
 * @param {Palette} palette
 * @param {boolean} dark
 */
export function colourOf(mark, palette, dark) {
  return mark.shades ? mark.shades[dark ? 1 : 0] : ((dark ? palette.dark : palette.light)[mark.slot] ?? "");
}

/**
 * Between colours that stand at even distances from 0 to 1; what is beyond has that of the end.
 * @param {string[]} scale
 * @param {number} t
 */
export function blend(scale, t) {
  const stops = scale.map(channels);
  const x = Math.min(0.9999, Math.max(0, t)) * (stops.length - 1);
  const i = Math.floor(x);
  return `rgb(${stops[i].map((c, k) => Math.round(c + (x - i) * (stops[i + 1][k] - c))).join(",")})`;
}
