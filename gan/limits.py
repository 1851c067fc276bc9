"""Defaults and bounds that several modules share, each defined once. The page receives those that `for_browser` returns."""

from typing import Final

# Truncation
PSI = 0.7  # default on the page, in `generate`, previews and samples: balances quality and variety
FULL_PSI = 1.0  # in metrics and bulk export: everything the generator can draw
MAX_PSI = 2.0  # bound on the absolute value
SLIDER_PSI = 1.5  # end of the page's slider; pictures beyond it are mostly broken

# Seeds and recipes
MAX_SEED = 2**32 - 1
FIRST_SEEDS = "0-7"  # seeds that the page shows first
# rings around the middle of Explore's plane; each cell has its own seed, since (2 · 32,767 + 1)² is less than 2³²
PLANE_RINGS = 32_767
MAX_SEEDS = 100_000  # seeds in one list of seeds
MAX_STRENGTH = 100.0  # bound on a push along a direction, in standard deviations
MAX_LAYERS = 32
MAX_DIM = 1024  # numbers in a latent
MAX_PUSHES = 32  # directions that one recipe may be pushed along
MAX_PARENTS = 8  # parents of a picture that was bred
NAME_LENGTH = 200  # letters in the name of a model, a class or a repository
SEEDS_LENGTH = 2000  # letters in a list of seeds as a visitor types it

# Pictures
LEAST_SIDE, LARGEST_SIDE = 16, 512  # bounds on the side of a model's pictures, in pixels
SAMPLE_SEEDS = 16  # seeds 0 … 15: the samples of a training and the preview of a model
BATCH = 32  # pictures in one pass; the number changes speed and memory, but not the pictures
MOST_PICTURES = 64  # pictures in one answer of the page or of an endpoint, and in one shared pass
MOST_BULK = 100_000  # pictures in one order on the command line; a larger zip could not be trained on
MOST_BULK_ON_PAGE = 2000

# Films
MAX_FRAMES = 3600  # frames of one film: two minutes at 30 frames a second
MAX_STOPS = 256  # pictures that one walk passes through
FRAME_RATE = 24  # default, in frames a second
MOST_FRAME_RATE = 60
FILM_SIDE: Final = 512  # default, in pixels
FILM_SIDES = (256, 512, 1024)  # the endpoint accepts sides up to the largest of these
LARGEST_ENLARGED = 2048  # side in pixels of films, and of enlarged PNG files
LEAST_FILM_SIDE = 16
MOST_FILM_SECONDS = 60  # seconds in one call to the endpoint, and in one leg on the page

# Tools
MIX_LINES = 8  # pictures along one side of the mixing table
CHILDREN = 8  # pictures in one generation
MOST_GENERATIONS = 60
MUTATION = 0.2  # default of a child, 0 … 1: at 0 it is the mixture of its parents, at 1 a new picture
PROJECTION_STEPS = 200
MOST_PROJECTION_STEPS = 1000  # bound on the steps that a visitor may choose
MOST_FOUND_DIRECTIONS = 32  # directions found in one search
MOST_KEPT_DIRECTIONS = 64  # directions stored with one model
MOST_STRIPS = 8  # directions whose effect one answer shows

# Files that visitors send
MAX_DROPPED_BYTES = 16 << 20  # size of a picture or a file of latents dropped on the Create tab
LARGEST_UPLOAD = "4gb"  # size of a zip of training pictures, in Gradio's notation
UPLOADS_KEPT_SECONDS = 24 * 3600
CHUNK_BYTES = 3 << 20  # bytes of a task's file in one answer

# Requests
MAX_BODY_BYTES = 2 << 20  # size of a call
MAX_CALL_WITH_FILE_BYTES = 4 * MAX_DROPPED_BYTES // 3 + (1 << 20)  # size of a call that carries a dropped file as base64
MAX_UPLOAD_BYTES = (4 << 30) + (1 << 20)  # LARGEST_UPLOAD, and the form that the browser sends it in
MAX_VISITOR_UPLOAD_BYTES = MAX_DROPPED_BYTES + (1 << 20)
MAX_TRAINER_UPLOAD_BYTES = 256 << 20  # size of an upload where anyone may train
VISITOR_UPLOAD_BYTES_AN_HOUR = 512 << 20  # bytes that one address may upload in an hour
LARGE_BODIES_AT_ONCE = 4
MAX_QUEUED_EVENTS = 64
SESSIONS_KEPT = 1000  # pages that may be open at once
BODY_SILENCE_SECONDS = 30.0  # longest pause between two pieces of a body, and longest wait of a large body for its turn
KEY_TRIES_A_MINUTE = 10  # attempts at the owner's key from one address

# Trainings of visitors, where GAN_TRAINING=anyone
MOST_VISITOR_MINUTES = 15
MOST_VISITOR_RUNS_WAITING = 4

# Longer tasks of the page
MOST_WAITING_TASKS = 8
MOST_SESSION_TASKS = 2  # tasks of one visitor, waiting and running
MOST_ADDRESS_TASKS = 4  # tasks of all visitors behind one address
MOST_VISITORS_WAITING_TASKS = 6  # waiting tasks of all visitors; the other places are reserved for the owner
TASK_TURN_SECONDS = 120.0  # longest time that a call to an endpoint waits for a worker
MOST_FINISHED_TASKS = 64
TASK_KEPT_SECONDS = 3600
MOST_TASK_BYTES = 2 << 30  # size of all tasks' files: thousands of pictures an hour would fill a disk
# a task ends after this time without a request from its page; even a page in the background sends one a minute
ABANDONED_SECONDS = 300

# Models
MOST_OPEN_MODELS = 4
MAX_WEIGHT = 1e6  # largest magnitude of a weight; trained weights and running statistics stay below a few thousand
SHOWN_LENGTH = 100  # letters of a text of unknown origin in a sentence
LONGEST_VALUE = 500  # letters of any value in a sentence, paths included

# Trainings
MIN_PICTURES = 16
MINUTES = (0.01, 100_000.0)  # bounds on the length of a training
LEAST_BATCH, MOST_BATCH = 2, 4096  # bounds on the pictures in a step
MOST_IMAGES = 10**12  # bound on the pictures in a training

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
    """Return the defaults and bounds that the page's modules need, with names in camel case: `MAX_SEED` becomes `maxSeed`."""
    return {_camel(name): globals()[name] for name in _BROWSER}


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)
