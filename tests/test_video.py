"""Films: every frame has its colours and its time, the film states that a machine made it, and no unfinished file remains."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from gan import video
from gan.errors import CheckpointError, ConfigError
from gan.video import encode_video, write_video

RECIPE = {"version": 1, "seed": 42, "class": "öl"}
COLOURS = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (220, 220, 60), (90, 90, 90)]


def films(count: int = 5, side: int = 16, channels: int = 3) -> Iterator[np.ndarray]:
    """Yield plain frames, each of its own colour."""
    for number in range(count):
        yield np.full((side, side, channels), COLOURS[number % len(COLOURS)][:channels], np.uint8)


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_an_mp4_has_every_frame_in_its_colour_at_the_size_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "morph.mp4"
    assert write_video(path, films(), 25, side=64, recipe=RECIPE) == 5
    frames = decoded(path)
    assert [frame.shape for frame in frames] == [(64, 64, 3)] * 5
    for frame, colour in zip(frames, COLOURS, strict=True):
        assert np.abs(frame.astype(int) - colour).max() <= 6
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == Fraction(25)
        assert json.loads(container.metadata["seedbed"]) == RECIPE
        assert "machine" in container.metadata["comment"]


def test_an_mp4_begins_with_its_table_of_contents_and_says_what_made_it(tmp_path: Path) -> None:
    content = encode_video(films(), 10, side=32)
    assert 0 < content.index(b"moov") < content.index(b"mdat")
    box = content[content.index(b"uuid") - 4 :]
    assert int.from_bytes(box[:4], "big") == len(box)
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in box


def test_a_gif_loops_and_has_every_frame_at_its_time(tmp_path: Path) -> None:
    path = tmp_path / "morph.gif"
    assert write_video(path, films(), 30, kind="gif", side=24, recipe=RECIPE) == 5
    with Image.open(path) as image:
        assert (image.n_frames, image.size, image.info["loop"]) == (5, (24, 24), 0)  # type: ignore[attr-defined]
        comment = image.info["comment"].decode()
        durations = []
        for number, colour in enumerate(COLOURS):
            image.seek(number)
            durations.append(image.info["duration"])
            assert np.abs(np.asarray(image.convert("RGB")).astype(int) - colour).max() <= 4
    assert durations == [30, 40, 30, 30, 40]  # a GIF counts hundredths of a second; these add up to 5 / 30
    assert json.loads(comment.split("seedbed=")[1]) == RECIPE
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in path.read_bytes()


def test_a_gif_has_the_colours_of_a_smooth_picture(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 32)
    picture = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], 128.0), 2).astype(np.uint8)
    content = encode_video(iter([picture]), 10, kind="gif", side=32)
    (tmp_path / "one.gif").write_bytes(content)
    with Image.open(tmp_path / "one.gif") as image:
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - picture).mean() < 6


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_grey_pictures_and_odd_sides_make_a_film_too(kind: Any, tmp_path: Path) -> None:
    path = tmp_path / f"grey.{kind}"
    write_video(path, films(3, side=28 if kind == "gif" else 27, channels=1), 10, kind=kind, side=None)
    frames = decoded(path)
    assert [frame.shape for frame in frames] == [(28, 28, 3)] * 3
    assert np.abs(frames[0].astype(int) - 200).max() <= 4


def test_a_picture_that_is_not_square_keeps_its_shape(tmp_path: Path) -> None:
    write_video(tmp_path / "wide.mp4", iter([np.zeros((16, 32, 3), np.uint8)]), 10, side=64)
    assert decoded(tmp_path / "wide.mp4")[0].shape == (32, 64, 3)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"fps": 0.5}, "fps"),
        ({"fps": float("nan")}, "fps"),
        ({"fps": 61}, "fps"),
        ({"fps": 51, "kind": "gif"}, "fps"),
        ({"side": 8}, "side"),
        ({"side": 4096}, "side"),
        ({"frames": iter(())}, "frames"),
    ],
)
def test_what_is_out_of_bounds_is_refused_before_anything_is_written(options: dict[str, Any], field: str, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"path": tmp_path / "x.mp4", "frames": films(), "fps": 10, **options}
    with pytest.raises(ConfigError) as caught:
        write_video(**arguments)
    assert caught.value.values["field"] == field
    assert list(tmp_path.glob("*.*")) == []


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_too_many_frames_leave_nothing_behind_and_never_lie_in_memory(
    kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "MAX_FRAMES", 7)
    taken: list[int] = []

    def endless() -> Iterator[np.ndarray]:
        while True:
            taken.append(len(taken))
            yield next(films(1))

    with pytest.raises(ConfigError, match="frames is 8"):
        write_video(tmp_path / "x", endless(), 10, kind=kind, side=16)
    assert len(taken) == 8
    assert list(tmp_path.glob("*x*")) == []


def test_an_error_among_the_frames_leaves_the_old_film_as_it_was(tmp_path: Path) -> None:
    def broken() -> Iterator[np.ndarray]:
        yield from films(2)
        raise KeyError("cancelled")

    path = tmp_path / "morph.gif"
    path.write_bytes(b"old")
    with pytest.raises(KeyError):
        write_video(path, broken(), 10, kind="gif", side=16)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.glob("*morph*")] == ["morph.gif"]


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    kinds: tuple[video.Kind, ...] = ("mp4", "gif")
    for kind in kinds:
        with pytest.raises(CheckpointError, match="could not be written"):
            write_video(tmp_path / "nowhere" / "x", films(), 10, kind=kind, side=16)
