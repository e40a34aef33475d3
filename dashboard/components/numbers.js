// Numbers as `digits.number` writes them: plain from 0.0001 to ten million, else with an exponent. Before every script.

function numberText(value, significant = 4) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e7) {
    const places = Number.isInteger(value) ? 0 : Math.max(0, significant - 1 - Math.floor(Math.log10(size)));
    return value.toLocaleString("en-US", { maximumFractionDigits: places });
  }
  return value.toExponential(significant - 1).replace(/\.?0*e\+?/, "e");
}
