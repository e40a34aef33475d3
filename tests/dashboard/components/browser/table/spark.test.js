import { points } from "#browser/table/spark.js";
import { cases } from "../cases.js";

cases("points", points, [
  [[], []],
  [[5], [[2, 10]]],
  [[3, 3], [[2, 10], [110, 10]]],
  [[0, 1, 0.5], [[2, 18], [56, 2], [110, 10]]],
  [[-1e308, 1e308], [[2, 18], [110, 2]]],
]);
