import { blend, channels, colourOf, dashArray, isDark } from "#browser/shared/colours.js";
import { RESERVED, cases } from "../cases.js";

const PALETTE = { light: ["#000001", "#000002"], dark: ["#fffff1", "#fffff2"] };

cases("isDark", isDark, [
  ["#ffffff", false],
  [" #0e1117 ", true],
  ["#818181", false],
  ["#7f7f7f", true],
  ["rgb(0, 0, 0)", false],
  ["", false],
]);
cases("channels", channels, [["#0aff10", [10, 255, 16]]]);
cases("colourOf", (/** @type {import("#browser/shared/colours.js").Mark} */ mark, /** @type {boolean} */ dark) => colourOf(mark, PALETTE, dark), [
  [{ slot: 1, dash: "solid" }, false, "#000002"],
  [{ slot: 1, dash: "solid" }, true, "#fffff2"],
  [{ slot: -1, dash: "solid" }, true, ""],
  [{ slot: 0, dash: "solid", shades: ["#aaaaaa", "#bbbbbb"] }, true, "#bbbbbb"],
]);
cases("dashArray", dashArray, [["dot", "0.2 5"], ["solid", ""], ...RESERVED.map((name) => /** @type {[string, string]} */ ([name, ""]))]);
cases("blend", blend, [
  [["#000000", "#ffffff"], 0, "rgb(0,0,0)"],
  [["#000000", "#ffffff"], 0.5, "rgb(128,128,128)"],
  [["#000000", "#ffffff"], 7, "rgb(255,255,255)"],
  [["#000000", "#ffffff"], -7, "rgb(0,0,0)"],
  [["#000000", "#0000ff", "#ff0000"], 0.25, "rgb(0,0,128)"],
]);
