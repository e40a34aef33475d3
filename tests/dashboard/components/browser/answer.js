// Answers questions of Python's tests, a line of JSON each: a function's name and what it is given, numbers in writing.

import { createInterface } from "node:readline";

import { visibleText } from "#browser/shared/invisible.js";
import { numberText } from "#browser/shared/numbers.js";
import { unpacked } from "#browser/shared/unpacking.js";
/** @import { Packed } from "#browser/shared/unpacking.js" */

const parse = (/** @type {string} */ text) => Number(text.replace("inf", "Infinity"));

/** @type {Map<string, (...given: any[]) => unknown>} */
const answers = new Map();
answers.set("numbers", (/** @type {string[]} */ values, /** @type {number} */ digits) =>
  values.map((value) => numberText(parse(value), digits)),
);
answers.set("visible", visibleText);
answers.set("unpacked", (/** @type {Packed} */ sent) =>
  Array.from(unpacked(sent), (value) => (Object.is(value, -0) ? "-0.0" : String(value))),
);

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...given] = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(answers.get(name)?.(...given))}\n`);
}
