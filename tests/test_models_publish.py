"""The published page as a folder: complete, small, of checked parts, replaced by publishing again, and a Space on the Hub."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan.errors import CheckpointError, HubError
from gan.hub import Pushed
from gan.hub.spaces import push_space
from gan.models.publish import LEVELS, RUNTIME, RUNTIMES, WEB
from gan.playing.sharing import write_model_page
from gan.sampler import Model
from gan.words import STATIC
from tests.loopback_hub import LoopbackHub
from tests.test_words import CHINESE, placeholders
from tests.tiny_models import write_tiny_model

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

MOST_OWN_BYTES = 1 << 20  # bytes of a page without runtime and weights


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a tiny model."""
    folder = tmp_path_factory.mktemp("scrawl") / "scrawl"
    write_tiny_model(folder, family="mlp", discriminator=False)
    out = folder.parent / "page"
    write_model_page(Model.open(folder, "cpu"), out, folder.parent)
    return out


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with LoopbackHub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_ada")
        yield running


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_runtime_is_the_one_that_its_checksums_name() -> None:
    text = (RUNTIME / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([\w.-]+)` \|.*\| `([0-9a-f]{64})` \|$", text, re.MULTILINE)
    assert {name for name, _ in told} == {path.name for path in RUNTIME.iterdir()} - {"README.md"}
    for name, checksum in told:
        assert hashlib.sha256((RUNTIME / name).read_bytes()).hexdigest() == checksum, name


def test_the_page_is_small_beside_runtime_and_weights(page: Path) -> None:
    own = {name: content for name, content in files_of(page).items() if not name.startswith(("web/vendor/", "weights/"))}
    assert sum(map(len, own.values())) < MOST_OWN_BYTES


def test_everything_a_module_imports_is_in_the_folder_and_all_but_files_for_the_gpu_are_kept_ahead(page: Path) -> None:
    for module in page.rglob("*.js"):
        for path in re.findall(r"""(?:from|import\()\s*["'](\.[^"']+)["']""", module.read_text(encoding="utf-8")):
            assert (module.parent / path).resolve().is_file(), f"{module.name} imports {path}"
    kept = json.loads((page / "files.json").read_text(encoding="utf-8"))
    for_gpu = {f"web/vendor/onnxruntime/{name}" for name in RUNTIMES["webgpu"]} | {LEVELS}
    assert set(kept["files"]) | for_gpu == files_of(page).keys() - {"README.md", "files.json"} | {"./"}
    assert not set(kept["files"]) & for_gpu
    assert kept["version"] in (page / "service.js").read_text(encoding="utf-8")


def test_publishing_again_replaces_a_page_and_nothing_else(page: Path, tmp_path: Path) -> None:
    model = Model.open(page.parent / "scrawl", "cpu")
    before = files_of(page)
    (page / "web" / "old.js").write_text("gone")
    write_model_page(model, page, tmp_path)
    assert files_of(page) == before
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(CheckpointError, match="holds files that do not belong to a published page"):
        write_model_page(model, tmp_path, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep"


def test_a_space_holds_the_page_in_one_commit_and_the_same_again_changes_nothing(server: LoopbackHub, page: Path) -> None:
    assert push_space(page, "scrawl") == Pushed(f"{server.endpoint}/spaces/ada/scrawl", changed=True)
    space = server.repos["spaces/ada/scrawl"]
    assert len(space.commits) == 2, "the Hub's own first commit, and ours"
    assert {name: content for name, content in space.files.items() if name != ".gitattributes"} == files_of(page)
    card = (page / "README.md").read_text(encoding="utf-8")
    assert 'sdk: "static"' in card
    assert "\nlicense: unknown\n" in card
    head = space.head
    assert not push_space(page, "ada/scrawl").changed
    assert space.head == head


def test_what_a_page_no_longer_holds_leaves_the_space(server: LoopbackHub, tmp_path: Path) -> None:
    readme = "---\nsdk: static\nlicense: mit\ntags:\n- gan\n---\n"
    for name in ("README.md", "old.js"):
        (tmp_path / name).write_text(readme)
    push_space(tmp_path, "ada/page")
    (tmp_path / "old.js").unlink()
    push_space(tmp_path, "ada/page")
    assert server.repos["spaces/ada/page"].files.keys() == {".gitattributes", "README.md"}


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "refused the token"), (402, "--kind static"), (403, "does not allow this"), (500, "server error")],
)
def test_a_refusal_has_its_sentence(server: LoopbackHub, tmp_path: Path, status: int, words: str) -> None:
    server.fail("POST /api/repos/create", status)
    with pytest.raises(HubError, match=words):
        push_space(tmp_path, "ada/page")


def test_publishing_needs_a_token_and_a_name(server: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HubError, match="is not a valid name"):
        push_space(tmp_path, "../page")
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubError, match="token"):
        push_space(tmp_path, "ada/page")


def test_the_pages_words_are_there_in_both_languages_and_used() -> None:
    assert STATIC["en"].keys() == STATIC["zh"].keys()
    for key, english in STATIC["en"].items():
        assert placeholders(english) == placeholders(STATIC["zh"][key]), key
        assert CHINESE.search(STATIC["zh"][key]), key
    source = "".join(path.read_text(encoding="utf-8") for path in WEB.rglob("*.js"))
    source += (WEB.parent / "models" / "publish.py").read_text(encoding="utf-8")
    made = {"static_coarse", "static_middle", "static_fine", "static_rows", "static_columns", "static_morph_a", "static_morph_b"}
    assert {key for key in STATIC["en"] if f'"{key}"' not in source} == made
