import assert from "node:assert/strict";
import { test } from "node:test";

import { nameOf, treeOf } from "#browser/files/tree.js";
/** @import { File, Folder } from "#browser/files/message.js" */

/** @type {(p: string, b: number) => File} */
const file = (p, b) => ({ p, at: p, b, k: "", h: "", r: "" });
/** @type {(folder: Folder) => unknown} */
const plain = (folder) => [folder.name, folder.n, folder.bytes, folder.folders.map(plain), folder.files.map((each) => each.p)];

test("files stand in their folders, which say how much they hold", () => {
  const tree = treeOf([file("a/b/1", 1), file("a/b/2", 2), file("a/c", 4), file("d", 8)]);
  assert.deepEqual(plain(tree), ["", 4, 15, [["a", 3, 7, [["b", 2, 3, [], ["a/b/1", "a/b/2"]]], ["a/c"]]], ["d"]]);
});

test("folders that hold one folder alone are one line", () => {
  const tree = treeOf([file("x/y/z/1", 1), file("x/y/z/w/2", 2)]);
  assert.deepEqual(plain(tree), ["", 2, 3, [["x/y/z", 2, 3, [["w", 1, 2, [], ["x/y/z/w/2"]]], ["x/y/z/1"]]], []]);
  assert.equal(tree.folders[0].path, "x/y/z");
});

test("names that objects have already are names like others", () => {
  const tree = treeOf([file("__proto__/constructor", 1), file("toString", 2)]);
  assert.deepEqual(plain(tree), ["", 2, 3, [["__proto__", 1, 1, [], ["__proto__/constructor"]]], ["toString"]]);
  assert.deepEqual(plain(treeOf([])), ["", 0, 0, [], []]);
});

test("a name is the last part of a path", () => {
  assert.equal(nameOf("a/b.txt"), "b.txt");
  assert.equal(nameOf("b.txt"), "b.txt");
});
