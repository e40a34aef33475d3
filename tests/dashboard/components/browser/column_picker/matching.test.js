import { matches, moved } from "#browser/column_picker/matching.js";
import { RESERVED, cases } from "../cases.js";

const choices = ["val/loss", "loss", "train/loss", "glossy", ...RESERVED.filter(Boolean)].map((label) => ({
  label,
  section: label === "glossy" ? "Param" : "Metric",
  columns: /** @type {[string, string][]} */ ([[label, ""]]),
}));
const found = (/** @type {string} */ text) => matches(choices, text).map((choice) => choice.label);

cases("matches", found, [
  ["", choices.map((choice) => choice.label)],
  ["LOSS", ["loss", "val/loss", "train/loss", "glossy"]],
  ["loss val", ["val/loss"]],
  ["param gloss", ["glossy"]],
  ["tostring", ["toString"]],
  ["__proto__", ["__proto__"]],
  ["nothing", []],
]);
cases("moved", moved, [
  [["a", "b", "c"], 0, 1, ["b", "a", "c"]],
  [["a", "b", "c"], 2, 0, ["c", "a", "b"]],
  [["a", "b", "c"], 0, -1, ["a", "b", "c"]],
  [["a", "b", "c"], 0, 9, ["b", "c", "a"]],
  [["a"], 0, 1, ["a"]],
]);
