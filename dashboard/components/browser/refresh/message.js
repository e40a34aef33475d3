/**
 * What `refresh.py` sends.
 * @typedef {object} RefreshData
 * @property {string} lead
 * @property {boolean} live
 * @property {boolean} paused
 * @property {number} beat when the lake was last asked; another value says that a question was answered
 * @property {number} age of the page in ms
 * @property {number | null} every how long to wait in ms; null for no refresh
 * @property {number} requests
 * @property {string} title
 * @property {boolean} trouble
 * @property {string} page the last part of its path
 * @property {Record<string, string>} address parameters of the view, which have names of our own
 * @property {[string, string[]][]} query parameters that it was drawn for
 */

export {};
