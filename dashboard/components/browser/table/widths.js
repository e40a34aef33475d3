// How wide columns are drawn.

const NARROWEST = 44, WIDEST = 900;

/** A width that a column may have, in whole pixels. */
export function within(/** @type {number} */ width) {
  return Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));
}

/**
 * A style rule a column, so that rows that come later have its width as well.
 * @param {(number | undefined)[]} widths by column, in pixels
 * @param {number} lead how many cells stand before the first column
 */
export function widthRules(widths, lead) {
  return widths
    .map((width, i) => {
      if (!width) return "";
      const cells = `tr > :nth-child(${lead + i + 1})`;
      return `${cells} { box-sizing: border-box; width: ${width}px; min-width: ${width}px; max-width: ${width}px; overflow: hidden; text-overflow: ellipsis; }
${cells} .run { max-width: 100%; } ${cells} a.name { min-width: 0; max-width: 100%; }`;
    })
    .filter(Boolean)
    .join("\n");
}

/**
 * Where each of the cells at the left stays while the others scroll; null where they would leave too little room.
 * @param {number[]} widths
 * @param {number} room
 */
export function stays(widths, room) {
  let left = 0;
  const places = widths.map((width) => (left += width) - width);
  return left <= 0.66 * room ? places : null;
}
