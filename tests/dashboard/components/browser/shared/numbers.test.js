import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { count, numberText } from "#browser/shared/numbers.js";
import { cases } from "../cases.js";

/** @type {[string, number, string][]} */
const TABLE = JSON.parse(readFileSync(new URL("../../../format/numbers.json", import.meta.url), "utf-8"));
const parse = (/** @type {string} */ text) => Number(text.replace("inf", "Infinity"));

test("every value of the table is written as Python writes it", () => {
  assert.ok(TABLE.length >= 300);
  const wrong = TABLE.filter(([value, digits, text]) => numberText(parse(value), digits) !== text);
  assert.deepEqual(wrong, []);
});

test("four digits where nobody says how many", () => assert.equal(numberText(Math.PI), "3.142"));

test("a language that writes numbers another way changes nothing", () => {
  const { toLocaleString } = Number.prototype;
  Number.prototype.toLocaleString = () => "1.234,5"; // eslint-disable-line no-extend-native -- put back below
  try {
    assert.equal(numberText(1234.5, 5), "1,234.5");
  } finally {
    Number.prototype.toLocaleString = toLocaleString; // eslint-disable-line no-extend-native
  }
});

cases("count", count, [
  [0, "run", "0 runs"],
  [1, "run", "1 run"],
  [1234, "request", "1,234 requests"],
]);
