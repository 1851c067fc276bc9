"""Variations, the plane of seeds, walks and breeding: their documented properties hold in the pictures of every family."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from gan.errors import ConfigError, ModelError
from gan.recipes import ClassMix, Latent, Mix, Push, Recipe, Space
from gan.sampler import Model, Points, between, breed, explore, explore_many, latents, seed_at, vary, walk
from gan.sampler.blending import PARALLEL, slerp
from tests.tiny_models import write_tiny_model

CLASSES = ("cats", "dogs", "öl")
CASES = {"style": CLASSES, "mlp": CLASSES, "plain": ()}
Pictures = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    """Return models of a family with w, with and without classes, and of one without w."""
    folder = tmp_path_factory.mktemp("models")
    for name, classes in CASES.items():
        write_tiny_model(folder / name, "mlp" if name == "mlp" else "style", classes)
    return {name: Model.open(folder / name, "cpu") for name in CASES}


@pytest.fixture(params=CASES)
def model(request: pytest.FixtureRequest, models: dict[str, Model]) -> Model:
    return models[request.param]


@pytest.fixture
def styled(models: dict[str, Model]) -> Model:
    return models["style"]


@pytest.fixture
def flat(models: dict[str, Model]) -> Model:
    return models["mlp"]


def gap(one: Pictures, other: Pictures) -> int:
    """Return the largest difference in levels of 255."""
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def away(model: Model, one: Recipe, other: Recipe) -> float:
    """Return the distance between the points of two recipes."""
    first, second = model.points([one, other]).values
    return float((first - second).norm())


def edited(model: Model, seed: int) -> Recipe:
    """Return a recipe with every kind of edit."""
    vector = Latent.of("w", np.ones(model.latent_shape[-1], np.float32))
    return model.recipe(
        seed,
        0.8,
        "cats",
        class_mix=ClassMix(class_name="dogs", amount=0.3),
        mix=Mix(start=model.recipe(99).start, layers=(2, 3)),
        directions=(Push(name="up", vector=vector, strength=0.5),),
    )


# Variations


def test_a_variation_grows_with_its_distance_from_the_very_picture_to_one_that_shares_nothing(model: Model) -> None:
    recipe = model.recipe(3)
    assert vary(model, recipe, 0, 7) == recipe
    steps = [vary(model, recipe, distance, 7) for distance in (0.1, 0.4, 1.0)]
    distances = [away(model, recipe, step) for step in steps]
    assert 0 < distances[0] < distances[1] < distances[2]
    assert steps[0].psi == recipe.psi
    assert steps[0].class_name == recipe.class_name
    assert steps[0].lineage is not None
    assert steps[0].lineage.tool == "variation"
    assert [(parent.seed, parent.fingerprint) for parent in steps[0].lineage.parents] == [(3, recipe.fingerprint)]


def test_variations_are_as_likely_as_any_picture(model: Model) -> None:
    """A turned z keeps its length on average. Added noise would lengthen it, and the seed's own random numbers as noise would not
    turn it.
    """
    latent = [vary(model, model.recipe(seed), 0.5, seed).latent for seed in range(200)]
    values = np.stack([each.values for each in latent if each is not None])
    assert np.square(values).mean() == pytest.approx(1, abs=0.1)
    assert abs(values.mean()) < 0.1
    seeds = latents(range(200), model.config.z_dim, 0)[0].numpy()
    assert (values * seeds).mean() == pytest.approx(0.5**0.5, abs=0.1)


def test_another_seed_is_another_variation_and_the_same_one_the_same(model: Model) -> None:
    recipe = model.recipe(3)
    assert vary(model, recipe, 0.3, 1) == vary(model, recipe, 0.3, 1)
    assert vary(model, recipe, 0.3, 1).latent != vary(model, recipe, 0.3, 2).latent


def test_a_variation_keeps_mixing_directions_and_layers(styled: Model) -> None:
    recipe = edited(styled, 3)
    near = vary(styled, recipe, 0.2, 1)
    assert (near.mix, near.directions, near.class_mix) == (recipe.mix, recipe.directions, recipe.class_mix)
    layered = between(styled, recipe, styled.recipe(5), 0.5, "w")
    again = vary(styled, layered, 0.2, 1)
    assert again.latent is not None
    assert again.latent.shape == styled.latent_shape
    steps = styled.points([again]).values[0] - styled.points([layered]).values[0]
    assert torch.allclose(steps, steps[:1].expand_as(steps), atol=1e-5)
    assert steps.abs().max() > 1e-3


def test_a_seed_that_left_its_class_open_keeps_it_in_its_variations(styled: Model) -> None:
    open_recipe = styled.recipe(3).changed(class_name=None)
    assert vary(styled, open_recipe, 0.2, 1).class_name == styled.recipe(3).class_name


@pytest.mark.parametrize(("distance", "seed"), [(-0.1, 1), (1.1, 1), (float("nan"), 1), (0.5, -1), (0.5, 2**32)])
def test_a_senseless_variation_is_refused(distance: float, seed: int, flat: Model) -> None:
    with pytest.raises(ConfigError):
        vary(flat, flat.recipe(3), distance, seed)


# The plane


def test_the_plane_has_a_seed_of_its_own_at_each_point_and_small_ones_in_the_middle() -> None:
    square = range(-40, 41)
    seeds = [seed_at(i, j) for i in square for j in square]
    assert sorted(seeds) == list(range(len(seeds)))
    assert [[seed_at(i, j) for i in (-1, 0, 1)] for j in (1, 0, -1)] == [[4, 3, 2], [5, 0, 1], [6, 7, 8]]


def test_the_plane_has_no_end() -> None:
    far = [seed_at(i, j) for i, j in itertools.product((-32_768, -32_767, 0, 32_767, 32_768, 10**9), repeat=2)]
    assert all(0 <= seed < 2**32 for seed in far)
    assert seed_at(32_768, 5) == seed_at(-32_767, 5)
    assert seed_at(70_000, -3) == seed_at(70_000 - 65_535, -3)


def test_a_whole_point_is_its_seed_in_its_own_class_or_the_one_named(model: Model) -> None:
    assert explore(model, 2, -1) == model.recipe(seed_at(2, -1))
    name = model.config.classes[1] if model.config.classes else None
    assert explore(model, 2.0, -1.0, 0.5, name) == model.recipe(seed_at(2, -1), 0.5, name)


def test_between_whole_points_the_picture_flows_without_a_jump(model: Model) -> None:
    name = "dogs" if model.space == "z" and model.config.classes else None
    path = [(-1 + step / 200, 0.25) for step in range(401)]
    points = model.points(explore_many(model, path, 0.7, name)).values
    steps = (points[1:] - points[:-1]).flatten(1).norm(dim=1)
    assert steps.max() < 0.05 * float((points[0] - points[200]).norm())
    ends = model.points(explore_many(model, [(1 - 1e-6, 2), (1, 2), (1, 2 + 1e-6)], 0.7, name)).values
    assert (ends - ends[1]).abs().max() < 1e-4


def test_halfway_lies_in_the_middle_with_w_and_as_far_out_as_its_corners_without(models: dict[str, Model]) -> None:
    styled, flat = models["style"], models["mlp"]
    corners = styled.points([styled.recipe(seed_at(i, j)) for i in (0, 1) for j in (0, 1)]).values
    middle = styled.points([explore(styled, 0.5, 0.5)]).values[0]
    assert torch.allclose(middle, corners.mean(0), atol=1e-5)
    halves = explore_many(flat, [(i + 0.5, 0.5) for i in range(100)], 1.0, "cats")
    assert flat.points(halves).values.square().mean().item() == pytest.approx(1, abs=0.15)


def test_psi_goes_on_to_mean_what_it_does(styled: Model) -> None:
    for recipe in (explore(styled, 0.3, 0.6, 0.7, "cats"), between(styled, styled.recipe(1), styled.recipe(2), 0.5, "w")):
        assert recipe.psi == 0.7
        mean = styled.points([recipe.changed(psi=0.0)]).values[0]
        assert torch.allclose(mean, styled.centre(recipe.class_name).expand_as(mean), atol=1e-5)
    zero = styled.render([explore(styled, 0.3, 0.6, 0.0, "cats"), styled.recipe(1, 0.0, "cats")])
    assert gap(zero[0], zero[1]) <= 1


def test_a_mix_of_classes_holds_all_over_the_plane(styled: Model) -> None:
    mix = ClassMix(class_name="dogs", amount=0.4)
    near, corner = explore_many(styled, [(1e-7, 0), (0, 0)], 0.7, "cats", mix)
    assert corner == styled.recipe(0, 0.7, "cats", class_mix=mix)
    pictures = styled.render([near, corner])
    assert gap(pictures[0], pictures[1]) <= 1


@pytest.mark.parametrize("x", [float("nan"), float("inf"), 1e7])
def test_a_point_beyond_the_plane_is_refused(x: float, flat: Model) -> None:
    with pytest.raises(ConfigError, match="x is"):
        explore(flat, x, 0)


# From one to the other


def test_the_way_begins_and_ends_with_the_very_pictures(model: Model) -> None:
    name = "cats" if model.config.classes else None
    a, b = model.recipe(1, class_name=name), model.recipe(2, 0.4, name)
    spaces: set[Space] = {model.space, "z"}
    for space in spaces:
        assert between(model, a, b, 0, space) == a
        assert between(model, a, b, 1, space) == b
        near = [between(model, a, b, t, space) for t in (1e-6, 1 - 1e-6)]
        pictures = model.render([a, near[0], b, near[1]])
        assert gap(pictures[0], pictures[1]) <= 1
        assert gap(pictures[2], pictures[3]) <= 1


def test_in_w_the_way_is_straight_whatever_was_edited(styled: Model) -> None:
    a, b = edited(styled, 1), styled.recipe(2, 0.3, "öl")
    ends = styled.points([a, b]).values
    for t in (0.25, 0.7):
        found = styled.points([between(styled, a, b, t, "w")]).values[0]
        assert torch.allclose(found, torch.lerp(ends[0], ends[1], t), atol=1e-4)


def test_in_z_the_way_is_an_arc_and_the_length_goes_evenly() -> None:
    a, b = torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    half = slerp(a, b, 0.5)
    assert torch.allclose(half, 2 * torch.tensor([0.5**0.5, 0.5**0.5, 0.0]), atol=1e-6)
    assert torch.allclose(slerp(a, 2 * a, 0.5), 1.5 * a)
    assert torch.equal(slerp(torch.zeros(3), b, 0.5), b / 2)
    opposite = torch.stack([slerp(a, -a, t) for t in (0.0, 0.25, 0.5, 0.75, 1.0)])
    assert torch.allclose(opposite.norm(dim=1), torch.full((5,), 3.0), atol=1e-5)
    assert torch.allclose(opposite[-1], -a, atol=4 * PARALLEL)


def test_a_walk_in_z_keeps_to_pictures_that_have_a_z(styled: Model, flat: Model) -> None:
    plain = styled.recipe(1, class_name="cats")
    with pytest.raises(ModelError, match="Picture 2 has no curved path: .* no latent z of its own"):
        between(styled, plain, edited(styled, 2), 0.5, "z")
    with pytest.raises(ModelError, match="Picture 1 has no curved path"):
        between(styled, between(styled, plain, styled.recipe(2), 0.5, "w"), plain, 0.5, "z")
    with pytest.raises(ModelError, match="of the classes cats, dogs"):
        between(styled, plain, styled.recipe(2, class_name="dogs"), 0.5, "z")
    mixed = plain.changed(class_mix=ClassMix(class_name="dogs", amount=0.5))
    with pytest.raises(ModelError, match="mix classes differently"):
        between(styled, plain, mixed, 0.5, "z")
    with pytest.raises(ModelError, match="no intermediate latent w"):
        between(flat, flat.recipe(1), flat.recipe(2), 0.5, "w")
    with pytest.raises(ModelError, match="belongs to the weights of"):
        between(styled, plain, flat.recipe(1), 0.5, "w")


def test_without_w_pushed_pictures_can_be_walked_between(flat: Model) -> None:
    vector = Latent.of("z", np.ones(8, np.float32))
    a = flat.recipe(1, class_name="cats", directions=(Push(name="up", vector=vector, strength=1.0),))
    b = flat.recipe(2, class_name="cats")
    first, *_, last = list(walk(flat, [a, b], 9, space="z", batch=1))
    assert torch.equal(first.values[0], flat.points([a]).values[0])
    assert torch.equal(last.values[0], flat.points([b]).values[0])


# Walks


def whole(parts: Any) -> Points:
    found = list(parts)
    classes = [part.class_index for part in found if part.class_index is not None]
    return Points(torch.cat([part.values for part in found]), torch.cat(classes) if classes else None)


@pytest.mark.parametrize("space", ["z", "w"])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("easing", ["linear", "smooth"])
def test_a_walk_begins_with_the_first_picture_and_meets_them_all(space: Any, closed: bool, easing: Any, model: Model) -> None:
    if space == "w" and model.space == "z":
        with pytest.raises(ModelError):
            walk(model, [model.recipe(1)], 4, space=space)
        return
    name = "dogs" if model.config.classes else None
    stops = [model.recipe(seed, class_name=name) for seed in (1, 2, 3)]
    frames = 12 if closed else 13
    parts = list(walk(model, stops, frames, space=space, closed=closed, easing=easing, batch=5))
    assert [len(part) for part in parts] == ([5, 5, 2] if closed else [5, 5, 3])
    points = whole(parts)
    own = model.points(stops).values
    at = [0, 4, 8] if closed else [0, 6, 12]
    assert torch.allclose(points.values[at], own, atol=1e-6)
    assert gap(model.paint(points)[0], model.render([stops[0]])[0]) <= 1
    steps = (points.values[1:] - points.values[:-1]).flatten(1).norm(dim=1)
    assert steps.min() > 0


@pytest.mark.parametrize("space", ["z", "w"])
def test_a_closed_walk_goes_round_without_a_seam(space: Any, styled: Model) -> None:
    stops = [styled.recipe(seed, class_name="cats") for seed in (1, 2, 3)]
    points = whole(walk(styled, stops, 30, space=space, closed=True)).values
    steps = (points.roll(-1, 0) - points).flatten(1).norm(dim=1)  # the last step leads to the first point
    assert 0.5 < steps[-1] / steps[-2] < 2
    assert torch.pdist(points.flatten(1)).min() > 1e-3  # no frame occurs twice


def test_a_smooth_walk_sets_out_and_arrives_slowly(styled: Model) -> None:
    stops = [styled.recipe(1), styled.recipe(2)]
    points = whole(walk(styled, stops, 21, space="w", easing="smooth")).values
    steps = (points[1:] - points[:-1]).flatten(1).norm(dim=1)
    assert steps[0] < 0.3 * steps[10]
    assert steps[-1] < 0.3 * steps[10]


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_short_walks_and_single_pictures_make_frames_too(frames: int, styled: Model) -> None:
    for stops, closed in (([1], False), ([1], True), ([1, 2, 3], False), ([1, 2, 3], True)):
        points = whole(walk(styled, [styled.recipe(seed) for seed in stops], frames, space="w", closed=closed))
        assert len(points) == frames
        assert torch.allclose(points.values[0], styled.points([styled.recipe(1)]).values[0], atol=1e-6)


def test_a_walk_is_refused_before_its_first_frame(styled: Model) -> None:
    with pytest.raises(ConfigError, match="frames is 3601"):
        walk(styled, [styled.recipe(1)], 3601, space="w")
    with pytest.raises(ConfigError, match="pictures is 0"):
        walk(styled, [], 10, space="w")
    with pytest.raises(ModelError, match="of the classes"):
        walk(styled, [styled.recipe(1, class_name="cats"), styled.recipe(1, class_name="dogs")], 10, space="z")


# Breeding


def test_children_are_the_same_again_and_unlike_each_other(model: Model) -> None:
    name = "cats" if model.config.classes else None
    parents = [model.recipe(seed, class_name=name) for seed in (1, 2, 3)]
    children = breed(model, parents, 5)
    assert children == breed(model, parents, 5)
    assert children != breed(model, parents, 6)
    points = model.points(children).values.flatten(1)
    assert torch.pdist(points).min() > 1e-3
    assert all(child.class_name == name for child in children)
    lineage = children[0].lineage
    assert lineage is not None
    assert lineage.tool == "breed"
    assert [parent.seed for parent in lineage.parents] == [1, 2, 3]


def test_with_w_and_no_mutation_each_layer_is_a_parents_and_no_child_is_a_copy(styled: Model) -> None:
    parents = [edited(styled, 1), styled.recipe(2, 0.5)]
    own = styled.points(parents).values
    for child in styled.points(breed(styled, parents, 1, count=16, mutation=0)).values:
        distances = (own - child).norm(dim=2)  # (parents, layers)
        assert distances.min(0).values.max() < 1e-4
        assert set(distances.argmin(0).tolist()) == {0, 1}


def test_without_w_a_child_lies_between_its_parents_as_far_out_as_they(flat: Model) -> None:
    parents = [flat.recipe(seed, 1.0, "dogs") for seed in (1, 2)]
    own = flat.points(parents).values
    span = torch.linalg.qr(own.T).Q
    for child in flat.points(breed(flat, parents, 1, count=8, mutation=0)).values:
        assert torch.allclose(span @ (span.T @ child), child, atol=1e-5)
    many = [child for seed in range(60) for child in breed(flat, [flat.recipe(seed, 1.0), flat.recipe(seed + 100, 1.0)], 1)]
    assert flat.points(many).values.square().mean().item() == pytest.approx(1, abs=0.15)


def test_mutation_moves_a_child_as_far_as_it_says(model: Model) -> None:
    parents = [model.recipe(1), model.recipe(2)]
    moves = []
    for mutation in (0.0, 0.1, 0.5):
        children = model.points(breed(model, parents, 3, mutation=mutation)).values
        moves.append(children)
    small, large = ((each - moves[0]).flatten(1).norm(dim=1) for each in moves[1:])
    assert small.min() > 0
    assert (small < large).all()


def test_children_of_children_are_bred_and_one_parent_is_enough(model: Model) -> None:
    first = breed(model, [model.recipe(1), model.recipe(2)], 1, count=3)
    again = breed(model, [*first, model.recipe(9)], 2, count=2)
    assert model.render(again).shape[0] == 2
    alone = breed(model, [model.recipe(1)], 1, count=2, mutation=0.3)
    assert torch.pdist(model.points(alone).values.flatten(1)).min() > 0


@pytest.mark.parametrize("options", [{"count": 0}, {"count": 65}, {"mutation": -1}, {"mutation": 1.5}, {"seed": -1}])
def test_senseless_breeding_is_refused(options: dict[str, Any], flat: Model) -> None:
    with pytest.raises(ConfigError):
        breed(flat, [flat.recipe(1)], **{"seed": 1} | options)
    with pytest.raises(ConfigError, match="parents is 9"):
        breed(flat, [flat.recipe(1)] * 9, 1)
