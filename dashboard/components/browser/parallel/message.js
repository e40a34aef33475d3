/**
 * What `parallel.py` sends.
 * @typedef {object} ParallelData
 * @property {SentAxis[]} axes
 * @property {string[]} ids of the runs
 * @property {string[]} names
 * @property {string} colour by run its place on the scale, packed
 * @property {string} on by run `1` for those that are selected
 * @property {string[]} scale
 * @property {{label: string, from: string, to: string, note: string} | null} legend
 * @property {string} href
 * @property {number} height
 * @property {string} alt
 */

/**
 * @typedef {object} SentAxis
 * @property {string} id
 * @property {string} label
 * @property {string} over
 * @property {string} full
 * @property {string} values by run, packed
 * @property {string[] | null} categories from the bottom up
 * @property {boolean} log
 * @property {number} low
 * @property {number} high
 * @property {number[] | null} ticks
 * @property {boolean} missing whether some runs have no value
 * @property {Pick | null} pick
 */

/** @typedef {Omit<SentAxis, "values"> & {values: Float64Array}} Axis */

/**
 * What is selected on an axis: a stretch of numbers, or categories, and whether runs without a value.
 * @typedef {{low?: number, high?: number, values?: string[], missing?: boolean}} Pick
 */

export {};
