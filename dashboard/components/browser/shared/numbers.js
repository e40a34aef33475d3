// Numbers as `format/numbers.py` writes them, to the last digit: plain from 0.0001 to ten million, else with an exponent.
// A table of values in tests/ holds both to it. Nothing here asks the browser's language.

/**
 * A number in so many significant digits, rounded half to even; whole numbers below ten million in full.
 * NaN and infinities read `NaN`, `∞`, `-∞`; zero has no sign.
 * @param {number} value
 */
export function numberText(value, significant = 4) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const minus = value < 0 ? "-" : "";
  if (size < 1e-4 || size >= 1e7) {
    const { digits, power } = rounded(size, () => significant);
    return `${minus}${digits[0]}${digits.length > 1 ? "." : ""}${digits.slice(1)}e${power}`;
  }
  // What stands before the point is never rounded away.
  const { digits, power } = rounded(size, (first) => Math.max(Number.isInteger(size) ? 0 : significant, first + 1));
  const whole = power < 0 ? "0" : digits.slice(0, power + 1).padEnd(power + 1, "0");
  const part = power < 0 ? "0".repeat(-power - 1) + digits : digits.slice(power + 1);
  return minus + whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part && `.${part}`);
}

/**
 * The digits of a number above zero, without zeros at the end, and the power of ten of the first of them.
 * @param {number} size
 * @param {(power: number) => number} keep how many digits, by the power of ten of the first
 */
function rounded(size, keep) {
  // A hundred decimals are all that doubles of a plain size have, and enough to tell a tie from a near one elsewhere.
  const [mantissa, exponent] = size.toExponential(100).split("e");
  const all = mantissa.replace(".", "");
  const power = Number(exponent);
  const kept = keep(power);
  const rest = all.slice(kept);
  const half = "5".padEnd(rest.length, "0");
  let head = BigInt(all.slice(0, kept));
  if (rest > half || (rest === half && head % 2n === 1n)) head += 1n;
  const digits = String(head);
  return { digits: digits.replace(/0+$/, ""), power: power + digits.length - kept };
}

/** `1 run`, `1,234 runs`. */
export const count = (/** @type {number} */ n, /** @type {string} */ thing) =>
  `${numberText(n)} ${thing}${n === 1 ? "" : "s"}`;
