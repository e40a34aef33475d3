/** @import { Palette } from "../shared/colours.js" */
/** @import { Packed } from "../shared/unpacking.js" */

/**
 * What `plot.py` sends.
 * @typedef {object} PlotData
 * @property {Chart[]} charts
 * @property {Section[]} sections in order; without any, all charts are in one
 * @property {Legend | null} legend
 * @property {Menu | null} menu
 * @property {number} columns
 * @property {number} height of a chart
 * @property {number} tall of a chart that is alone
 * @property {[string, number, number, string][]} ranges by chart the window that somebody zoomed to before, and of which
 *   axis; in pairs, since charts are called what people call their metrics
 * @property {string} library
 * @property {Palette} palette
 */

/** @typedef {{id: string, title: string, folded: boolean, n: number}} Section */

/** @typedef {number | string[] | null} Slot of the palette, or a colour for light and one for dark pages; null for grey */

/** @typedef {{title: string, scale: boolean, keys: {text: string, slot: Slot, dash: string}[]}} Legend */

/**
 * The choices of each chart's menu.
 * @typedef {object} Menu
 * @property {[string, string][]} x
 * @property {[string, string][]} kind
 * @property {string[]} metrics
 * @property {{x: string, kind: string, smooth: string, log_y: number}} shared
 * @property {boolean} alone whether the page shows one chart only
 */

/**
 * One chart. Out of view it comes without `traces`, axes and what else hangs on its points.
 * @typedef {object} Chart
 * @property {string} id
 * @property {string} title
 * @property {string} note
 * @property {string} alt
 * @property {string} [section]
 * @property {boolean} [pinned]
 * @property {Own} [own]
 * @property {string[]} [labels]
 * @property {string} [axis] what x means
 * @property {"names" | "closest"} [hover]
 * @property {string} [revision]
 * @property {boolean} [legend]
 * @property {boolean} [keyed] whether it has a legend when it is large
 * @property {string} [clicks] the address that a click leads to, but for the run's id at its end
 * @property {number} [margin]
 * @property {Tag[]} [tags]
 * @property {Record<string, unknown>[]} [annotations]
 * @property {SentAxis} [x]
 * @property {SentAxis} [y]
 * @property {Trace[]} [traces]
 */

/** @typedef {Record<string, any> & {type: string, title?: string, range?: number[]}} SentAxis Plotly's axis, but for its title */

/** @typedef {{x: number, y: number, text: string, xanchor: string}} Tag a line's name at its end */

/**
 * Plotly's trace, where `slot` stands for a colour and numbers are packed.
 * @typedef {Record<string, any> & {x?: Packed | unknown[], y?: Packed | unknown[]}} Trace
 */

/**
 * What a chart has of its own; empty text for what it shares.
 * @typedef {object} Own
 * @property {string} x
 * @property {string} smooth
 * @property {string} kind
 * @property {string} log_y
 * @property {string} low
 * @property {string} high
 * @property {string[]} also
 * @property {boolean} any
 */

export {};
