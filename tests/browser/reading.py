"""What a page shows as text, shadow trees and fields too, without what changes from one second to the next."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.browser.chromium import MAIN

_TEXT = """(main) => {
  const out = [];
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent.trim();
      if (text) out.push(text);
      return;
    }
    if (node.nodeType === Node.ELEMENT_NODE) {
      if (['STYLE', 'SCRIPT'].includes(node.tagName) || node.hidden) return;
      if (node.matches('.lb-plot')) {
        const traces = (node._fullData ?? []).map(t => [t.name, t.x.length, t.line?.color, t.line?.dash]);
        const { xaxis, yaxis } = node._fullLayout ?? {};
        out.push(JSON.stringify([traces, xaxis?.type, yaxis?.type]));
        return;
      }
      if (node.matches('input[type=checkbox], input[type=radio]')) out.push(`${node.checked}`);
      else if (node.matches('input, textarea')) out.push(`${node.type}: ${node.value}`);
    }
    for (const each of node.shadowRoot?.childNodes ?? []) read(each);
    for (const each of node.childNodes) read(each);
  };
  read(document.querySelector(main));
  return out;
}"""
_FLEETING = re.compile(r"\b(\d+ (s|min) ago|just now|now)\b|\d+ requests?|for \d.*")


def texts(page: Page) -> list[str]:
    """All words, in order."""
    found: list[str] = page.evaluate(_TEXT, MAIN)
    return [_FLEETING.sub("…", each) for each in found]
