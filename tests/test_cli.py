"""The command line as other programs call it: options, stdout, stderr and exit status."""

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pytest
from PIL import Image

import gan
from gan.cli import main
from gan.config import PRESETS
from gan.families import FAMILIES
from gan.images import read_recipe
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES
from gan.models import read_generator
from gan.recipes import Latent, Space, parse_recipe
from gan.runs import Run
from gan.sampler import Model, generate_latents, latent_of, write_latents
from gan.words import ERRORS
from tests.loopback_hub import LoopbackHub
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import FIXTURE, tiny_run

DEADLINE_SECONDS = 300
# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


class Answer(NamedTuple):
    """The exit status of a command, and its output."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Return the one JSON object on stdout; any other output fails the test."""
        values = json.loads(self.out)
        assert isinstance(values, dict)
        assert self.out.count("\n") == 1
        return values


Command = Callable[..., Answer]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs a command in this process."""

    def run(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Answer(int(ended.value.code or 0), written.out, written.err)

    return run


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Return a zip of too few pictures and another file."""
    path = tmp_path / "few.zip"
    with zipfile.ZipFile(FIXTURE) as source, zipfile.ZipFile(path, "w") as target:
        for name in [name for name in source.namelist() if name.endswith(".png")][:3]:
            target.writestr(name, source.read(name))
        target.writestr("notes.txt", "no picture")
    return path


def in_process_of_its_own(*arguments: str, **environment: str) -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", "gan", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def assert_refused(answer: Answer, words: str) -> None:
    """Assert a GanError: status 1, and one line on stderr."""
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    assert words in answer.err


# The command line itself


def test_help_comes_without_waiting_for_torch() -> None:
    code = "import sys, gan, gan.cli; sys.exit(any(name in sys.modules for name in ('torch', 'gradio', 'huggingface_hub')))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=DEADLINE_SECONDS).returncode == 0


def test_the_module_is_the_command_line() -> None:
    answer = in_process_of_its_own("--help")
    assert answer.status == 0
    for name in ("inspect", "train", "resume", "generate", "evaluate", "pull", "push"):
        assert f"\n  {name} " in answer.out


def test_the_help_of_train_names_every_choice_there_is(command: Command) -> None:
    shown = command("train", "--help").out.replace(",", " ").split()
    assert set(shown) >= {*PRESETS, *FAMILIES, *OBJECTIVES, *PENALTIES}


@pytest.mark.parametrize("name", ["inspect", "train", "resume", "generate", "evaluate", "pull", "push"])
def test_every_command_takes_a_home_and_can_answer_in_json(name: str, command: Command) -> None:
    shown = command(name, "--help").out
    assert "--home" in shown
    assert "--json" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("grow",),
        ("inspect",),
        ("train", "a.zip"),
        ("train", "a.zip", "--name", "x", "--images", "10", "--minutes", "1"),
        ("train", "a.zip", "--name", "x", "--images", "0"),
        ("train", "a.zip", "--name", "x", "--size", "8"),
        ("train", "a.zip", "--name", "x", "--seed", "-1"),
        ("resume", "x", "--images", "10", "--minutes", "1"),
        ("generate", "--model", "x", "--seeds", "1"),
        ("generate", "--model", "x", "--seeds", "1", "--out", "o", "--psi", "much"),
    ],
)
def test_a_wrong_call_ends_with_2(arguments: tuple[str, ...], command: Command) -> None:
    answer = command(*arguments)
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err != ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("inspect", "nothing.zip"), "There is no file at nothing.zip"),
        (("train", "nothing.zip", "--name", "x", "--images", "8"), "There is no file at nothing.zip"),
        (("train", FIXTURE, "--name", "../x", "--images", "8"), "cannot name a run"),
        (("train", FIXTURE, "--name", "x", "--images", "8", "--from", "nothing"), "There is no model nothing"),
        (("train", FIXTURE, "--name", "x", "--images", "8", "--preset", "perfect"), "preset is perfect"),
        (("train", FIXTURE, "--name", "x", "--images", "8", "--device", "tpu"), "device is tpu"),
        (("resume", "nothing"), "There is no run nothing"),
        (("generate", "--model", "nothing", "--seeds", "1", "--out", "o"), "There is no model nothing"),
        (("generate", "--model", "nothing", "--seeds", "3-1", "--out", "o"), "3-1 is not a list of seeds"),
        (("evaluate", "--model", "nothing", FIXTURE), "There is no model nothing"),
        (("pull", "no name"), "is not a valid name on the Hugging Face Hub"),
        (("push", "nothing", "ada/pets"), "There is no model nothing"),
    ],
)
def test_a_refusal_ends_with_1_and_is_one_line_on_stderr(
    arguments: tuple[str | Path, ...], words: str, command: Command, home: Path
) -> None:
    plain = command(*arguments)
    assert_refused(plain, words)
    assert plain.out == ""
    machine = command(*arguments, "--json")
    assert_refused(machine, words)
    assert words in machine.json["error"]
    assert machine.json["code"] in ERRORS["en"]
    assert not (home / "runs").exists()


# Inspect


def test_inspect_tells_what_a_zip_holds(command: Command) -> None:
    found = command("inspect", FIXTURE, "--json").json
    assert found["usable"] == sum(found["classes"].values()) >= 16
    assert found.keys() >= {"usable", "skipped", "classes", "duplicates"}
    words = command("inspect", FIXTURE).out
    assert f"{found['usable']} usable pictures" in words
    assert all(f"class {name}: {count}" in words for name, count in found["classes"].items())
    assert "Training would use 128 × 128 pixels" in command("inspect", FIXTURE, "--size", "128").out


def test_inspect_of_too_few_pictures_tells_what_was_found_and_ends_with_1(few: Path, command: Command) -> None:
    answer = command("inspect", few, "--json")
    assert_refused(answer, "few.zip holds 3 readable pictures")
    assert answer.json["usable"] == 3
    assert [skipped["name"] for skipped in answer.json["skipped"]] == ["notes.txt"]
    plain = command("inspect", few)
    assert_refused(plain, "few.zip holds 3 readable pictures")
    assert "skipped notes.txt" in plain.out


# Train and resume


def test_training_makes_a_model_and_resume_goes_on(command: Command, home: Path) -> None:
    options = ("--preset", "quick", "--size", "16", "--batch", "8", "--seed", "3", "--device", "cpu", "--json")
    told = command("train", FIXTURE, "--name", "first", "--images", "24", *options).json
    assert told.keys() == {"name", "state", "images_seen", "seconds", "images_per_second", "model"}
    assert (told["name"], told["state"], told["images_seen"]) == ("first", "done", 24)
    assert told["seconds"] > 0
    assert told["model"] == str(home / "runs" / "first" / "model")
    config, _ = read_generator(Path(told["model"]))
    assert (config.resolution, config.training.images_seen) == (16, 24)

    assert_refused(command("train", FIXTURE, "--name", "first", "--images", "24"), "There is already a run first")
    assert command("resume", "first", "--json").json == told
    assert command("resume", "first", "--images", "40", "--json").json["images_seen"] == 40
    assert Run.open(home, "first").config["schedule_images"] == 24
    assert command("resume", "first", "--images", "48", "--rewarm", "--json").json["images_seen"] == 48
    assert Run.open(home, "first").config["schedule_images"] is None

    child = command("train", FIXTURE, "--name", "second", "--from", "first", "--images", "16", *options).json
    assert child["images_seen"] == 16
    assert read_generator(Path(child["model"]))[0].training.parent == "first"


def test_a_run_that_was_moved_without_its_pictures_is_resumed_with_their_source(
    command: Command, home: Path, tmp_path: Path
) -> None:
    options = ("--preset", "quick", "--size", "16", "--batch", "8", "--device", "cpu")
    command("train", FIXTURE, "--name", "moved", "--images", "16", *options)
    there = tmp_path / "there"
    shutil.copytree(home / "runs" / "moved", there / "runs" / "moved")
    assert_refused(command("resume", "moved", "--images", "32", "--home", there), "python -m gan resume NAME --source SOURCE")
    resumed = command("resume", "moved", "--images", "32", "--source", FIXTURE, "--home", there, "--json")
    assert resumed.json["images_seen"] == 32


def test_a_run_that_trains_already_is_not_resumed(command: Command, home: Path) -> None:
    run = tiny_run(home)
    with run.lock():
        assert_refused(command("resume", "tiny", "--minutes", "1"), "tiny is training already")


if sys.platform != "win32":  # Windows has no signal that a process could handle

    def test_ctrl_c_ends_a_training_with_a_usable_model(home: Path) -> None:
        run = tiny_run(home, minutes=60)
        resume = [sys.executable, "-m", "gan", "resume", "tiny", "--json"]
        with subprocess.Popen(resume, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None and not (run.status().state == "training" and run.status().images_seen):
                wait_a_moment(process)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=DEADLINE_SECONDS)
        assert process.returncode == 0, err
        told = json.loads(out)
        assert told["state"] == "paused"
        assert Model.open(told["model"], "cpu").generate([1]).shape == (1, 16, 16, 3)


def wait_a_moment(process: subprocess.Popen[str]) -> None:
    """Wait a short time for the process to end."""
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return


# Generate and evaluate


def pixels(folder: Path) -> dict[str, np.ndarray]:
    return {path.name: np.asarray(Image.open(path)) for path in sorted(folder.iterdir())}


def test_generate_writes_a_picture_a_seed_with_its_recipe(command: Command, home: Path, tmp_path: Path) -> None:
    config = write_tiny_model(home / "models" / "pets", classes=("cats", "dogs"))
    out = tmp_path / "new" / "pictures"
    told = command(
        "generate", "--model", "pets", "--seeds", "0-2,42", "--psi", "0.5", "--class", "dogs", "--out", out, "--json"
    ).json
    names = ["0000000000.png", "0000000001.png", "0000000002.png", "0000000042.png"]
    assert told == {"files": [str(out / name) for name in names]}
    assert sorted(path.name for path in out.iterdir()) == names
    recipe = read_recipe(out / "0000000042.png")
    assert recipe is not None
    assert (recipe["seed"], recipe["psi"], recipe["class"]) == (42, 0.5, "dogs")
    assert recipe["model"]["weights_sha256"] == config.weights_sha256
    by_hand = gan.load("pets", device="cpu").generate(seeds=[0, 1, 2, 42], psi=0.5, class_name="dogs")
    assert np.array_equal(np.stack(list(pixels(out).values())), by_hand)


@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_generate_writes_a_picture_a_latent_with_its_recipe(kind: Any, command: Command, home: Path, tmp_path: Path) -> None:
    write_tiny_model(home / "models" / "pets", classes=("cats", "dogs"))
    model = gan.load("pets", device="cpu")
    recipes = [model.recipe(seed, 0.6, "dogs") for seed in range(3)]
    for space, options in (("z", ("--psi", "0.6", "--class", "dogs")), ("w", ())):
        file, out = tmp_path / f"{space}.{kind}", tmp_path / space
        file.write_bytes(write_latents([latent_of(model, recipe, cast(Space, space)) for recipe in recipes], kind))
        told = command("generate", "--model", "pets", "--latents", file, *options, "--out", out, "--batch", "2", "--json").json
        names = ["latent-0000.png", "latent-0001.png", "latent-0002.png"]
        assert told == {"files": [str(out / name) for name in names]}
        wanted = model.render(recipes).astype(int)
        assert np.abs(np.stack(list(pixels(out).values())) - wanted).max() <= 1
        again = [parse_recipe(read_recipe(out / name), name) for name in names]
        assert np.abs(model.render(again) - wanted).max() <= 1
        by_hand = generate_latents(model, file, 0.6, "dogs") if options else generate_latents(model, file)
        assert np.abs(by_hand - wanted).max() <= 1


def test_generate_needs_a_class_for_latents_in_z_and_a_file_that_fits(command: Command, home: Path, tmp_path: Path) -> None:
    write_tiny_model(home / "models" / "pets", classes=("cats", "dogs"))
    for name, values in (("z", np.zeros((1, 8))), ("wide", np.zeros((1, 9)))):
        (tmp_path / name).write_bytes(write_latents([Latent.of("z", row) for row in values.astype(np.float32)], "npz"))
    (tmp_path / "text").write_text("no latents")
    for name, words in (("z", "Choose one of cats, dogs"), ("wide", "z (8)"), ("text", "text"), ("gone", "gone")):
        options = ("--latents", tmp_path / name, "--out", tmp_path / "out")
        assert_refused(command("generate", "--model", "pets", *options), words)
    assert not (tmp_path / "out").exists()


def test_generate_loads_nothing_that_it_does_not_use(home: Path, tmp_path: Path) -> None:
    """Loading torch._dynamo and sympy takes more CPU time than making the pictures."""
    write_tiny_model(home / "models" / "pets")
    code = (
        "import sys; from gan.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*sorted({'torch._dynamo', 'sympy', 'accelerate', 'gradio'} & sys.modules.keys()), file=sys.stderr)"
    )
    options = ["generate", "--model", "pets", "--seeds", "0-3", "--out", str(tmp_path / "out"), "--json"]
    done = subprocess.run([sys.executable, "-c", code, *options], capture_output=True, text=True, timeout=DEADLINE_SECONDS)
    assert len(json.loads(done.stdout)["files"]) == 4
    assert done.stderr.splitlines()[-1] == ""


def test_generate_is_the_same_again_and_for_another_batch(command: Command, home: Path, tmp_path: Path) -> None:
    write_tiny_model(home / "models" / "pets", classes=("cats", "dogs"))
    for folder, batch in (("a", "32"), ("b", "32"), ("c", "3")):
        command("generate", "--model", "pets", "--seeds", "0-15", "--out", tmp_path / folder, "--batch", batch)
    first, second, third = (pixels(tmp_path / folder) for folder in "abc")
    assert len(first) == 16
    for name, picture in first.items():
        assert np.array_equal(picture, second[name])
        assert np.abs(picture.astype(int) - third[name].astype(int)).max() <= 1


def test_a_folder_that_cannot_be_made_is_said(command: Command, home: Path, tmp_path: Path) -> None:
    write_tiny_model(home / "models" / "pets")
    (tmp_path / "file").write_bytes(b"")
    assert_refused(command("generate", "--model", "pets", "--seeds", "1", "--out", tmp_path / "file"), "could not be written")


def test_a_class_the_model_does_not_know_leaves_no_picture(command: Command, home: Path, tmp_path: Path) -> None:
    write_tiny_model(home / "models" / "pets", classes=("cats", "dogs"))
    answer = command("generate", "--model", "pets", "--seeds", "1", "--out", tmp_path / "out", "--class", "birds")
    assert_refused(answer, "has no class birds. Choose one of cats, dogs")
    assert list((tmp_path / "out").iterdir()) == []


def test_evaluate_gives_numbers(command: Command, home: Path) -> None:
    write_tiny_model(home / "models" / "pets")
    measures = command("evaluate", "--model", "pets", FIXTURE, "--json").json
    assert {"sliced_wasserstein", "diversity"} <= measures.keys()
    assert all(isinstance(value, int | float) for value in measures.values())


def test_evaluate_shows_what_looks_most_like_the_training_pictures(command: Command, home: Path, tmp_path: Path) -> None:
    write_tiny_model(home / "models" / "pets")
    measures = command(
        "evaluate", "--model", "pets", FIXTURE, "--samples", "20", "--closest", tmp_path / "pairs.png", "--json"
    ).json
    assert measures["samples"] == 20
    with Image.open(tmp_path / "pairs.png") as pairs:
        assert pairs.width == 2 * 2 * 16 + 2


def test_evaluate_with_inception_says_at_once_what_is_missing(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    write_tiny_model(home / "models" / "pets")
    answer = command("evaluate", "--model", "pets", FIXTURE, "--inception")
    assert answer.status == 1
    assert "pip install" in answer.err


# The Hub


def test_push_and_pull_carry_a_model_to_another_home(
    command: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny_model(home / "models" / "pets")
    with LoopbackHub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_ada")
        pushed = in_process_of_its_own("push", "pets", "ada/pets", "--json")
        assert pushed.err == ""
        assert pushed.json == {"url": f"{server.endpoint}/ada/pets", "private": True, "changed": True}
        assert server.repos["ada/pets"].private
        assert command("push", "pets", "ada/open", "--public", "--json").json["private"] is False
        revision = server.repos["ada/pets"].head
        pulled = command("pull", f"ada/pets@{revision}", "--home", tmp_path / "other", "--json").json
    assert pulled["revision"] == revision
    ours, theirs = gan.load("pets", device="cpu"), gan.load(pulled["model"], home=tmp_path / "other", device="cpu")
    assert np.array_equal(ours.generate([1, 2]), theirs.generate([1, 2]))


def test_what_was_pulled_is_used_offline(home: Path, tmp_path: Path) -> None:
    """Runs in a separate process, because the Hub's client reads HF_HUB_OFFLINE once, when it is imported."""
    write_tiny_model(home / "models" / "ada--pets")
    options = ("--seeds", "7", "--out", str(tmp_path / "out"), "--json")
    kept = in_process_of_its_own("generate", "--model", "ada/pets", *options, HF_HUB_OFFLINE="1")
    assert kept.status == 0, kept.err
    assert len(kept.json["files"]) == 1
    other = in_process_of_its_own("generate", "--model", "ada/others", *options, HF_HUB_OFFLINE="1")
    assert_refused(other, "HF_HUB_OFFLINE is set")


# Python


def test_three_lines_of_python_make_pictures(home: Path) -> None:
    run = Run.create(home, "mine", {})
    write_tiny_model(home / "elsewhere", classes=("people", "cats"))
    shutil.move(home / "elsewhere", run.model_folder)
    model = gan.load("mine")
    pictures = model.generate(seeds=[1, 2, 3], psi=0.7, class_name="people")
    assert pictures.dtype == np.uint8
    assert pictures.shape == (3, 16, 16, 3)
