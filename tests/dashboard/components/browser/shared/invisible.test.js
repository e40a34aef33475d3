import { visibleText } from "#browser/shared/invisible.js";
import { cases } from "../cases.js";

cases("visibleText", visibleText, [
  ["safe\u202etxt.exe", "safe<U+202E>txt.exe"],
  ["a\u200bb\ufeff", "a<U+200B>b<U+FEFF>"],
  ["\u001b[31m", "<U+001B>[31m"],
  ["\u200f\u061c\u2066x\u2069", "<U+200F><U+061C><U+2066>x<U+2069>"],
  ["tab\tand\nline", "tab\tand\nline"],
  ["👨\u200d👩 می\u200cخ", "👨\u200d👩 می\u200cخ"],
  ["", ""],
]);
