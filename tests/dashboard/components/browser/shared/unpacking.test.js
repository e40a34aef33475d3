import { doubles, unpacked } from "#browser/shared/unpacking.js";
import { cases } from "../cases.js";

/** @param {ArrayBufferView} values */
const text = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");

/** @typedef {import("#browser/shared/unpacking.js").Packed} Packed */
const list = (/** @type {Packed} */ sent) => [...unpacked(sent)];

cases("doubles", (/** @type {string} */ sent) => [...doubles(sent)], [
  ["", []],
  [text(new Float64Array([-0, NaN, Infinity, 1e300])), [-0, NaN, Infinity, 1e300]],
]);
cases("unpacked", list, [
  [{ dtype: "f8", bdata: "" }, []],
  [{ dtype: "f8", bdata: text(new Float64Array([0.1])) }, [0.1]],
  [{ dtype: "f4", bdata: text(new Float32Array([0.5, NaN])) }, [0.5, NaN]],
  [{ pack: "levels", from: 2, by: 0.5, log: false, bdata: text(new Uint16Array([0, 65534, 65535])) }, [2, 32769, NaN]],
  [{ pack: "levels", from: -1, by: 1, log: true, bdata: text(new Uint16Array([0, 1, 65535])) }, [0.1, 1, NaN]],
  [{ pack: "gaps", from: 7, by: 1, n: 1, bdata: "" }, [7]],
  [{ pack: "gaps", from: 0, by: 1, n: 4, bdata: text(new Uint8Array([1, 127, 0x80, 1])) }, [0, 1, 128, 256]],
  [{ pack: "gaps", from: -5, by: 0.5, n: 2, bdata: text(new Uint8Array([10])) }, [-2.5, 2.5]],
  // More than 32 bits: 2**40 in six bytes.
  [{ pack: "gaps", from: 0, by: 1, n: 2, bdata: text(new Uint8Array([128, 128, 128, 128, 128, 32])) }, [0, 2 ** 40]],
]);
