import { address } from "#browser/note/address.js";
import { cases } from "../cases.js";

cases("address", address, [
  ["https://example.org/a b", "https://example.org/a%20b"],
  ["mailto:ann@example.org", "mailto:ann@example.org"],
  ["javascript:alert(1)", null],
  ["java\nscript:alert(1)", null],
  ["data:text/html,x", null],
  ["file:///etc/passwd", null],
  ["/relative", null],
  ["", null],
]);
