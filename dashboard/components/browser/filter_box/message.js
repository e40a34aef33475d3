/**
 * What `filter_box.py` sends.
 * @typedef {object} FilterBoxData
 * @property {string} text the filter that is in force
 * @property {Fault | null} error
 * @property {Answer | null} answer
 * @property {string} label
 * @property {string[]} placeholders
 */

/**
 * @typedef {object} Fault
 * @property {string} text the filter that is at fault
 * @property {number} position in characters
 * @property {string} message
 */

/**
 * What may stand at the cursor.
 * @typedef {object} Answer
 * @property {string} text that was asked about
 * @property {number} cursor in characters
 * @property {number} beat another for each question
 * @property {string[]} items
 * @property {[number, number]} span what they take the place of
 */

export {};
