"""numpy.random.RandomState in JavaScript: a page without a server draws the same seeds as Python."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.sampler.seeds import latents
from tests.web.conftest import Run

VECTORS = Path(__file__).with_name("random_vectors.json")
SEEDS = (0, 1, 2, 42, 12_345, 2**31 - 1, 2**31, 2**32 - 1)
COUNTS = (1, 2, 63, 64)  # odd counts leave the second normal of a pair unused

DRAW = """({ RandomState }, wanted) => wanted.map(([seed, count]) => {
  const random = new RandomState(seed);
  const normals = new Uint8Array(random.standardNormal(count).buffer);
  return { seed, count, normals: btoa(String.fromCharCode(...normals)), sample: random.randomSample() };
})"""


def drawn_by_numpy(seed: int, count: int) -> dict[str, Any]:
    """Return normals as float32 (little-endian, base64), then one sample."""
    random = np.random.RandomState(seed)
    normals = random.standard_normal(count).astype("<f4").tobytes()
    return {"seed": seed, "count": count, "normals": base64.b64encode(normals).decode(), "sample": random.random_sample()}


def test_the_golden_vectors_are_numpys() -> None:
    assert json.loads(VECTORS.read_text()) == [drawn_by_numpy(seed, count) for seed in SEEDS for count in COUNTS]


def test_the_golden_vectors_are_drawn_in_the_browser(run: Run) -> None:
    expected = json.loads(VECTORS.read_text())
    assert run("/random.js", DRAW, [[each["seed"], each["count"]] for each in expected]) == expected


def test_two_hundred_thousand_normals_are_exact_to_the_bit(run: Run) -> None:
    seeds = np.random.RandomState(7).randint(0, 2**32, 400, np.uint64).tolist()
    wanted = [[seed, 501] for seed in seeds]
    assert run("/random.js", DRAW, wanted) == [drawn_by_numpy(seed, count) for seed, count in wanted]


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5])
def test_what_is_not_a_seed_is_refused(run: Run, seed: float) -> None:
    refused = "({ RandomState }, seed) => { try { new RandomState(seed); } catch (error) { return error.message; } }"
    assert run("/random.js", refused, seed) == f"{seed} is not a seed"


def test_a_seed_begins_at_the_same_latent_and_class_as_in_python(run: Run) -> None:
    classes, seeds = ["a", "b", "c", "d", "e"], list(range(100))
    ask = """({ latentsOf }, asked) => latentsOf(asked).map((each) => ({ ...each, z: [...each.z] }))"""
    found = run("/core/seeds.js", ask, {"seeds": seeds, "z_dim": 33, "classes": classes})
    z, class_index = latents(seeds, 33, len(classes))
    assert class_index is not None
    assert np.array_equal(np.array([each["z"] for each in found], np.float32), z.numpy())
    assert [each["class"] for each in found] == [classes[index] for index in class_index]
    plain = run("/core/seeds.js", ask, {"seeds": [3], "z_dim": 33, "classes": []})
    assert plain[0]["class"] is None


CHOICES = """({ RandomState }, seeds) => seeds.map((seed) => {
  const random = new RandomState([seed, 2]);
  const whole = [1, 2, 3, 5, 8, 2, 1].map((high) => random.randint(0, high));
  const between = [random.randint(1, 2), random.randint(1, 8)];
  const [weights, normal] = [random.weights(4), random.standardNormal(3)[2]];
  return { whole, between, weights, normal, sample: random.randomSample() };
})"""


def test_whole_numbers_and_weights_of_a_list_of_seeds_are_numpys(run: Run) -> None:
    for seed, drawn in zip(SEEDS, run("/random.js", CHOICES, list(SEEDS)), strict=True):
        random = np.random.RandomState([seed, 2])
        assert drawn["whole"] == [int(random.randint(high)) for high in (1, 2, 3, 5, 8, 2, 1)]
        assert drawn["between"] == [int(random.randint(1, 2)), int(random.randint(1, 8))]
        assert drawn["weights"] == pytest.approx(random.dirichlet(np.ones(4)).tolist(), rel=1e-12)
        assert drawn["normal"] == pytest.approx(random.standard_normal(3)[2], rel=1e-6)
        assert drawn["sample"] == random.random_sample()
