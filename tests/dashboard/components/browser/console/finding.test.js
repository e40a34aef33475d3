import assert from "node:assert/strict";
import { test } from "node:test";
import { kept, linesOf, pieces } from "../../../../../dashboard/components/browser/console/finding.js";

test("a line is taken apart at what is looked for, in any case of letters", () => {
  assert.deepEqual(pieces("Loss: loss", "loss"), ["", "Loss", ": ", "loss", ""]);
  assert.deepEqual(pieces("aaa", "aa"), ["", "aa", "a"]);
  assert.deepEqual(pieces("abc", "x"), ["abc"]);
  assert.deepEqual(pieces("abc", ""), ["abc"]);
  assert.deepEqual(pieces("", "x"), [""]);
});

test("a letter that is longer in small moves nothing", () => {
  assert.deepEqual(pieces("İx loss", "loss"), ["İx loss"]);
});

test("pieces are the line", () => {
  for (const line of ["a.b.a", "(x)", "<b>x</b>", "ends with x"]) assert.equal(pieces(line, "x").join(""), line);
});

test("the end of the last line begins no other one", () => {
  assert.deepEqual(linesOf("a\nb\n"), ["a", "b"]);
  assert.deepEqual(linesOf("a\n\nb"), ["a", "", "b"]);
  assert.deepEqual(linesOf(""), []);
});

test("lines that were added are told from others", () => {
  assert.equal(kept(["a"], ["a", "b"]), 1);
  assert.equal(kept([], ["a"]), 0);
  assert.equal(kept(["a", "b"], ["b", "c"]), -1);
  assert.equal(kept(["a", "b"], ["a"]), -1);
});
