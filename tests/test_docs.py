"""README and docs/ are correct: commands parse, Python runs, the tree matches the package, a Space accepts the front matter."""

import re
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest
import typer
from huggingface_hub import metadata_load

from gan import cli
from gan.config import PRESETS
from tests.test_layers import LAYERS, PACKAGE, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
ENVIRONMENT = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"


PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}


def blocks(language: str, *texts: str) -> list[str]:
    """Return the fenced blocks of a language in some texts (by default README), without their fences."""
    fence = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
    fenced = [found for text in texts or (README,) for found in fence.findall(text)]
    return [text for name, text in fenced if name == language]


def gan_commands() -> list[list[str]]:
    """Return the arguments of every `python -m gan …` in README and docs."""
    shown = [line for block in blocks("bash", *PAGES.values()) for line in block.splitlines()]
    lines = [line.split(" #")[0] for line in shown if " -m gan " in line]
    return [shlex.split(line.split(" -m gan ")[1]) for line in lines]


def tree() -> list[str]:
    """Return the names directly below gan/ in README's tree, from top to bottom."""
    shown = next(block for block in blocks("") if block.startswith("app.py"))
    below = shown.split("gan/\n")[1]
    lines = [line for line in below.splitlines() if line.startswith("  ")]
    return [name for line in lines for name in re.findall(r"(?:^| )([\w.]+(?:\.py|/))(?= )", line)]


def test_the_two_commands_make_their_own_environment_and_need_nothing_else() -> None:
    one_line = [block.strip() for block in blocks("bash") if block.startswith("python3 -m venv")]
    assert one_line == [
        f"{ENVIRONMENT} && .venv/bin/python app.py",
        f"{ENVIRONMENT} -r tests/requirements.txt && .venv/bin/python tests/install_browser.py && .venv/bin/python -m pytest",
    ]


def test_the_windows_lines_do_the_same() -> None:
    unix = [block for block in blocks("bash") if block.startswith("python3 -m venv")]
    translated = [
        command.replace("python3 ", "py ", 1).replace(".venv/bin/", ".venv\\Scripts\\").replace("tests/", "tests\\")
        for command in unix
    ]
    assert blocks("bat") == translated


def test_ci_runs_the_test_command_of_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep -m 1 -E '(.+)' ", script)
    assert pattern is not None
    assert len(re.findall(pattern[1], README, flags=re.MULTILINE)) == 1
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0


@pytest.mark.parametrize("arguments", gan_commands(), ids=" ".join)
def test_each_command_parses(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for argument in arguments:
        if argument.endswith(".zip"):
            Path(argument).touch()
    group = typer.main.get_command(cli.app)
    name, *rest = arguments
    group.commands[name].make_context(name, rest)  # type: ignore[attr-defined]
    if "--preset" in rest:
        assert rest[rest.index("--preset") + 1] in PRESETS


def test_every_command_is_shown() -> None:
    group = typer.main.get_command(cli.app)
    open_to_all = {name for name, command in group.commands.items() if not command.hidden}  # type: ignore[attr-defined]
    assert {arguments[0] for arguments in gan_commands()} == open_to_all


@pytest.mark.parametrize("code", sorted(set(blocks("python", *PAGES.values()))))
def test_the_three_lines_of_python_run(code: str) -> None:
    names: dict[str, object] = {}
    exec(code, names)
    pictures = names["pictures"]
    assert isinstance(pictures, np.ndarray)
    assert pictures.shape[0] == 3
    assert pictures.dtype == np.uint8


def test_the_tree_is_the_package_in_the_order_of_its_layers() -> None:
    there = [path for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()]
    assert set(tree()) == {path.name + "/" * path.is_dir() for path in there} - {"__pycache__/"}
    layers = [name.removesuffix("/").removesuffix(".py") for name in tree()]
    assert [layer for layer in layers if layer in LAYERS] == [layer for layer in LAYERS if layer in layers]


def test_a_space_accepts_the_front_matter() -> None:
    front = metadata_load(ROOT / "README.md")
    assert front is not None
    assert (front["sdk"], front["license"]) == ("gradio", "apache-2.0")
    assert f"gradio>={front['sdk_version'].rsplit('.', 1)[0]}," in (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert (ROOT / front["app_file"]).is_file()
    assert tuple(map(int, front["python_version"].split("."))) >= (3, 11)
    assert len(front["short_description"]) <= 60
    assert {front["colorFrom"], front["colorTo"]} <= {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page: str) -> None:
    folder = ROOT if page == "README.md" else ROOT / "docs"
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)", PAGES[page]):
        assert (folder / target).is_file(), target


def test_readme_can_be_read_in_one_go() -> None:
    assert len(README.splitlines()) <= 150
