// A table of cases as tests, each called after what goes in.

import assert from "node:assert/strict";
import { test } from "node:test";

/** Names that every object has from the beginning, and the empty one: people call metrics, params and runs so. */
export const RESERVED = ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", ""];

/**
 * @template {unknown[]} Given
 * @param {string} what
 * @param {(...given: Given) => unknown} act
 * @param {[...Given, unknown][]} rows what goes in, and what must come out
 */
export function cases(what, act, rows) {
  for (const each of rows) {
    const given = /** @type {Given} */ (/** @type {unknown} */ (each.slice(0, -1)));
    test(`${what}: ${given.map((value) => (Object.is(value, -0) ? "-0" : String(value))).join(", ")}`, () => {
      assert.deepEqual(act(...given), each.at(-1));
    });
  }
}
