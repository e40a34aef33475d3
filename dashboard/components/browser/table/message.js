/** @import { Mark, Palette } from "../shared/colours.js" */

/**
 * What `table.py` sends.
 * @typedef {object} TableData
 * @property {Column[]} columns
 * @property {Row[]} rows
 * @property {{by: string, descending: boolean} | null} sort
 * @property {string} caption
 * @property {string | null} corner head of the column of fields, where rows are fields
 * @property {string} find what its search field says; without, there is none
 * @property {string} empty
 * @property {number | null} height
 * @property {boolean} fill
 * @property {boolean} dense
 * @property {boolean} plain
 * @property {boolean} selectable
 * @property {string[]} selected
 * @property {number} revision
 * @property {Palette} palette
 */

/**
 * @typedef {object} Column
 * @property {string} id
 * @property {string} label
 * @property {Kind} kind
 * @property {string} over
 * @property {string} title
 * @property {boolean} sortable
 * @property {boolean} pinned
 * @property {boolean} wide
 * @property {[string, string][]} [menu] kinds of acts, and what they are called
 * @property {boolean} [narrows]
 * @property {number} [width]
 * @property {string} [href] of the run that the column is about
 * @property {string} [below]
 * @property {Mark} [mark]
 * @property {boolean} [base] whether it is the baseline
 */

/**
 * @typedef {"text" | "wrap" | "pre" | "mono" | "number" | "score" | "duration" | "time" | "status" | "tags" | "run" |
 *   "rank" | "action" | "link" | "links" | "bar" | "spark" | "flex" | "value" | "code" | "quiet"} Kind
 */

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {Cell[]} cells
 * @property {string} label
 * @property {"" | "quiet" | "group" | "member" | "differs" | "chosen"} tint
 * @property {Field} [field]
 */

/**
 * The head of a row: a field, or a group of them that folds.
 * @typedef {object} Field
 * @property {string} name
 * @property {string} [parent] row of the group that it is in
 * @property {number} [depth]
 * @property {boolean} [group]
 * @property {string} [note]
 * @property {string} [title]
 * @property {string} [find] what a search looks at besides the cells; else its name
 */

/** @typedef {string | number | Value | null} Cell */

/**
 * @typedef {object} Value
 * @property {string | number | string[] | number[] | Value[]} [text]
 * @property {string} [title]
 * @property {string} [sub]
 * @property {string} [tint]
 * @property {string} [href]
 * @property {boolean} [off] it is not what the baseline says
 * @property {string} [id]
 * @property {boolean} [fold] whether the runs of a group are shown
 * @property {Mark} [mark]
 * @property {boolean} [live]
 * @property {number} [part] from 0 to 1
 * @property {string} [state]
 * @property {number | null} [medal] 1, 2 or 3
 * @property {string} [delta]
 * @property {boolean} [better]
 * @property {boolean} [cut] the text is but the beginning
 */

export {};
