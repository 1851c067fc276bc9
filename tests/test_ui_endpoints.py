"""Endpoints for other programs: gradio_client, plain HTTP as curl sends it, and MCP, against an app that is really served."""

import json
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ImageContent, TextContent, Tool
from PIL import Image

from gan.images import encode_png, read_recipe
from gan.recipes import Mix, parse_recipe
from gan.sampler import Model
from tests.loops import run_apart
from tests.served import ROOT, served
from tests.tiny_models import write_tiny_model

SECRET = np.full((16, 16, 3), 77, np.uint8)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a model of two classes, one without w, and a private picture."""
    home = tmp_path_factory.mktemp("endpoints-home")
    write_tiny_model(home / "models" / "twins", classes=("cats", "dogs"))
    write_tiny_model(home / "models" / "plain", family="mlp")
    (home / "data").mkdir()
    (home / "data" / "secret.png").write_bytes(encode_png(SECRET))
    return home


@pytest.fixture(scope="module")
def address(house: Path) -> Iterator[str]:
    with served(house, "--mcp") as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    # the default is five seconds, which a busy machine exceeds
    fetched, patient = tmp_path_factory.mktemp("fetched"), {"timeout": 120}
    made = Client(address, verbose=False, analytics_enabled=False, download_files=fetched, httpx_kwargs=patient)
    yield made
    made.close()


@pytest.fixture(scope="module")
def twins(house: Path) -> Model:
    return Model.open(house / "models" / "twins")


def pixels(path: str | Path) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(path)).astype(int)


def told(client: Client, endpoint: str, **arguments: Any) -> str:
    """Return the sentence that a call is refused with."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - the client has a class of its own for it
        client.predict(**arguments, api_name=endpoint)
    return str(refused.value)


# gradio_client


def test_generated_pictures_are_those_of_their_seeds_and_carry_their_recipes(client: Client, twins: Model) -> None:
    files, sheet = client.predict(seeds="3, 40-41", model="twins", psi=0.9, class_name="dogs", api_name="/generate")
    expected = twins.generate([3, 40, 41], 0.9, "dogs").astype(int)
    assert [Path(file).name for file in files] == ["twins-3.png", "twins-40.png", "twins-41.png"]
    for file, wanted, seed in zip(files, expected, (3, 40, 41), strict=True):
        assert np.abs(pixels(file) - wanted).max() <= 1
        assert read_recipe(Path(file)) == twins.recipe(seed, 0.9, "dogs").as_json()
    assert pixels(sheet).shape == (34, 34, 3)  # two by two pictures of 16 pixels, with a gap
    assert b"trainedAlgorithmicMedia" in Path(sheet).read_bytes()


def test_a_model_left_out_is_the_first_one_and_seeds_choose_their_class(client: Client, twins: Model) -> None:
    models = client.predict(api_name="/describe")["models"]
    files, _ = client.predict(seeds="5", api_name="/generate")
    recipe = read_recipe(Path(files[0]))
    assert recipe is not None
    assert recipe["model"]["name"] in {model["name"] for model in models}
    (file,), _ = client.predict(seeds="5", model="kept:twins", api_name="/generate")
    assert (read_recipe(Path(file)) or {})["class"] == twins.recipe(5).class_name


def test_mixing_takes_layers_from_the_columns_and_all_of_them_give_the_column(client: Client, twins: Model) -> None:
    files, sheet = client.predict(rows="1, 2", columns="7", layers="0-1", model="twins", class_name="cats", api_name="/mix")
    places = [twins.recipe(seed, class_name="cats") for seed in (1, 2, 7)]
    mixed = [row.changed(mix=Mix(start=places[2].start, layers=(0, 1))) for row in places[:2]]
    for file, wanted in zip(files, twins.render(mixed), strict=True):
        assert np.abs(pixels(file) - wanted.astype(int)).max() <= 1
    assert pixels(sheet).shape == (34, 16, 3)
    (whole,), _ = client.predict(rows="1", columns="7", layers="all", model="twins", class_name="cats", api_name="/mix")
    assert np.abs(pixels(whole) - twins.generate([7], class_name="cats")[0].astype(int)).max() <= 1


def test_a_film_begins_with_the_picture_of_its_first_seed(client: Client, twins: Model) -> None:
    film = client.predict(
        seeds="1, 2", model="twins", class_name="cats", seconds=0.5, frames_per_second=12, side=64, api_name="/morph"
    )
    assert Path(film).suffix == ".mp4"
    with av.open(film) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].codec_context.name == "h264"
    assert len(frames) == 6
    first = Image.fromarray(twins.generate([1], class_name="cats")[0]).resize((64, 64), Image.Resampling.BICUBIC)
    assert np.abs(frames[0].astype(int) - np.asarray(first).astype(int)).mean() < 8


def test_every_family_makes_films(client: Client) -> None:
    assert client.predict(seeds="1, 2", model="plain", seconds=0.2, side=32, api_name="/morph").endswith(".mp4")


def test_a_sample_that_is_projected_comes_back(client: Client, twins: Model, tmp_path: Path) -> None:
    photograph = tmp_path / "photograph.png"
    photograph.write_bytes(encode_png(twins.generate([9], class_name="cats")[0]))
    file, found = client.predict(picture=handle_file(photograph), model="twins", class_name="cats", api_name="/project")
    assert set(found) == {"error", "steps"}
    assert 0 <= found["error"] < 0.1
    recipe = parse_recipe(read_recipe(Path(file)), "it")
    assert np.abs(twins.render([recipe])[0].astype(int) - pixels(file)).max() <= 1


def test_describe_names_models_classes_and_layers(client: Client, twins: Model) -> None:
    everything = client.predict(api_name="/describe")
    names = {model["name"]: model for model in everything["models"]}
    assert {"twins", "plain"} <= set(names)
    assert (names["twins"]["classes"], names["plain"]["family"]) == (["cats", "dogs"], "mlp")
    assert (everything["seeds"], everything["psi"]) == ([0, 2**32 - 1], [-2, 2])
    (one,) = client.predict(model="twins", api_name="/describe")["models"]
    assert one["weights_sha256"] == twins.config.weights_sha256
    assert [layer for group in one["layers"].values() for layer in group] == list(range(twins.latent_shape[0]))
    (flat,) = client.predict(model="plain", api_name="/describe")["models"]
    assert flat["layers"] == {}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("/generate", {"seeds": "-1"}, "-1 is not a list of seeds"),
    ("/generate", {"seeds": "cats"}, "cats is not a list of seeds"),
    ("/generate", {"seeds": "1-999999999"}, "999999999 seeds are too many"),
    ("/generate", {"seeds": "0-99"}, "at most 64 at a time"),
    ("/generate", {"seeds": {"a": 1}}, "The argument seeds cannot be used"),
    ("/generate", {"psi": 9}, "The argument psi cannot be used"),
    ("/generate", {"psi": "much"}, "The argument psi cannot be used"),
    ("/generate", {"class_name": "birds"}, "has no class birds"),
    ("/generate", {"model": "../secret"}, "There is no model"),
    ("/generate", {"model": "x" * 999}, "The argument model cannot be used"),
    ("/mix", {"layers": "99"}, "layers, numbered from 0"),
    ("/mix", {"layers": "deep"}, "layers, numbered from 0"),
    ("/mix", {"rows": "0-15", "columns": "0-15"}, "256 pictures are too many"),
    ("/mix", {"model": "plain"}, "family mlp"),
    ("/morph", {"seconds": 3600}, "The argument seconds cannot be used"),
    ("/morph", {"frames_per_second": 0}, "The argument frames_per_second cannot be used"),
    ("/morph", {"side": 100_000}, "The argument side cannot be used"),
    ("/describe", {"model": "nobody"}, "There is no model"),
]


@pytest.mark.parametrize(("endpoint", "arguments", "words"), WRONG, ids=str)
def test_wrong_arguments_get_one_sentence(client: Client, endpoint: str, arguments: dict[str, Any], words: str) -> None:
    assert words in told(client, endpoint, **{"model": "twins", **arguments})


def test_what_is_no_picture_is_refused_in_words(client: Client, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"meow")
    assert "is not a PNG, JPEG, WebP, HEIC" in told(client, "/project", picture=handle_file(tmp_path / "cat.jpg"), model="twins")


# Plain HTTP


def call(address: str, endpoint: str, data: list[Any], language: str = "en") -> tuple[str, Any]:
    """Call as the curl lines of docs/api.md do, and return the last event and its data."""
    asked = httpx.post(
        f"{address}/gradio_api/call/{endpoint}", json={"data": data}, headers={"accept-language": language}, timeout=60
    )
    event = asked.raise_for_status().json()["event_id"]
    answer = httpx.get(f"{address}/gradio_api/call/{endpoint}/{event}", timeout=120).raise_for_status().text
    kind, values = answer.strip().split("\n\n")[-1].split("\n")
    return kind.removeprefix("event: "), json.loads(values.removeprefix("data: "))


def test_curl_asks_listens_and_fetches(address: str, twins: Model, tmp_path: Path) -> None:
    kind, (files, _) = call(address, "generate", ["7", "twins", 0.7, "cats"])
    assert kind == "complete"
    assert all(set(urlsplit(file["url"])[:2]) == {"http", urlsplit(address).netloc} for file in files)
    with urllib.request.urlopen(files[0]["url"]) as answer:
        content = answer.read()
    assert read_recipe(content) == twins.recipe(7, class_name="cats").as_json()


def test_a_refusal_over_http_is_said_in_the_callers_language(address: str) -> None:
    kind, values = call(address, "generate", ["cats", "twins", 0.7, ""], "zh-CN")
    assert kind == "error"
    assert "种子" in json.dumps(values, ensure_ascii=False)


@pytest.mark.parametrize("arguments", [[], ["0"]])
def test_a_call_with_too_few_arguments_is_answered_in_a_sentence(address: str, arguments: list[Any]) -> None:
    kind, values = call(address, "generate", arguments)
    assert kind == "error"
    assert f"The call holds {len(arguments)} arguments; this endpoint takes 4" in json.dumps(values)


@pytest.mark.parametrize("marked", [True, False])
def test_no_file_of_the_server_is_read_for_a_stranger(address: str, house: Path, marked: bool) -> None:
    stolen: dict[str, Any] = {"path": str(house / "data" / "secret.png")}
    if marked:
        stolen["meta"] = {"_type": "gradio.FileData"}
    kind, _ = call(address, "project", [stolen, "twins", "cats"])
    assert kind == "error"


def test_nothing_but_what_was_made_is_published(address: str, house: Path) -> None:
    kind, answer = call(address, "generate", ["1", "twins", 0.7, ""])
    assert kind == "complete"
    for name in ("runs", "data", "models"):
        assert str(house / name) not in json.dumps(answer)
    for path in (house / "models" / "twins" / "model.safetensors", house / "data" / "secret.png"):
        assert httpx.get(f"{address}/gradio_api/file={path}", timeout=60).status_code == 403


def test_five_endpoints_are_documented_and_no_other(address: str) -> None:
    named = httpx.get(f"{address}/gradio_api/info", timeout=60).json()
    assert set(named["named_endpoints"]) == {"/generate", "/morph", "/mix", "/project", "/describe"}
    assert named["unnamed_endpoints"] == {}
    for endpoint in named["named_endpoints"].values():
        assert endpoint["description"]


# The examples of docs/api.md


def shown(language: str) -> list[str]:
    """Return the fenced blocks of a language in docs/api.md."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_the_python_that_is_shown_runs(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = shown("py")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    names: dict[str, Any] = {}
    try:
        exec(code.replace("http://127.0.0.1:7860", address), names)
    finally:
        names["client"].close()
    assert [Path(picture).name for picture in names["pictures"]] == [f"emoji-{seed}.png" for seed in (0, 1, 2, 3, 42)]
    assert (Path(names["film"]).suffix, len(names["mixed"]), names["emoji"]["name"]) == (".mp4", 4, "emoji")
    assert names["found"]["error"] < 0.2


def test_the_lines_for_curl_that_are_shown_are_answered(address: str) -> None:
    block = shown("sh")[0]
    for line in block.splitlines():
        words = shlex.split(line)
        url = next(word for word in words if word.startswith("http")).replace("http://127.0.0.1:7860", address)
        asked = httpx.post(url, content=words[words.index("-d") + 1], headers={"content-type": "application/json"}, timeout=60)
        event = asked.raise_for_status().json()["event_id"]
        answer = httpx.get(f"{url.replace('/v2', '')}/{event}", timeout=120).raise_for_status().text
        assert "event: complete" in answer


# MCP


def over_mcp(address: str, name: str | None = None, arguments: dict[str, Any] | None = None) -> Any:
    """Return the offered tools, or the answer of one of them."""

    async def ask() -> list[Tool] | CallToolResult:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (reader, writer, _),
            ClientSession(reader, writer) as session,
        ):
            await session.initialize()
            return (await session.list_tools()).tools if name is None else await session.call_tool(name, arguments or {})

    return run_apart(ask())


def test_each_endpoint_is_a_tool_whose_arguments_are_explained(address: str) -> None:
    tools = {tool.name: tool for tool in over_mcp(address)}
    assert set(tools) == {"generate", "morph", "mix", "project", "describe"}
    for tool in tools.values():
        assert tool.description
        assert all(argument.get("description") for argument in tool.inputSchema["properties"].values()), tool.name


def test_an_assistant_sees_the_pictures_it_asked_for(address: str, twins: Model) -> None:
    answer = over_mcp(address, "generate", {"seeds": "7", "model": "twins", "class_name": "cats"})
    assert not answer.isError
    assert any(isinstance(part, ImageContent) and part.mimeType == "image/png" for part in answer.content)
    assert any(isinstance(part, TextContent) and "twins-7.png" in part.text for part in answer.content)


def test_an_assistant_is_told_what_was_wrong(address: str) -> None:
    answer = over_mcp(address, "generate", {"seeds": "cats", "model": "twins"})
    assert answer.isError
    assert "cats is not a list of seeds" in answer.content[0].text


def test_without_the_package_mcp_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    start = "import runpy, sys; sys.modules['mcp'] = None; sys.argv = ['app.py', '--mcp']"
    start += f"; sys.path.insert(0, {str(ROOT)!r})"  # python adds the folder of a script to this path, runpy does not
    code = f"{start}; runpy.run_path({str(ROOT / 'app.py')!r}, run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1] == (
        "Tools for MCP need the package mcp, which is not installed. Run pip install 'gradio[mcp]>=6.31,<7', then start again."
    )
