"""The structure of the modules: imports without cycles, sizes, and which modules may call the server."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from gan.ui.theme import STYLE_SHEET, TAB_SHEETS
from gan.ui.web import ENTRY, WEB, WebFiles, modules_from, stylesheets

MODULE_LINES, STYLESHEET_LINES, COLUMNS = 300, 250, 120
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?\bfrom\s+["']([^"']+)["'];""", re.MULTILINE)

MODULES = modules_from(WEB / ENTRY)


def name_of(path: Path) -> str:
    return path.relative_to(WEB).as_posix()


def imports_of(path: Path) -> list[Path]:
    """Return the modules that a module imports."""
    return [(path.parent / target).resolve() for target in IMPORT.findall(path.read_text(encoding="utf-8"))]


def test_every_import_names_a_module_that_is_there() -> None:
    missing = [(name_of(path), str(target)) for path in MODULES for target in imports_of(path) if not target.is_file()]
    assert missing == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    done: set[Path] = set()

    def walk(path: Path, way: tuple[Path, ...]) -> None:
        assert path not in way, " -> ".join(name_of(each) for each in (*way[way.index(path) :], path))
        if path in done:
            return
        for target in imports_of(path):
            walk(target, (*way, path))
        done.add(path)

    for path in MODULES:
        walk(path, ())


def test_only_the_page_of_the_app_knows_the_server_painter() -> None:
    server = WEB / "painters" / "server.js"
    assert [name_of(path) for path in MODULES if server in imports_of(path)] == ["start.js"]


def test_no_module_asks_for_a_latent_space_by_name() -> None:
    asks = re.compile(r"""\bspace\s*===?|["']w["']""")
    found = [name_of(path) for path in MODULES if asks.search(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("path", [*MODULES, *sorted((WEB / "static").rglob("*.js"))], ids=name_of)
def test_a_module_is_short_and_says_what_it_is(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert re.match(r"// \w.{20,}", lines[0])
    assert len(lines) <= MODULE_LINES
    assert [number for number, line in enumerate(lines, 1) if len(line) > COLUMNS] == []


@pytest.mark.parametrize("path", stylesheets(), ids=name_of)
def test_a_stylesheet_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= STYLESHEET_LINES


@pytest.mark.parametrize("path", [STYLE_SHEET, *TAB_SHEETS, *stylesheets()], ids=lambda path: path.name)
def test_no_list_in_a_selector_gets_gradios_prefix(path: Path) -> None:
    """Gradio puts its prefix after every comma of a selector. In `:is(.a, .b)` the whole rule then outweighs more exact ones."""
    rules = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r":(?:is|where|not|has)\([^(){}]*,[^{}]*", rules) == []


def test_every_module_loads_by_itself(blank: Page) -> None:
    names = [f"/{name_of(path)}" for path in MODULES]
    loaded = blank.evaluate("(names) => Promise.all(names.map((name) => import(name))).then((all) => all.length)", names)
    assert loaded == len(MODULES)


def test_the_address_of_the_modules_changes_with_their_content(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "start.js").write_text('import { a } from "./tools/a.js";')
    (tmp_path / "tools" / "a.js").write_text("export const a = 1;")
    (tmp_path / "tools" / "other.js").write_text("// of another page")
    first = WebFiles.read(tmp_path)
    assert set(first.files) == {"start.js", "tools/a.js"}
    assert WebFiles.read(tmp_path).address == first.address
    (tmp_path / "tools" / "a.js").write_text("export const a = 2;")
    assert WebFiles.read(tmp_path).address != first.address
