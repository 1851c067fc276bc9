"""Models by name, and the way over the Hub: the real client against a Hub on this machine."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml  # type: ignore[import-untyped]
from huggingface_hub import constants

from gan import hub
from gan.config import ModelConfig
from gan.directions import factorise, read_directions, write_directions
from gan.errors import CheckpointError, HubError, ModelError
from gan.hub import client, pulling
from gan.models import read_config
from gan.runs import Run
from gan.sampler import Model
from tests.loopback_hub import LoopbackHub, Repo
from tests.tiny_models import write_tiny_model

# The Hub's own client hands its uploads to its HTTP library in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CLASSES = ("cats", "dogs")
SEEDS = list(range(8))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with LoopbackHub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_ada")
        yield running


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    write_tiny_model(folder, classes=CLASSES)
    return folder


def offered(folder: Path) -> dict[str, bytes]:
    """What a repository with this model holds."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def pictures(folder: Path) -> np.ndarray:
    return Model.open(folder, "cpu").generate(SEEDS)


# There and back


def test_a_model_pushed_from_one_home_makes_the_same_pictures_in_another(server: LoopbackHub, model: Path, home: Path) -> None:
    address = hub.push(model, "ada/pets")
    assert address == f"{server.endpoint}/ada/pets"
    kept = hub.pull("ada/pets", home)
    assert kept == home / "models" / "ada--pets"
    assert np.array_equal(pictures(kept), pictures(model))
    pulled = Model.open(kept, "cpu")
    assert pulled.name == "ada/pets"
    assert pulled.revision == server.repos["ada/pets"].head
    assert pulled.recipe(1).as_json()["model"]["repo"] == "ada/pets"


def test_a_push_is_one_commit_private_and_complete(server: LoopbackHub, model: Path) -> None:
    (model / "notes.txt").write_text("mine alone")
    (model / "training.pkl").write_bytes(b"\x80\x04N.")
    hub.push(model, "pets")
    repo = server.repos["ada/pets"]
    assert repo.private
    assert len(repo.commits) == 2, "the Hub's own first commit, and ours"
    known = {"config.json", "model.safetensors", "discriminator.safetensors", "preview.png", "README.md"}
    assert repo.files.keys() - {".gitattributes"} == known
    assert repo.files["model.safetensors"] == (model / "model.safetensors").read_bytes()
    assert repo.files["preview.png"].startswith(b"\x89PNG")


def test_a_second_push_takes_away_what_the_new_model_has_not(server: LoopbackHub, model: Path, tmp_path: Path) -> None:
    hub.push(model, "ada/pets")
    write_tiny_model(tmp_path / "later", seed=1, discriminator=False)
    server.repos["ada/pets"].commit({**server.repos["ada/pets"].files, "paper.pdf": b"%PDF"})
    hub.push(tmp_path / "later", "ada/pets")
    files = server.repos["ada/pets"].files
    assert "discriminator.safetensors" not in files
    assert files["paper.pdf"] == b"%PDF"
    assert json.loads(files["config.json"])["weights_sha256"] == read_config(tmp_path / "later").weights_sha256


def named(folder: Path, name: str) -> Model:
    """The model of a folder, with one direction more that somebody named."""
    model = Model.open(folder, "cpu")
    write_directions(model, [*read_directions(model), replace(factorise(model, 1)[0], name=name)])
    return model


def names(folder: Path) -> list[str]:
    return [direction.name for direction in read_directions(Model.open(folder, "cpu"))]


def test_named_directions_travel_but_not_those_of_earlier_weights(server: LoopbackHub, model: Path, home: Path) -> None:
    named(model, "of earlier weights")
    hub.push(model, "ada/pets")
    write_tiny_model(model, classes=CLASSES, seed=1)
    named(model, "smile")
    hub.push(model, "ada/pets")
    assert names(hub.pull("ada/pets", home)) == ["smile"]
    assert names(model) == ["of earlier weights", "smile"]


def test_a_pull_leaves_the_directions_that_somebody_named_in_the_kept_copy(server: LoopbackHub, model: Path, home: Path) -> None:
    repo = server.add("ada/pets", offered(model))
    named(hub.pull("ada/pets", home), "mine")
    named(model, "theirs")
    repo.commit(offered(model))
    assert names(hub.pull("ada/pets", home)) == ["theirs", "mine"]
    write_tiny_model(model, classes=CLASSES, seed=1)
    (model / "directions.safetensors").unlink()
    repo.commit(offered(model))
    assert names(hub.pull("ada/pets", home)) == ["theirs", "mine"]


def test_pushing_the_same_again_makes_no_commit(server: LoopbackHub, model: Path) -> None:
    hub.push(model, "ada/pets")
    hub.push(model, "ada/pets")
    assert len(server.repos["ada/pets"].commits) == 2


def test_bytes_are_counted_both_ways(server: LoopbackHub, model: Path, home: Path) -> None:
    sent: list[tuple[int, int]] = []
    came: list[tuple[int, int]] = []
    hub.push(model, "ada/pets", progress=lambda done, total: sent.append((done, total)))
    hub.pull("ada/pets", home, progress=lambda done, total: came.append((done, total)))
    size = sum(len(data) for name, data in server.repos["ada/pets"].files.items() if name != ".gitattributes")
    for told in (sent, came):
        assert told == sorted(told)
        assert told[-1] == (size, size)


def test_a_push_never_shows_what_was_meant_to_be_private(server: LoopbackHub, model: Path) -> None:
    hub.push(model, "ada/open", private=False)
    assert not server.repos["ada/open"].private
    with pytest.raises(HubError, match="ada/open is public already"):
        hub.push(model, "ada/open")
    hub.push(model, "ada/closed")
    hub.push(model, "ada/closed", private=False)
    assert not server.repos["ada/closed"].private


def test_somebody_elses_commit_in_the_same_moment_is_not_overwritten(server: LoopbackHub, model: Path) -> None:
    def somebody_else(repo: Repo) -> None:
        repo.commit({**repo.files, "README.md": b"corrected by hand"})

    hub.push(model, "ada/pets")
    server.before_commit = somebody_else
    write_tiny_model(model, seed=3)
    with pytest.raises(HubError, match="ada/pets was changed by somebody else"):
        hub.push(model, "ada/pets")
    assert server.repos["ada/pets"].files["README.md"] == b"corrected by hand"


def test_a_damaged_model_is_not_pushed(server: LoopbackHub, model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="mine/model.safetensors is truncated"):
        hub.push(model, "ada/pets")
    assert server.repos == {}


# What is kept


def test_a_kept_model_is_used_without_any_network(model: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackHub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        server.add("ada/pets", offered(model))
        kept = hub.pull("ada/pets", home)
    assert hub.find("ada/pets", home) == kept
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert hub.find("ada/pets", home) == kept
    assert np.array_equal(pictures(kept), pictures(model))


def test_a_pull_takes_the_newest_commit_and_a_revision_stays_beside_it(
    server: LoopbackHub, model: Path, home: Path, tmp_path: Path
) -> None:
    repo = server.add("ada/pets", offered(model))
    first = repo.head
    pinned = hub.pull("ada/pets", home, first)
    newest = hub.pull("ada/pets", home)
    assert hub.find(f"ada/pets@{first}", home) == pinned
    write_tiny_model(tmp_path / "later", seed=1, discriminator=False)
    repo.commit(offered(tmp_path / "later"))
    assert hub.pull("ada/pets", home) == newest
    assert not (newest / "discriminator.safetensors").exists()
    assert Model.open(newest, "cpu").revision == repo.head
    assert Model.open(pinned, "cpu").revision == first
    assert np.array_equal(pictures(newest), pictures(tmp_path / "later"))
    assert np.array_equal(pictures(pinned), pictures(model))


def test_the_commit_that_is_kept_as_the_newest_is_found_by_its_name_too(server: LoopbackHub, model: Path, home: Path) -> None:
    repo = server.add("ada/pets", offered(model))
    kept = hub.pull("ada/pets", home)
    asked = len(server.requests)
    assert hub.find(f"ada/pets@{repo.head}", home) == kept
    assert len(server.requests) == asked


def test_a_branch_with_a_slash_stays_within_the_home(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model))
    for revision in ("refs/pr/1", "../../elsewhere"):
        with pytest.raises(HubError, match="has no revision"):
            hub.pull("ada/pets", home, revision)
        assert pulling.kept_folder(home, "ada/pets", revision).parent == home / "models"
    assert not (home / "models").exists()


# Repositories that are not to be trusted


def test_only_the_files_of_a_model_are_asked_for(server: LoopbackHub, model: Path, home: Path) -> None:
    strange = {"pytorch_model.bin": b"\x80\x04N.", "run.py": b"raise SystemExit", "../../evil.txt": b"", "config.json/evil": b""}
    server.add("eve/trap", {**offered(model), **strange, "model.safetensors.index.json": b"{}"})
    kept = hub.pull("eve/trap", home)
    assert {path.name for path in kept.iterdir()} == {"config.json", "model.safetensors", "discriminator.safetensors"}
    assert {path.name for path in (home / "models").iterdir()} == {"eve--trap", "eve--trap.json"}
    asked = " ".join(server.requests)
    assert not any(word in asked for word in ("evil", "bin", "run.py", "index"))


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_repository_without_a_model_is_refused(missing: str, server: LoopbackHub, model: Path, home: Path) -> None:
    files = offered(model)
    del files[missing]
    server.add("eve/other", {**files, "pytorch_model.bin": b"\x80\x04N."})
    with pytest.raises(HubError, match=f"eve/other is not a Seedbed model: {missing} is missing"):
        hub.pull("eve/other", home)


def other_shapes(model: Path) -> dict[str, bytes]:
    config = json.loads((model / "config.json").read_text())
    config["network"]["w_dim"] = 24
    return {**offered(model), "config.json": json.dumps(config).encode()}


def pickle_for_weights(model: Path) -> dict[str, bytes]:
    return {**offered(model), "model.safetensors": b"\x80\x04\x95" + bytes(200)}


def link_for_weights(model: Path) -> dict[str, bytes]:
    """As git stores a symbolic link: a file with the path of its target."""
    return {**offered(model), "model.safetensors": b"../../../../etc/passwd"}


def other_weights(model: Path) -> dict[str, bytes]:
    files = offered(model)
    return {**files, "model.safetensors": files["model.safetensors"][:-4] + bytes(4)}


def other_discriminator(model: Path) -> dict[str, bytes]:
    files = offered(model)
    return {**files, "discriminator.safetensors": files["model.safetensors"]}


def foreign_directions(model: Path) -> dict[str, bytes]:
    other = model.with_name("other directions")
    write_tiny_model(other, "dcgan")
    named(other, "of z")
    content = (other / "directions.safetensors").read_bytes()
    theirs, ours = (read_config(folder).weights_sha256.encode() for folder in (other, model))
    return {**offered(model), "directions.safetensors": content.replace(theirs, ours)}


def huge_network(model: Path) -> dict[str, bytes]:
    config = json.loads((model / "config.json").read_text())
    return {**offered(model), "config.json": json.dumps({**config, "z_dim": 10**9}).encode()}


@pytest.mark.parametrize(
    "make",
    [other_shapes, pickle_for_weights, link_for_weights, other_weights, other_discriminator, foreign_directions, huge_network],
)
def test_a_hostile_repository_is_not_kept(make: object, server: LoopbackHub, model: Path, home: Path) -> None:
    assert callable(make)
    server.add("eve/trap", make(model))
    with pytest.raises(CheckpointError, match="^eve/trap/"):
        hub.pull("eve/trap", home)
    assert list((home / "models").iterdir()) == []
    with pytest.raises(CheckpointError):
        hub.find("eve/trap", home)


def test_a_hostile_commit_leaves_the_kept_model_as_it_was(server: LoopbackHub, model: Path, home: Path) -> None:
    repo = server.add("eve/trap", offered(model))
    kept = hub.pull("eve/trap", home)
    repo.commit(other_shapes(model))
    with pytest.raises(CheckpointError):
        hub.pull("eve/trap", home)
    assert np.array_equal(pictures(kept), pictures(model))


def test_a_file_that_is_too_large_is_not_even_asked_for(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("eve/huge", offered(model))
    server.claimed_sizes["model.safetensors"] = 5 * 10**12
    with pytest.raises(HubError, match="model.safetensors of eve/huge has"):
        hub.pull("eve/huge", home)
    assert not any("resolve" in request for request in server.requests)


@pytest.mark.parametrize("preview", [b"<svg onload=alert(1)>", b"GIF89a" + bytes(50)])
def test_a_preview_that_is_no_png_is_refused(preview: bytes, server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("eve/trap", {**offered(model), "preview.png": preview})
    with pytest.raises(HubError, match="preview.png of eve/trap"):
        hub.pull("eve/trap", home)


# What goes wrong


def test_a_push_without_a_token_says_where_to_get_one(server: LoopbackHub, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubError, match="needs a Hugging Face token.*hf auth login"):
        hub.push(model, "ada/pets")
    assert server.requests == []


@pytest.mark.parametrize(
    ("token", "repo", "sentence"),
    [
        ("hf_wrong", "ada/pets", "refused the token"),
        ("hf_wrong", "pets", "refused the token"),
        ("hf_bob", "ada/pets", "may not do this with ada/pets"),
    ],
)
def test_a_token_that_does_not_do_is_refused(
    token: str, repo: str, sentence: str, server: LoopbackHub, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(HubError, match=sentence) as caught:
        hub.push(model, repo)
    assert token not in str(caught.value)


def test_a_token_that_only_reads_is_refused(server: LoopbackHub, model: Path) -> None:
    hub.push(model, "ada/pets")
    server.read_only.add("ada")
    with pytest.raises(HubError, match="may not do this with ada/pets"):
        hub.push(model, "ada/pets")


def test_a_private_model_is_not_shown_to_others(
    server: LoopbackHub, model: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.push(model, "ada/pets")
    for token in ("hf_bob", None):
        monkeypatch.delenv("HF_TOKEN")
        if token:
            monkeypatch.setenv("HF_TOKEN", token)
        with pytest.raises(HubError, match="shows no model ada/pets"):
            hub.pull("ada/pets", home)
        monkeypatch.setenv("HF_TOKEN", "hf_ada")


def test_a_token_can_be_handed_over_and_is_used_throughout(
    server: LoopbackHub, model: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    hub.push(model, "bob/pets", token="hf_bob")
    assert np.array_equal(pictures(hub.pull("bob/pets", home, token="hf_bob")), pictures(model))


def test_a_gated_model_says_where_to_ask(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("bob/gated", offered(model), gated=True)
    with pytest.raises(HubError, match=f"bob/gated is gated.*{server.endpoint}/bob/gated"):
        hub.pull("bob/gated", home)


@pytest.mark.parametrize(
    ("status", "sentence"), [(401, "refused the token"), (403, "may not do this"), (404, "shows no model"), (418, "status 418")]
)
def test_a_refusal_is_one_sentence(status: int, sentence: str, server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model))
    server.fail("GET /api/models", status)
    with pytest.raises(HubError, match=sentence) as caught:
        hub.pull("ada/pets", home)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "sentence"), [(429, "too many requests"), (500, "problem of its own .status 500"), (503, "503")]
)
def test_a_troubled_hub_is_told_from_a_refusal(status: int, sentence: str, server: LoopbackHub, model: Path, home: Path) -> None:
    server.fail("POST /api/repos/create", status)
    with pytest.raises(HubError, match=sentence):
        hub.push(model, "ada/pets")
    server.fail("GET /api/models", status)
    with pytest.raises(HubError, match=sentence):
        hub.pull("ada/pets", home)


def test_an_upload_that_fails_is_no_commit(server: LoopbackHub, model: Path) -> None:
    server.fail("PUT /lfs", 403)
    with pytest.raises(HubError, match="may not do this"):
        hub.push(model, "ada/pets")
    assert len(server.repos["ada/pets"].commits) == 1


def test_a_login_page_instead_of_the_hub_reads_as_no_network(server: LoopbackHub, home: Path) -> None:
    server.fail("GET /api/models", 200)
    with pytest.raises(HubError, match="cannot be reached"):
        hub.pull("ada/pets", home)


def test_a_hub_that_is_not_there_is_said_at_once(model: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackHub() as gone:
        monkeypatch.setenv("HF_ENDPOINT", gone.endpoint)
    with pytest.raises(HubError, match="cannot be reached.*models already pulled work without it"):
        hub.find("ada/pets", home)
    with pytest.raises(HubError, match="cannot be reached"):
        hub.push(model, "ada/pets", token="hf_ada")


def test_a_hub_that_never_answers_is_not_waited_for(
    server: LoopbackHub, model: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.2)
    monkeypatch.setattr(client, "WRITE_TIMEOUT_SECONDS", 0.2)
    server.stall("/api/")
    with pytest.raises(HubError, match="did not answer in time"):
        hub.pull("ada/pets", home)
    with pytest.raises(HubError, match="did not answer in time"):
        hub.push(model, "ada/pets")


def test_offline_mode_is_obeyed_and_said(server: LoopbackHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        hub.find("ada/pets", home)
    assert server.requests == []


@pytest.mark.parametrize(
    "name", ["", "a/b/c", "../x", "ada/..", "ada/x--y", "-ada/x", "ada/x.git", "ada/x y", "ada/" + "x" * 97, "/"]
)
def test_a_name_that_cannot_be_is_not_asked_for(name: str, server: LoopbackHub, home: Path, model: Path) -> None:
    with pytest.raises(HubError, match="is not a name the Hugging Face Hub can have"):
        hub.pull(name, home)
    with pytest.raises(HubError, match="is not a name"):
        hub.push(model, name)
    assert server.requests == []


# Finding


def test_a_name_is_a_folder_then_a_run_then_kept_then_a_starter(
    model: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starters = tmp_path / "starters"
    monkeypatch.setattr(hub, "starters_folder", lambda: starters)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(model, starters / "pets")
    assert hub.find("pets", home) == starters / "pets"
    shutil.copytree(model, home / "models" / "pets")
    assert hub.find("pets", home) == home / "models" / "pets"
    run = Run.create(home, "pets", {})
    with pytest.raises(ModelError, match="The run pets has no model yet"):
        hub.find("pets", home)
    shutil.copytree(model, run.model_folder)
    assert hub.find("pets", home) == run.model_folder
    shutil.copytree(model, tmp_path / "pets")
    assert hub.find("pets", home) == Path("pets")
    assert [(entry.name, entry.kind) for entry in hub.list_models(home)] == [
        ("pets", "run"),
        ("pets", "kept"),
        ("pets", "starter"),
    ]


def test_a_pulled_model_is_listed_under_its_repository(server: LoopbackHub, model: Path, home: Path) -> None:
    repo = server.add("ada/pets", offered(model))
    folders = {hub.pull("ada/pets", home, revision): revision for revision in (None, repo.head)}
    listed = {entry.name: entry.folder for entry in hub.list_models(home) if entry.kind == "kept"}
    assert listed.keys() == {"ada/pets", f"ada/pets@{repo.head}"}
    assert set(listed.values()) == set(folders)
    for name, folder in listed.items():
        assert hub.find(name, home) == folder


@pytest.mark.parametrize("name", ["nothing", "../mine", "a/b/c", "", "models/../mine", "C:\\x"])
def test_a_name_of_nothing_says_what_there_is(name: str, model: Path, home: Path, server: LoopbackHub) -> None:
    shutil.copytree(model, home / "models" / "pets")
    with pytest.raises(ModelError, match=r"There is no model .*Here are .*pets"):
        hub.find(name, home)
    assert server.requests == []


def test_finding_can_stay_on_this_machine(server: LoopbackHub, home: Path) -> None:
    with pytest.raises(ModelError, match="There is no model ada/pets"):
        hub.find("ada/pets", home, download=False)
    assert server.requests == []


# The card


def config_with(model: Path, **training: object) -> ModelConfig:
    config = read_config(model)
    return config.model_copy(update={"training": config.training.model_copy(update=training)})


def test_the_card_tells_use_data_figures_and_that_pictures_are_machine_made(model: Path) -> None:
    config = config_with(
        model,
        dataset="emoji",
        images=2251,
        images_seen=120_000,
        licence="Apache-2.0 (Google Inc.)",
        metrics={"diversity": 0.987654},
    )
    card = hub.model_card(config, "ada/pets")
    front = yaml.safe_load(card.split("---")[1])
    assert front["license"] == "apache-2.0"
    assert front["library_name"] == "seedbed"
    assert {"gan", "seedbed", "unconditional-image-generation"} <= set(front["tags"])
    for words in (
        "gan.load('ada/pets')",
        "python -m gan generate --model",
        "2,251 pictures of the set emoji",
        "Apache-2.0 (Google Inc.)",
        "120,000",
        "| diversity | 0.9877 |",
        "cats, dogs",
        "machine-made",
        "preview.png",
    ):
        assert words in card


@pytest.mark.parametrize(
    ("licence", "known"),
    [
        (None, "unknown"),
        ("Apache-2.0", "apache-2.0"),
        ("CC BY-SA 3.0, LeCun et al.", "cc-by-sa-3.0"),
        ("CC BY-SA 3.00", "other"),
        ("mine", "other"),
        ("other\nlicense: mit", "other"),
    ],
)
def test_a_licence_is_named_as_the_hub_names_it(licence: str | None, known: str, model: Path) -> None:
    front = yaml.safe_load(hub.model_card(config_with(model, licence=licence), "x").split("---")[1])
    assert front["license"] == known


def test_words_of_strangers_stay_words_in_the_card(model: Path) -> None:
    card = hub.model_card(config_with(model, dataset="<script>\n# [x](http://evil)", metrics={"a|b": 1.0}), "x")
    assert "<script>" not in card.replace("\\<", "")
    assert "\\# \\[x\\](http://evil)" in card
    assert "| a\\|b | 1 |" in card


def test_a_card_of_ours_gets_the_new_name_and_one_by_hand_is_kept(server: LoopbackHub, model: Path) -> None:
    (model / "README.md").write_bytes(hub.model_card(read_config(model), "mine").encode())
    hub.push(model, "ada/pets")
    assert b"gan.load('ada/pets')" in server.repos["ada/pets"].files["README.md"]
    by_hand = b"---\nlicense: mit\ntags: [gan]\n---\nMy cats.\n"
    (model / "README.md").write_bytes(by_hand)
    hub.push(model, "ada/pets")
    assert server.repos["ada/pets"].files["README.md"] == by_hand


def test_a_card_that_the_hub_refuses_is_said(server: LoopbackHub, model: Path) -> None:
    (model / "README.md").write_bytes(b"---\nlicense: nonsense\n---\n")
    with pytest.raises(HubError, match="refused ada/pets: front matter is not valid"):
        hub.push(model, "ada/pets")
