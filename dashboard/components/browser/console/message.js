/**
 * What `console.py` sends.
 * @typedef {object} ConsoleData
 * @property {string} text lines, oldest first
 * @property {string} source whose they are: another one begins at its end again
 * @property {boolean} older whether there are older ones
 * @property {string} label of the region
 * @property {Found | null} found what a search of all of it found
 */

/**
 * @typedef {object} Found
 * @property {string} wanted
 * @property {{n: number, line: string}[]} lines
 * @property {string} told how many there are
 */

export {};
