import { pinned } from "#browser/refresh/address.js";
import { cases } from "../cases.js";

const AT = "http://127.0.0.1:8501/base/runs";
/** @typedef {[string, string[]][]} Query */
const pin = (/** @type {string} */ href, /** @type {Record<string, string>} */ address, /** @type {Query} */ query) =>
  pinned(href, { page: "runs", address, query });

cases("pinned", pin, [
  [AT, { project: "p" }, [], `${AT}?project=p`],
  [`${AT}?sort=lr`, { project: "a b" }, [["sort", ["lr"]]], `${AT}?sort=lr&project=a+b`],
  // Nothing is missing.
  [`${AT}?project=p`, { project: "p" }, [["project", ["p"]]], null],
  [`${AT}?project=p`, { project: "p" }, [], null],
  [AT, {}, [], null],
  // The address of another page, or of another view of this one.
  ["http://127.0.0.1:8501/curves", { project: "p" }, [], null],
  [`${AT}?project=q`, { project: "p", board: "b" }, [], null],
  [`${AT}?runs=a&runs=b`, { project: "p" }, [["runs", ["a"]]], null],
  [`${AT}?runs=a&runs=b`, { project: "p" }, [["runs", ["a", "b"]]], `${AT}?runs=a&runs=b&project=p`],
  // Whatever the address names.
  [`${AT}?constructor=1&__proto__=2`, { project: "p" }, [["constructor", ["1"]], ["__proto__", ["2"]]], `${AT}?constructor=1&__proto__=2&project=p`],
  [`${AT}?toString=1`, { project: "p" }, [], null],
]);
