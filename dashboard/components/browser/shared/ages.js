// How long ago something was, in words.

const SECOND = 1000, MINUTE = 60, HOUR = 3600, DAY = 86400;

/**
 * The day alone where it was weeks ago; a clock that is far ahead is no "now", one that is a little ahead is none to
 * speak of.
 * @param {number} ms since 1970
 * @param {number} now likewise
 * @returns {string}
 */
export function ago(ms, now) {
  const s = (now - ms) / SECOND;
  if (!(Math.abs(s) < 26 * DAY)) return moment(ms).split("T")[0];
  if (s < -2 * MINUTE) return `in ${ago(now, ms).replace(" ago", "")}`;
  if (s < 45) return s < 5 ? "now" : `${Math.round(s)} s ago`;
  if (s < 45 * MINUTE) return `${Math.max(1, Math.round(s / MINUTE))} min ago`;
  if (s < 22 * HOUR) return `${Math.max(1, Math.round(s / HOUR))} h ago`;
  return `${Math.max(1, Math.round(s / DAY))} d ago`;
}

/**
 * How old what is shown is.
 * @param {number} ms
 */
export function age(ms) {
  const s = Math.max(0, Math.round(ms / SECOND));
  if (s < 2) return "just now";
  return s < 90 ? `${s} s ago` : s < 5400 ? `${Math.round(s / 60)} min ago` : `${Math.round(s / 3600)} h ago`;
}

/**
 * A moment in UTC to the millisecond, `2026-03-29T01:30:00.000Z`; empty beyond the years that there are dates for.
 * @param {number} ms since 1970
 */
export function moment(ms) {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
