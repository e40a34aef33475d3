/**
 * What `layout/chrome.py` sends.
 * @typedef {object} RailData
 * @property {Project[]} projects
 * @property {string | null} current
 * @property {string} place the lake's address
 */

/** @typedef {{name: string, running: number, href: string}} Project */

export {};
