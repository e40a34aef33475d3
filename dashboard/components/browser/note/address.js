// Where a link of a note may lead.

const SAFE = ["http:", "https:", "mailto:"];

/**
 * An address as the browser reads it, if it leads to the web or a mailbox. Python has checked it; here it is checked
 * again.
 * @param {string} text
 */
export function address(text) {
  try {
    const url = new URL(text);
    return SAFE.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
