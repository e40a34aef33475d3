"""Scripts are joined in the order in which they need each other, each in its own scope, and bad ones are refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lakeboard.dashboard.components.component import BROWSER
from lakeboard.dashboard.components.scripts import ScriptError, joined
from tests.dashboard.components.node import node, run

FOLDER = Path(str(BROWSER))
COMPONENTS = sorted(path.name for path in FOLDER.iterdir() if path.name != "shared")


def write(folder: Path, **scripts: str) -> Path:
    for name, text in scripts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder


def order(script: str) -> list[str]:
    return re.findall(r"^// (\S+\.js)$", script, re.MULTILINE)


def test_what_is_imported_stands_before_what_imports_it_and_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        top='import { left } from "./left.js";\nimport { right } from "./right.js";\nexport default left + right;\n',
        left='import { base } from "./base.js";\nexport const left = base + 1;\n',
        right='import { base as from } from "./base.js";\nexport const right = from + 2;\n',
        base="export const base = 1;\n",
    )
    script = joined(tmp_path, "top.js")
    assert order(script) == ["base.js", "left.js", "right.js", "top.js"]
    assert "const { base: from } = $base;" in script
    assert "(function left() {" in script
    assert script.endswith("export default $top.default;\n")
    assert len(re.findall(r"^(?:import|export)\b", script, re.MULTILINE)) == 1


def test_names_of_one_script_are_no_names_of_another(tmp_path: Path) -> None:
    write(
        tmp_path,
        top='import { other } from "./other.js";\nfunction draw() {}\nexport default draw;\n',
        other="function draw() {}\nexport const other = draw;\n",
    )
    script = joined(tmp_path, "top.js")
    begins = [script.index(f"// {name}.js") for name in ("other", "top")]
    assert script.index("function draw") > begins[0]
    assert script.rindex("function draw") > begins[1]
    assert "return { other };" in script
    assert "return { default: _default };" in script


def test_imports_over_several_lines_and_folders(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "table").mkdir()
    write(tmp_path / "shared", dom="export function el() {}\nexport class Part {}\n")
    write(tmp_path / "table", table='import {\n  el,\n  Part,\n} from "../shared/dom.js";\nexport default el(Part);\n')
    script = joined(tmp_path, "table/table.js")
    assert "const { el, Part } = $shared_dom;\n\n\n\n" in script
    assert "return { Part, el };" in script


def test_a_line_is_as_far_below_its_heading_as_in_its_file(tmp_path: Path) -> None:
    text = '// One.\n\nimport { a } from "./a.js";\n\n/**\n * Two.\n */\nexport default /** @type {number} */ (a);\n'
    write(tmp_path, top=text, a="export const a = 1;\n")
    lines = joined(tmp_path, "top.js").splitlines()
    at = lines.index("// top.js") + 2
    assert lines[at + 7] == "const _default = /** @type {number} */ (a);"
    assert [line for line in lines[at : at + 7] if line] == ["const { a } = $a;"]


@pytest.mark.parametrize(
    ("scripts", "said"),
    [
        ({"top": 'import { a } from "./a.js";\nexport default a;\n'}, "top.js needs a.js, which can't be read"),
        ({}, "a component needs top.js, which can't be read"),
        ({"top": "export const a = 1;\n"}, "top.js has no `export default`"),
        (
            {"top": 'import { a, b } from "./a.js";\nexport default a;\n', "a": "export const a = 1;\n"},
            "top.js imports b from a.js, which does not export it",
        ),
        (
            {
                "top": 'import { a } from "./a.js";\nexport default a;\n',
                "a": 'import { b } from "./b.js";\nexport const a = b;\n',
                "b": 'import { a } from "./a.js";\nexport const b = a;\n',
            },
            "scripts import in a circle: a.js → b.js → a.js",
        ),
        ({"top": 'import { top } from "./top.js";\nexport default 1;\n'}, "in a circle: top.js → top.js"),
        ({"top": 'import a from "./a.js";\nexport default a;\n'}, "top.js holds `import a from"),
        ({"top": 'import * as a from "./a.js";\nexport default a;\n'}, "top.js holds `import * as a from"),
        ({"top": 'import { x } from "elsewhere";\nexport default x;\n'}, "top.js holds `import { x } from"),
        ({"top": 'import { x } from "../x.js";\nexport default x;\n'}, "top.js holds `import { x } from"),
        ({"top": 'import { 1 } from "./a.js";\nexport default 1;\n'}, "top.js holds `import { 1 } from"),
        ({"top": "export default 1;\nexport let now = 1;\n"}, "top.js holds `export let now = 1;`"),
        ({"top": "const a = 1;\nexport { a };\nexport default a;\n"}, "top.js holds `export { a };`"),
        ({"top": "export default 1;\nexport default 2;\n"}, "top.js holds two `export default`"),
        (
            {"top": "const a = 1;\nfunction a() {}\nexport default a;\n"},
            "top.js has two things called a at its top level",
        ),
        (
            {"top": 'import { a } from "./a.js";\nconst a = 2;\nexport default a;\n', "a": "export const a = 1;\n"},
            "top.js has two things called a",
        ),
        ({"top": "const _default = 1;\nexport default 2;\n"}, "top.js has two things called _default"),
        ({"top": 'export default () => import("./a.js");\n'}, "top.js holds `import("),
        (
            {
                "top": 'import { a } from "./a-b.js";\nimport { c } from "./a_b.js";\nexport default a + c;\n',
                "a-b": "export const a = 1;\n",
                "a_b": "export const c = 1;\n",
            },
            "differ in signs alone",
        ),
    ],
)
def test_what_cannot_be_joined_is_named(tmp_path: Path, scripts: dict[str, str], said: str) -> None:
    with pytest.raises(ScriptError, match=re.escape(said)):
        joined(write(tmp_path, **scripts), "top.js")


def test_a_script_that_was_edited_is_joined_anew(tmp_path: Path) -> None:
    write(tmp_path, top='import { a } from "./a.js";\nexport default a;\n', a="export const a = 1;\n")
    assert "const a = 1;" in joined(tmp_path, "top.js")
    write(tmp_path, a="export const a = 2;\n")
    assert "const a = 2;" in joined(tmp_path, "top.js")


@pytest.mark.parametrize("name", COMPONENTS)
def test_joined_scripts_are_javascript(name: str, tmp_path: Path) -> None:
    (tmp_path / "joined.mjs").write_text(joined(BROWSER, f"{name}/{name}.js"), encoding="utf-8")
    run([node(), "--check", str(tmp_path / "joined.mjs")])


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_is_joined(name: str) -> None:
    script = joined(BROWSER, f"{name}/{name}.js")
    assert re.findall(r"^(?:import|export)\b.*", script, re.MULTILINE) == [f"export default ${name}_{name}.default;"]
    parts = order(script)
    assert parts[-1] == f"{name}/{name}.js"
    assert len(parts) == len(set(parts))
    assert {part.split("/")[0] for part in parts} <= {name, "shared"}
    for part in parts:
        needs = re.findall(r'from "(\.[^"]+)";$', (FOLDER / part).read_text(encoding="utf-8"), re.MULTILINE)
        before = {(FOLDER / each).resolve() for each in parts[: parts.index(part)]}
        assert {(FOLDER / part).parent.joinpath(need).resolve() for need in needs} <= before


def test_every_script_is_used_or_holds_types_alone() -> None:
    used = {part for name in COMPONENTS for part in order(joined(BROWSER, f"{name}/{name}.js"))}
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.js")}
    types = {f"{name}/message.js" for name in COMPONENTS}
    assert there - used == types
    for name in types:
        code = re.sub(r"/\*.*?\*/", "", (FOLDER / name).read_text(encoding="utf-8"), flags=re.DOTALL)
        assert code.split() == ["export", "{};"]


def test_no_text_of_several_lines_holds_what_looks_like_a_comment() -> None:
    # Lines that are comments are left out of what pages get.
    for path in FOLDER.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert [each for each in re.findall(r"`[^`]*`", text) if re.search(r"\n\s*(?://|/\*)", each)] == [], path
