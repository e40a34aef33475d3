// What a view's address leaves open, written into it, so that a copied link shows the same tomorrow.

/** @import { RefreshData } from "./message.js" */

/**
 * An address with what it lacks of a view's parameters; null where it lacks nothing, or is that of another view, which
 * may be there already when the drawing of this one arrives.
 * @param {string} href
 * @param {Pick<RefreshData, "page" | "address" | "query">} view
 */
export function pinned(href, { page, address, query }) {
  const here = new URL(href);
  if (here.pathname.split("/").pop() !== page) return null;
  const asked = new Map(query);
  const pins = new Map(Object.entries(address));
  for (const name of new Set([...here.searchParams.keys(), ...asked.keys()])) {
    const drawn = asked.get(name) ?? [];
    const stands = here.searchParams.getAll(name);
    const ours = !drawn.length && stands.length === 1 && stands[0] === pins.get(name);
    if (!ours && (drawn.length !== stands.length || drawn.some((value, n) => value !== stands[n]))) return null;
  }
  const missing = [...pins].filter(([name]) => !here.searchParams.has(name));
  for (const [name, value] of missing) here.searchParams.set(name, value);
  return missing.length ? here.href : null;
}
