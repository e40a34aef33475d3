// Where a text stands in lines, in any case of letters.

/**
 * A line in pieces: every second one is what was looked for.
 * @param {string} line
 * @param {string} wanted nothing for none
 */
export function pieces(line, wanted) {
  if (!wanted) return [line];
  const [low, sought] = [line.toLowerCase(), wanted.toLowerCase()];
  // A letter that has another length in small, of which there are few, would move all that follows.
  if (low.length !== line.length) return [line];
  const out = [];
  let from = 0;
  for (let at = low.indexOf(sought); at >= 0; at = low.indexOf(sought, from)) {
    out.push(line.slice(from, at), line.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...out, line.slice(from)];
}

/**
 * The lines of a text; its last line's end begins no other one.
 * @param {string} text
 */
export function linesOf(text) {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * What of the new lines comes after the old ones: how many of the old stay at the top; -1 where it is another text.
 * @param {string[]} before
 * @param {string[]} now
 */
export function kept(before, now) {
  if (now.length < before.length) return -1;
  for (let n = 0; n < before.length; n += 1) if (before[n] !== now[n]) return -1;
  return before.length;
}
