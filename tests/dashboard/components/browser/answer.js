// Answers questions of Python's tests, a line of JSON each: a function's name and what it is given, numbers in writing.

import { createInterface } from "node:readline";

import { visibleText } from "#browser/shared/invisible.js";
import { numberText } from "#browser/shared/numbers.js";
import { unpacked } from "#browser/shared/unpacking.js";

const parse = (/** @type {string} */ text) => Number(text.replace("inf", "Infinity"));

/** @type {Map<string, (...given: any[]) => unknown>} */
const answers = new Map([
  ["numbers", (values, digits) => values.map((/** @type {string} */ value) => numberText(parse(value), digits))],
  ["visible", visibleText],
  ["unpacked", (sent) => [...unpacked(sent)].map((value) => (Object.is(value, -0) ? "-0.0" : String(value)))],
]);

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...given] = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(answers.get(name)?.(...given))}\n`);
}
