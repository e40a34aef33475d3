// Numbers of bytes as people read them.

/** @type {[number, string][]} */
const UNITS = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];

/** @param {number} bytes */
export function sayBytes(bytes) {
  for (const [unit, name] of UNITS) if (bytes >= unit) return `${(bytes / unit).toFixed(1)} ${name}`;
  return `${bytes} bytes`;
}
