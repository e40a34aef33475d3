/**
 * What `note.py` sends.
 * @typedef {object} NoteData
 * @property {Block[]} blocks
 * @property {string} rest what is said of the part that is not shown
 */

/**
 * A piece of a line: text, `["code", text]`, `["break"]`, `["link" or "image", address, pieces, title]`, or `[tag, pieces]`.
 * @typedef {["text" | "code", string] | ["break"] | ["link" | "image", string, Inline[], string?] |
 *   ["strong" | "em" | "del", Inline[]]} Inline
 */

/**
 * @typedef {{k: "p", c: Inline[]} | {k: "h", n: number, c: Inline[]} | {k: "code", t: string} | {k: "rule"} |
 *   {k: "quote", c: Block[]} | List | Table} Block
 */

/** @typedef {{k: "list", ordered: boolean, start: number, c: {done: boolean | null, c: Block[]}[]}} List */

/** @typedef {{k: "table", head: Inline[][], rows: Inline[][][], align: string[]}} Table */

export {};
