/**
 * What `column_picker.py` sends.
 * @typedef {object} ColumnPickerData
 * @property {Choice[]} choices
 * @property {{id: string, label: string, chip: string}[]} chosen in order
 * @property {string[]} pins
 */

/**
 * A column, or a metric with its several ones.
 * @typedef {object} Choice
 * @property {string} label
 * @property {string} section
 * @property {[string, string][]} columns and what each shows of a metric
 */

export {};
