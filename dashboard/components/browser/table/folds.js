// Rows in groups that fold, and a search over them.

/**
 * A row as far as groups and the search go.
 * @typedef {object} Folding
 * @property {string} id
 * @property {string} parent id of the group that it is in; empty for none
 * @property {boolean} group whether it is the head of one
 * @property {string} text in lower case
 */

/**
 * Which rows are seen, and which groups are open. What is folded away, or does not match, is hidden; a group stays while
 * one of its rows matches. A search looks into folded groups as well.
 * @param {Folding[]} rows each behind the group that it is in
 * @param {Set<string>} folded
 * @param {string} search
 */
export function unfolded(rows, folded, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const parents = new Map(rows.map((row) => [row.id, row.parent]));
  const matching = new Set();
  let found = 0;
  for (const row of [...rows].reverse()) {
    const shown = row.group ? matching.has(row.id) : words.every((word) => row.text.includes(word));
    if (!shown) continue;
    if (!row.group) found += 1;
    matching.add(row.id).add(row.parent);
  }
  const hides = (/** @type {string} */ id) => !words.length && folded.has(id);
  /** @type {Set<string>} */
  const seen = new Set();
  for (const row of rows) {
    let away = false;
    for (let up = row.parent; up && !away; up = parents.get(up) ?? "") away = hides(up);
    if (matching.has(row.id) && !away) seen.add(row.id);
  }
  return { seen, open: new Set(rows.filter((row) => row.group && !hides(row.id)).map((row) => row.id)), found };
}
