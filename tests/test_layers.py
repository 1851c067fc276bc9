"""The architecture (docs/architecture.md): allowed imports, no pickling, and the files that the repository may hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gan"

# A module imports only from above it. `gan` itself (its __init__) gathers the public API, so in this order it comes just before
# the command line.
LAYERS = (
    "limits",
    "words",
    "errors",
    "files",
    "machine",
    "images",
    "tensors",
    "recipes",
    "convolution",
    "losses",
    "families",
    "vision",
    "discriminators",
    "hub",
    "data",
    "config",
    "runs",
    "models",
    "order",
    "sampler",
    "directions",
    "projection",
    "video",
    "metrics",
    "bulk",
    "sharing",
    "training",
    "lessons",
    "playing",
    "progress",
    "__init__",
    "cli",
    "__main__",
    "ui",
)
NOT_OURS = {"build", "checkpoints", "data", "dist", "models", "runs"}  # folders at the root without source files of this project
PICKLING_MODULES = {"cloudpickle", "cPickle", "dill", "joblib", "marshal", "pickle", "shelve"}
PICKLING_CALLS = {"torch.load", "torch.save", "torch.hub.load", "torch.package", "torch.jit.load", "torch.jit.save"}
PICKLING_METHODS = {"load_state", "save_state", "save_model"}  # methods of accelerate
MODULE_LINES, TEST_LINES, FUNCTION_LINES = 400, 600, 70
FILE_BYTES = 8 * 2**20


def sources(folder: Path = ROOT) -> list[Path]:
    """Return this project's Python files below a folder."""
    found = (path for path in folder.rglob("*.py") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts))
    return sorted(path for path in found if path.relative_to(ROOT).parts[0] not in NOT_OURS)


def repository_files() -> Iterator[Path]:
    """Yield every file that belongs to the repository, including the starters."""
    ours = [path for path in ROOT.iterdir() if path.name not in NOT_OURS - {"checkpoints"}]
    for top in ours:
        if top.is_file():
            yield top
        elif not top.name.startswith(".") or top.name == ".ci":
            yield from (path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def layer_of(path: Path) -> str:
    """Return the layer of a file: `gan/families/style.py` -> `families`."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def module_of(path: Path) -> str:
    """Return the module of a file: `gan/families/style.py` -> `gan.families.style`; a package's `__init__` is the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def exists(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imported_modules(tree: ast.Module) -> Iterator[str]:
    """Yield every module that a file imports, at the top or inside a function.

    `from gan import data` is `gan.data`, and a name that `gan` itself holds belongs to `gan.__init__`. A bare `import gan` is
    always allowed: it locates the package.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write imports in full, not relative"
            module = node.module or ""
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                yield whole if exists(whole) else "gan.__init__" if module == "gan" else module


def imported_layers(path: Path) -> set[str]:
    """Return the other layers of the package that a file imports."""
    names = (name.split(".") for name in imported_modules(parse(path)))
    return {name[1] for name in names if name[0] == "gan" and len(name) > 1} - {layer_of(path)}


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_module_of_the_package_has_its_place_in_the_order() -> None:
    assert {layer_of(path) for path in sources(PACKAGE)} - set(LAYERS) == set()


@pytest.mark.parametrize("path", sources(PACKAGE), ids=ids)
def test_a_module_imports_only_from_above_it(path: Path) -> None:
    below = {layer for layer in imported_layers(path) if LAYERS.index(layer) > LAYERS.index(layer_of(path))}
    assert below == set(), f"{ids(path)} may not import {sorted(below)}"


@pytest.mark.parametrize("path", [path for path in sources(PACKAGE) if "ui" not in path.parts], ids=ids)
def test_only_ui_imports_gradio(path: Path) -> None:
    assert not {name for name in imported_modules(parse(path)) if name.split(".")[0] in {"gradio", "gradio_client"}}


def test_ui_never_reaches_the_trainer_not_even_through_another_module() -> None:
    waiting, reached = ["ui"], {"ui"}
    while waiting:
        layer = waiting.pop()
        of_layer = [path for path in sources(PACKAGE) if layer_of(path) == layer]
        new = {name for path in of_layer for name in imported_layers(path)} - reached
        reached |= new
        waiting += new
    assert "training" not in reached
    assert "cli" not in reached


@pytest.mark.parametrize("path", sources(PACKAGE), ids=ids)
def test_modules_do_not_import_each_other_in_a_circle_within_a_folder(path: Path) -> None:
    siblings = {module_of(other): other for other in path.parent.glob("*.py") if other.name != "__init__.py"}
    waiting: list[Path] = [path]
    reached: set[str] = set()
    while waiting:
        new = {name for name in imported_modules(parse(waiting.pop())) if name in siblings} - reached
        reached |= new
        waiting += [siblings[name] for name in new]
    assert module_of(path) not in reached


@pytest.mark.parametrize("path", [*sources(PACKAGE), *ROOT.glob("app.py"), *sources(ROOT / "benchmarks")], ids=ids)
def test_nothing_is_pickled(path: Path) -> None:
    tree = parse(path)
    assert not {name.split(".")[0] for name in imported_modules(tree)} & PICKLING_MODULES
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in PICKLING_CALLS
            assert node.attr not in PICKLING_METHODS
        if isinstance(node, ast.ImportFrom) and node.module == "torch":
            assert not {alias.name for alias in node.names} & {"load", "save"}
        if isinstance(node, ast.keyword) and node.arg in {"allow_pickle", "trust_remote_code"}:
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False


@pytest.mark.parametrize("path", sources(PACKAGE), ids=ids)
def test_importing_a_module_does_nothing(path: Path) -> None:
    for node in parse(path).body:
        does = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
        assert not does or path.name == "__main__.py", f"{ids(path)} line {node.lineno} acts on import"
        assert not isinstance(node, ast.For | ast.While | ast.With), f"{ids(path)} line {node.lineno} acts on import"


@pytest.mark.parametrize("path", sources(), ids=ids)
def test_a_file_and_its_functions_can_be_read_in_one_go(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= (TEST_LINES if "tests" in path.parts else MODULE_LINES)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("layer", sorted({layer_of(path) for path in sources(PACKAGE)} - {"__init__", "__main__"}))
def test_every_layer_has_tests_of_its_name(layer: str) -> None:
    assert list((ROOT / "tests").glob(f"test_{layer}*.py")), f"tests/test_{layer}.py is missing"


def test_the_repository_holds_no_large_file_no_link_and_nothing_secret() -> None:
    for path in repository_files():
        assert path.stat().st_size <= FILE_BYTES, path
        assert not path.is_symlink(), path
        assert path.suffix not in {".ckpt", ".pkl", ".pt", ".pth", ".pem", ".key", ".env"}, path


def test_texts_are_utf8_with_unix_line_ends_and_speak_of_the_product_alone() -> None:
    machines = "|".join(("/" + "work/", "/" + "tmp/venv", "/" + "root/", "/" + "home/", "C:" + r"\\Users"))
    leftovers = re.compile(rf"\b(TO{'DO'}|FIX{'ME'}|XX{'X'})\b|(?<![\w.])({machines})")
    for path in repository_files():
        if path.suffix in {".css", ".js", ".json", ".md", ".py", ".toml", ".txt", ".svg", ""}:
            raw = path.read_bytes()
            assert b"\r" not in raw, path
            assert raw == b"" or raw.endswith(b"\n"), path
            assert not leftovers.search(raw.decode("utf-8")), path


def test_what_is_ignored_lies_at_the_root_so_that_no_source_is_lost() -> None:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    anywhere = {pattern for pattern in patterns if not pattern.startswith("/")}
    assert anywhere == {"__pycache__/", ".DS_Store"}
    assert {"/runs/", "/data/", "/models/", "/queue.json", "/.venv/"} <= set(patterns)
    assert not {"/gan/", "/tests/", "/checkpoints/", "/benchmarks/", "/app.py"} & set(patterns)


def test_every_dependency_has_a_floor_a_cap_and_a_reason() -> None:
    for path in (ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"[a-z-]+>=\d[\d.]*,<\d[\d.]* +# \w.+", line), line


def test_every_dependency_is_used() -> None:
    modules = {"pillow": "PIL"}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [re.split(r"[><=]", line)[0] for line in lines]
    imported = {name.split(".")[0] for path in sources(PACKAGE) for name in imported_modules(parse(path))}
    assert [name for name in names if modules.get(name, name.replace("-", "_")) not in imported] == []
