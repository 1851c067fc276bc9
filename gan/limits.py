"""Defaults and bounds that more than one place relies on, each written once; `for_browser` is what the page is sent of them."""

from typing import Final

# Truncation
PSI = 0.7  # on the page, in `generate`, previews and samples: a good balance of quality and variety
FULL_PSI = 1.0  # in metrics and bulk export: everything the generator can draw
MAX_PSI = 2.0  # to either side of 0
SLIDER_PSI = 1.5  # the end of the page's slider: beyond it pictures are mostly broken

# Seeds and recipes
MAX_SEED = 2**32 - 1
FIRST_SEEDS = "0-7"  # what the page shows first
PLANE_RINGS = 32_767  # around the middle of Explore's plane, each with its own seeds: (2 · 32,767 + 1)² is less than 2³²
MAX_SEEDS = 100_000  # that one list of seeds may name
MAX_STRENGTH = 100.0  # of a push along a direction, in standard deviations
MAX_LAYERS = 32
MAX_DIM = 1024  # of a latent
MAX_PUSHES = 32  # directions that one recipe is pushed along
MAX_PARENTS = 8  # of a picture that was bred
NAME_LENGTH = 200  # letters: models, classes, repositories
SEEDS_LENGTH = 2000  # letters of a list of seeds as a visitor writes it

# Pictures
LEAST_SIDE, LARGEST_SIDE = 16, 512  # pixels that a model may draw
SAMPLE_SEEDS = 16  # seeds 0 … 15: a training's samples, a model's preview
BATCH = 32  # pictures in one pass; changes speed and memory, not pictures
MOST_PICTURES = 64  # in one answer of the page or of an endpoint, and in one shared pass
MOST_BULK = 100_000  # in one order on the command line: the largest zip that can still be trained on
MOST_BULK_ON_PAGE = 2000

# Films
MAX_FRAMES = 3600  # two minutes at 30 a second
MAX_STOPS = 256  # pictures that one walk passes
FRAME_RATE = 24  # frames a second, where none is named
MOST_FRAME_RATE = 60
FILM_SIDE: Final = 512  # pixels, where none is named
FILM_SIDES = (256, 512, 1024)  # that the endpoint takes at most the last of
LARGEST_ENLARGED = 2048  # pixels a side of films and PNG files that are enlarged to keep
LEAST_FILM_SIDE = 16
MOST_FILM_SECONDS = 60  # of one call to the endpoint, and of one leg on the page

# Tools
MIX_LINES = 8  # pictures along one side of the mixing table
CHILDREN = 8  # pictures of one generation
MOST_GENERATIONS = 60
MUTATION = 0.2  # the default of a child, 0 … 1: at 0 it is its parents' mixture, at 1 a new picture
PROJECTION_STEPS = 200
MOST_PROJECTION_STEPS = 1000  # that a visitor may ask for
MOST_FOUND_DIRECTIONS = 32  # of each kind
MOST_KEPT_DIRECTIONS = 64  # with one model
MOST_STRIPS = 8  # directions whose effect one answer shows

# Files that visitors send
MAX_DROPPED_BYTES = 16 << 20  # a picture or a file of latents dropped on the instrument
LARGEST_UPLOAD = "4gb"  # a zip of training pictures, as Gradio writes sizes
UPLOADS_KEPT_SECONDS = 24 * 3600
CHUNK_BYTES = 3 << 20  # of a task's file in one answer

# Requests
MAX_BODY_BYTES = 2 << 20  # of a call
MAX_CALL_WITH_FILE_BYTES = 4 * MAX_DROPPED_BYTES // 3 + (1 << 20)  # of one that carries a dropped file as base64
MAX_UPLOAD_BYTES = (4 << 30) + (1 << 20)  # LARGEST_UPLOAD and its envelope
MAX_VISITOR_UPLOAD_BYTES = MAX_DROPPED_BYTES + (1 << 20)
MAX_TRAINER_UPLOAD_BYTES = 256 << 20  # where anyone may train
VISITOR_UPLOAD_BYTES_AN_HOUR = 512 << 20  # from one address
LARGE_BODIES_AT_ONCE = 4
MAX_QUEUED_EVENTS = 64
SESSIONS_KEPT = 1000  # pages that may be open at once
BODY_SILENCE_SECONDS = 30.0  # between two pieces of a body, and until a large one gets its turn
KEY_TRIES_A_MINUTE = 10  # from one address

# Trainings of visitors, where GAN_TRAINING=anyone
MOST_VISITOR_MINUTES = 15
MOST_VISITOR_RUNS_WAITING = 4

# Longer tasks of the page
MOST_WAITING_TASKS = 8
MOST_SESSION_TASKS = 2  # of one visitor, waiting and at work
MOST_ADDRESS_TASKS = 4  # of all visitors behind one address
MOST_VISITORS_WAITING_TASKS = 6  # what is left is the owner's
TASK_TURN_SECONDS = 120.0  # that a call to an endpoint waits
MOST_FINISHED_TASKS = 64
TASK_KEPT_SECONDS = 3600
MOST_TASK_BYTES = 2 << 30  # of files in all: thousands of pictures an hour would fill a disk
ABANDONED_SECONDS = 300  # without a question: even a page in the background asks once a minute

# Models
MOST_OPEN_MODELS = 4
MAX_WEIGHT = 1e6  # magnitude; trained weights and running statistics stay below a few thousand
SHOWN_LENGTH = 100  # letters of a foreign text in a sentence
LONGEST_VALUE = 500  # letters of any value in a sentence, paths included

# Trainings
MIN_PICTURES = 16
MINUTES = (0.01, 100_000.0)  # that a training may be given
LEAST_BATCH, MOST_BATCH = 2, 4096  # pictures a step
MOST_IMAGES = 10**12  # that a training may see

_BROWSER = (
    *("PSI", "MAX_PSI", "MAX_SEED", "FIRST_SEEDS", "PLANE_RINGS", "MOST_PICTURES", "MAX_FRAMES", "MIX_LINES", "CHILDREN"),
    *(
        "MAX_PARENTS",
        "MOST_GENERATIONS",
        "MUTATION",
        "MOST_FOUND_DIRECTIONS",
        "MOST_STRIPS",
        "MAX_DROPPED_BYTES",
        "LARGEST_ENLARGED",
    ),
)


def for_browser() -> dict[str, float | str]:
    """The defaults and bounds that the page's modules need, in their spelling: `MAX_SEED` is `maxSeed`."""
    return {_camel(name): globals()[name] for name in _BROWSER}


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)
