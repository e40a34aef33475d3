import { unfolded } from "#browser/table/folds.js";
import { RESERVED, cases } from "../cases.js";

/** @type {import("#browser/table/folds.js").Folding[]} */
const ROWS = [
  { id: "lr", parent: "", group: false, text: "lr 0.1 0.01" },
  { id: "net", parent: "", group: true, text: "" },
  { id: "width", parent: "net", group: false, text: "width 64" },
  { id: "head", parent: "net", group: true, text: "" },
  { id: "bias", parent: "head", group: false, text: "bias true" },
];

const shown = (/** @type {string[]} */ folded, /** @type {string} */ search) => {
  const { seen, open, found } = unfolded(ROWS, new Set(folded), search);
  return [[...seen].join(" "), [...open].join(" "), found];
};

cases("unfolded", shown, [
  [[], "", ["lr net width head bias", "net head", 3]],
  [["head"], "", ["lr net width head", "net", 3]],
  [["net"], "", ["lr net", "head", 3]],
  [["net", "head"], "  ", ["lr net", "", 3]],
  // A search looks into what is folded, and shows the groups of what it finds.
  [["net", "head"], "BIAS true", ["net head bias", "net head", 1]],
  [[], "0.01", ["lr", "net head", 1]],
  [[], "nothing", ["", "net head", 0]],
]);

cases("unfolded without rows", () => unfolded([], new Set(), "x").found, [[0]]);

const reserved = RESERVED.filter(Boolean).flatMap((name) => [
  { id: name, parent: "", group: true, text: "" },
  { id: `${name}.x`, parent: name, group: false, text: `${name}.x` },
]);
cases("groups called like what objects have", () => unfolded(reserved, new Set(["__proto__"]), "").seen.size, [[9]]);
