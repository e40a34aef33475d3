"""Notes in a real browser: Markdown, and nothing that runs or calls home."""

from __future__ import annotations

from playwright.sync_api import expect

from lakeboard.store.local import LocalStore
from tests.browser.conftest import Visitor
from tests.query.lakes import Writer

HOSTILE = """# Notes **here**
<script>window.hacked = 1</script>
<img src=x onerror="window.hacked = 2">
[link](javascript:window.hacked=3) [data](data:text/html,<script>window.hacked=4</script>)
![pixel](http://phone.example/pixel.png) ![bad](javascript:window.hacked=5)
[good](https://example.org/page) <https://example.org/angle> <svg/onload=window.hacked=6>

| <b>a</b> | b |
|---|---|
| [x](JaVaScRiPt:window.hacked=7) | `<img src=x onerror=window.hacked=8>` |

```html
<iframe src="javascript:window.hacked=9"></iframe>
```
"""


def test_notes_stay_harmless(visitor: Visitor, lake: str) -> None:
    fields = {"name": "noted", "notes": HOSTILE}
    Writer(LocalStore(lake), "noted", "n1", fields=fields, config={"lr": 1}).start().finish()
    visitor.open("run", project="noted", run="n1")
    page = visitor.page
    page.get_by_role("heading", name="Notes here").wait_for()
    found = page.evaluate(
        """() => {
        const host = [...document.querySelectorAll('*')].find(each => each.shadowRoot?.querySelector('.lb-notes'));
        const root = host.shadowRoot.querySelector('.lb-notes');
        return {
          tags: [...new Set([...root.querySelectorAll('*')].map(each => each.tagName))].sort(),
          handlers: [...root.querySelectorAll('*')].flatMap(each => each.getAttributeNames())
            .filter(name => name.startsWith('on')),
          links: [...root.querySelectorAll('a')].map(each => [each.href, each.rel, each.target]),
          text: root.textContent } }"""
    )
    rel = "noopener noreferrer nofollow"
    assert found["links"] == [
        ["http://phone.example/pixel.png", rel, "_blank"],
        ["https://example.org/page", rel, "_blank"],
        ["https://example.org/angle", rel, "_blank"],
    ]
    assert not {"SCRIPT", "IMG", "IFRAME", "SVG", "B"} & set(found["tags"])
    assert found["handlers"] == []
    assert "<script>window.hacked = 1</script>" in found["text"]
    # Whatever can be clicked without leaving is clicked; nothing ran, and (as every test sees) nothing was fetched.
    page.get_by_text("javascript:window.hacked=3").first.click()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    assert "/run?" in page.url


_LINKS_OUT = """() => { const out = []; const read = root => {
  for (const each of root.querySelectorAll('*')) {
    if (each.tagName === 'A' && new URL(each.href, document.baseURI).origin !== location.origin) out.push(each.href);
    if (each.shadowRoot) read(each.shadowRoot);
  } }; read(document); return out; }"""


def test_names_that_look_like_addresses_lead_nowhere(visitor: Visitor, lake: str) -> None:
    fields = {
        "name": "https://a.example/x",
        "user": "me@b.example",
        "group": "http://c.example",
        "tags": ["www.d.example", "a [b]"],
    }
    Writer(LocalStore(lake), "www.e.example", "n2", fields=fields).start().finish()
    for page in ("run", "runs", "leaderboard", "trash", "compare"):
        visitor.open(page, project="www.e.example", **({"run": "n2"} if page == "run" else {}))
        assert visitor.page.evaluate(_LINKS_OUT) == [], page
    visitor.open("run", project="www.e.example", run="n2")
    assert visitor.page.get_by_role("heading", level=1).inner_text() == "https://a.example/x"
    for tag in ("www.d.example", "a [b]"):
        expect(visitor.page.get_by_text(tag, exact=True)).to_be_visible()
