import { fileName } from "#browser/plot/picture.js";
import { renewed } from "#browser/plot/plot.js";
import { columnsIn } from "#browser/plot/sections.js";
import { cases } from "../cases.js";

cases("columnsIn", columnsIn, [
  [0, 3, 1],
  [390, 3, 1],
  [508, 3, 2],
  [1400, 3, 3],
]);

cases("fileName", fileName, [
  ["val/acc [test]", "val_acc_test_"],
  ["損失", "_"],
  ["", "chart"],
  ["../../etc", ".._.._etc"],
]);

const far = { id: "a", title: "a", note: "", alt: "", pinned: true, labels: ["a"] };
const near = { ...far, note: "3 runs", pinned: false, traces: [] };
cases("renewed", renewed, [
  [far, near, near],
  [near, far, { ...near, pinned: true, own: undefined }],
  [far, far, far],
]);
