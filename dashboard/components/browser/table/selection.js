// Which rows are selected.

/**
 * The ids from one to another, in the order of the rows, both included; none where one of them is not among them.
 * @param {string[]} ids
 * @param {string} from
 * @param {string} to
 */
export function between(ids, from, to) {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)].sort((x, y) => x - y);
  return a < 0 ? [] : ids.slice(a, b + 1);
}

/**
 * What the box for all rows shows.
 * @param {string[]} ids that can be selected
 * @param {Set<string>} selected
 */
export function boxOfAll(ids, selected) {
  const on = ids.filter((id) => selected.has(id)).length;
  return { disabled: !ids.length, checked: on > 0 && on === ids.length, indeterminate: on > 0 && on < ids.length };
}
