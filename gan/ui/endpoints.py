"""Seedbed for other programs: generate, morph, mix, project and describe, over HTTP, gradio_client and MCP.

Callers read the docstrings of the endpoints: Gradio shows them as the API's documentation and as descriptions of the MCP tools,
one line for each argument. The functions of `gan.playing.programs` compute the answers.
"""

from pathlib import Path
from typing import Any, Literal, TypedDict

import gradio as gr
from gradio.events import api
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from gan.errors import ConfigError
from gan.limits import MOST_WAITING_TASKS, PROJECTION_STEPS, PSI
from gan.playing import programs
from gan.playing.asking import asked_by
from gan.playing.programs import File, checked
from gan.playing.studio import Studio
from gan.ui.rights import asker_of, needs
from gan.ui.spoken import spoken

AT_ONCE = 16  # callers whose pictures may share a pass
LONG_AT_ONCE = MOST_WAITING_TASKS  # films and projections that wait for a worker; `Tasks.turn` limits those of each caller


class FileMark(TypedDict):
    """The mark by which Gradio recognises a file among other values."""

    _type: Literal["gradio.FileData"]


class FileValue(TypedDict):
    """A file in the form that Gradio's clients send and fetch."""

    path: str
    meta: FileMark


class Endpoints:
    """The endpoints. They share one pool with the page, which paints for both."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    @spoken
    @needs("visitor")
    def generate(
        self, request: gr.Request, seeds: str = "0-7", model: str = "", psi: float = PSI, class_name: str = ""
    ) -> tuple[list[FileValue], FileValue]:
        """Make pictures of seeds with an image generator. A seed is the same picture every time; describe lists the models.

        Args:
            seeds: Which pictures: numbers and ranges like 0-7 or 3, 40-43; each number is one picture, at most 64 at once.
            model: The generator's name, as describe lists it; left empty, the first one.
            psi: Variety from 0 (the average picture) over 0.7 (safe) to 1 (everything the generator can draw), at most 2.
            class_name: The kind of picture, one of the model's classes; left empty, each seed chooses its own.

        Returns:
            The pictures as PNG files in the order of the seeds, each with its recipe inside.
            One PNG that shows all of them side by side.
        """
        asked = checked(programs.GenerateAsked, model=model, seeds=seeds, psi=psi, class_name=class_name)
        return published_all(*programs.generate(self.studio, asked))

    @spoken
    @needs("visitor")
    def morph(
        self,
        request: gr.Request,
        seeds: str = "0, 1, 2",
        model: str = "",
        psi: float = PSI,
        class_name: str = "",
        seconds: float = 4.0,
        frames_per_second: int = 24,
        loop: bool = True,
        side: int = 512,
    ) -> FileValue:
        """Make a film in which pictures of seeds flow into each other.

        Args:
            seeds: The pictures it goes over, like 3, 40-43; the first frame is the first picture.
            model: The generator's name, as describe lists it; left empty, the first one.
            psi: Variety from 0 (the average picture) over 0.7 (safe) to 1 (everything the generator can draw), at most 2.
            class_name: The kind of picture, one of the model's classes; left empty, each seed chooses its own.
            seconds: The film's length, at most 60.
            frames_per_second: 1 to 60.
            loop: Whether it goes back to the first picture, so that it can be played over and over.
            side: The film's height and width in pixels, 16 to 1024; pictures are enlarged smoothly.

        Returns:
            The film as MP4 (H.264).
        """
        values = {"seconds": seconds, "frames_per_second": frames_per_second, "loop": loop, "side": side}
        asked = checked(programs.MorphAsked, model=model, seeds=seeds, psi=psi, class_name=class_name, **values)
        with asked_by(asker_of(request)), self.studio.tasks.turn():
            return published(programs.morph(self.studio, asked))

    @spoken
    @needs("visitor")
    def mix(
        self,
        request: gr.Request,
        rows: str = "0-3",
        columns: str = "4-7",
        layers: str = "coarse",
        model: str = "",
        psi: float = PSI,
        class_name: str = "",
    ) -> tuple[list[FileValue], FileValue]:
        """Mix the styles of pictures: each picture of the rows takes some of its layers from each picture of the columns.

        Args:
            rows: Seeds of the pictures that are changed, like 0-3.
            columns: Seeds of the pictures that layers are taken from, like 4-7; rows times columns is at most 64.
            layers: What is taken: coarse (pose and shape), middle, fine (colour and texture), all, or layer numbers like 0-3.
            model: The generator's name, as describe lists it; left empty, the first one. It must be of the family style.
            psi: Variety from 0 (the average picture) over 0.7 (safe) to 1 (everything the generator can draw), at most 2.
            class_name: The kind of picture, one of the model's classes; left empty, each seed chooses its own.

        Returns:
            The mixed pictures as PNG files, row by row, each with its recipe inside.
            One PNG that shows all of them, a row a seed of the rows.
        """
        values = {"rows": rows, "columns": columns, "layers": layers}
        asked = checked(programs.MixAsked, model=model, psi=psi, class_name=class_name, **values)
        return published_all(*programs.mix(self.studio, asked))

    @spoken
    @needs("visitor")
    def project(
        self, request: gr.Request, picture: FileValue, model: str = "", class_name: str = "", steps: int = PROJECTION_STEPS
    ) -> tuple[FileValue, dict[str, Any]]:
        """Find the picture of a generator that is most like a photograph, and its latent.

        Args:
            picture: A PNG, JPEG or WebP file; it is cropped to a square.
            model: The generator's name, as describe lists it; left empty, the first one.
            class_name: The kind of picture to search, one of the model's classes; left empty, all of them.
            steps: How long to look for it, 1 to 1000; more is closer and slower.

        Returns:
            What the generator makes of it, a PNG with its recipe inside.
            JSON: error, the root mean square difference to the photograph from 0 (none) to 1, and steps, how many it took.
        """
        values = {"picture": uploaded(picture), "steps": steps}
        asked = checked(programs.ProjectAsked, model=model, class_name=class_name, **values)
        with asked_by(asker_of(request)), self.studio.tasks.turn():
            file, found = programs.project(self.studio, asked)
        return published(file), found

    @spoken
    @needs("visitor")
    def describe(self, request: gr.Request, model: str = "") -> dict[str, Any]:
        """List the image generators that are here, with the classes, sizes and layers that the other endpoints take.

        Args:
            model: The name of one generator; left empty, all of them.

        Returns:
            JSON: models, each with name, key, family, resolution, channels, classes, z_dim and weights_sha256; with the one that
            was named also layers, by group. A model that is damaged has an error instead.
        """
        return programs.describe(self.studio, checked(programs.Asked, model=model))


def uploaded(value: Any) -> Path:
    """Return the path of a file that was uploaded to Gradio. Raises ConfigError for other values, since Gradio checks only values
    that it recognises as files.
    """
    try:
        path = Path(value["path"]).resolve()
    except (LookupError, OSError, TypeError, ValueError) as error:
        raise ConfigError("argument_invalid", name="picture", problem="it is no uploaded file") from error
    if not path.is_relative_to(Path(get_upload_folder()).resolve()):
        raise ConfigError("argument_invalid", name="picture", problem="it is no uploaded file")
    return path


def published(file: File) -> FileValue:
    """Return a file that its caller may fetch for a day, at an address that cannot be guessed.

    It is written into Gradio's own folder of served files, under the name that Gradio would give its copy. Answers therefore
    contain no path of the home, and nothing is written twice.
    """
    return {"path": save_bytes_to_cache(file.content, file.name, get_upload_folder()), "meta": {"_type": "gradio.FileData"}}


def published_all(files: list[File], sheet: File) -> tuple[list[FileValue], FileValue]:
    """Return pictures, and the sheet that shows all of them."""
    return [published(file) for file in files], published(sheet)


def connect_endpoints(studio: Studio) -> None:
    """Offer the endpoints. Called while the page is built."""
    endpoints = Endpoints(studio)
    quick: list[Any] = [endpoints.generate, endpoints.mix, endpoints.describe]
    for handler in quick:
        # Calls of MCP to a handler outside the queue reach it directly, and its pictures are returned as pictures. All other
        # calls are unaffected.
        api(handler, api_name=handler.__name__, concurrency_limit=AT_ONCE, queue=False)
    long: list[Any] = [endpoints.morph, endpoints.project]
    for handler in long:
        api(handler, api_name=handler.__name__, concurrency_limit=LONG_AT_ONCE, concurrency_id="long")
