"""The core modules: seeds as users type them, history, storage, words, and the arithmetic of planes and walks."""

from typing import Any

import pytest

from gan.limits import FIRST_SEEDS, MAX_SEED, PLANE_RINGS
from gan.playing.morph import FilmCall, frames_of
from gan.sampler import parse_seeds, seed_at
from gan.sampler.seeds import latents
from tests.web.conftest import Run

SEEDS = "/core/seeds.js"


@pytest.mark.parametrize("text", ["0-7", "5", "5, 6, 7", "0-3, 9, 20-21", "4294967295"])
def test_seeds_are_counted_as_python_reads_them(run: Run, text: str) -> None:
    assert run(SEEDS, "({ countOf }, text) => countOf(text)", text) == len(parse_seeds(text))


@pytest.mark.parametrize("text", ["", "cats", "-"])
def test_what_is_no_seed_counts_as_none(run: Run, text: str) -> None:
    assert run(SEEDS, "({ countOf }, text) => countOf(text)", text) == 0


def test_a_range_grows_and_shrinks_and_a_list_keeps_its_beginning(run: Run) -> None:
    resized = "({ resized }, [text, count]) => resized(text, count)"
    assert run(SEEDS, resized, ["0-7", 3]) == "0-2"
    assert run(SEEDS, resized, ["4", 3]) == "4-6"
    assert run(SEEDS, resized, ["0-7", 1]) == "0"
    assert run(SEEDS, resized, ["9, 4, 7", 2]) == "9, 4"
    longer = parse_seeds(run(SEEDS, resized, ["9, 4", 5]))
    assert longer[:2] == [9, 4]
    assert len(longer) == 5


def test_rolled_seeds_differ_and_are_in_order(run: Run) -> None:
    rolled = parse_seeds(run(SEEDS, "({ rollSeeds }) => rollSeeds(64)"))
    assert len(set(rolled)) == 64
    assert rolled == sorted(rolled)


def test_the_first_seeds_of_one_class_are_those_that_python_draws_in_it(run: Run) -> None:
    model = {"z_dim": 16, "classes": ["a", "b", "c"]}
    first = "({ firstOfOneClass }, [count, model, chosen]) => firstOfOneClass(count, model, chosen)"
    _, class_index = latents(range(200), 16, 3)
    assert class_index is not None
    same = [seed for seed in range(200) if class_index[seed] == class_index[0]]
    assert run(SEEDS, first, [7, model, ""]) == same[:7]
    assert run(SEEDS, first, [7, model, "b"]) == list(range(7)), "a chosen class is every seed's"
    assert run(SEEDS, first, [7, {"z_dim": 16, "classes": []}, ""]) == list(range(7))


def test_rolled_seeds_share_the_class_that_is_shown(run: Run) -> None:
    roll = "({ rollOfOneClass }, model) => rollOfOneClass(5, model, '', 'b')"
    seeds = run(SEEDS, roll, {"z_dim": 16, "classes": ["a", "b", "c"]})
    _, class_index = latents(seeds, 16, 3)
    assert class_index is not None
    assert class_index.tolist() == [1] * 5


@pytest.mark.parametrize(("text", "valid"), [("0", True), (f" {MAX_SEED} ", True), (str(MAX_SEED + 1), False), ("-1", False)])
def test_one_seed_is_known_by_its_bounds(run: Run, text: str, valid: bool) -> None:
    assert run(SEEDS, "({ isSeed }, text) => isSeed(text)", text) is valid


def history(run: Run, steps: str) -> Any:
    """Return the result of the JavaScript `steps` with a new store that has one tool."""
    body = f"({{ store }}) => {{ store.load(); store.defaults.pictures = {{ seeds: '0-7', near: null }}; {steps} }}"
    return run("/core/store.js", body)


def test_a_step_can_be_undone_and_redone(run: Run) -> None:
    steps = "store.set({psi: 0.5}); store.set({psi: 0.6}); store.undo(); const back = store.state.psi; store.redo();"
    assert history(run, f"{steps} return [back, store.state.psi, store.past.length];") == [0.5, 0.6, 2]


def test_a_drag_is_one_step_and_another_gesture_is_the_next(run: Run) -> None:
    drag = "for (const psi of [0.1, 0.2, 0.3]) store.set({psi}, {mark: 'psi'});"
    assert history(run, f"{drag} store.set({{mixAmount: 1}}, {{mark: 'mix'}}); return store.past.length;") == 2


def test_undo_passes_over_quiet_changes_and_changes_of_nothing(run: Run) -> None:
    steps = "store.set({class: 'cats'}, {quiet: true}); store.set({class: 'cats'}); store.setTool('pictures', {seeds: '0-7'});"
    assert history(run, f"{steps} return store.past.length;") == 0


def test_a_step_after_an_undo_forgets_what_was_undone(run: Run) -> None:
    steps = "store.set({psi: 0.5}); store.undo(); store.set({psi: 0.9}); store.redo();"
    assert history(run, f"{steps} return [store.state.psi, store.future.length];") == [0.9, 0]


def test_only_the_last_fifty_steps_are_kept(run: Run) -> None:
    assert history(run, "for (let at = 0; at < 60; at++) store.set({psi: at}); return store.past.length;") == 50


def test_the_state_its_history_and_the_stars_come_back_from_storage(run: Run) -> None:
    recipe = "const recipe = {seed: 3, model: {}};"
    steps = "store.set({psi: 0.5}); store.show('pictures', {seeds: '5'}); store.star([{recipe, src: 'data:' + 'x'.repeat(99)}]);"
    again = "store.keep(); store.state = null; store.stars = []; store.load();"
    answer = "return [store.state.psi, store.slice('pictures').seeds, store.past.length, store.starred(recipe)];"
    assert history(run, recipe + steps + again + answer) == [0.5, "5", 2, True]


def test_storage_that_holds_something_else_is_passed_over(run: Run) -> None:
    steps = "localStorage.setItem('seedbed.create.2', 'not ours'); store.load(); return store.state.psi;"
    assert history(run, steps) == 0.7


def test_long_texts_are_packed_once_and_come_back_whole(run: Run) -> None:
    value = {"one": "x" * 500, "two": ["x" * 500, "§3", 7, None]}
    ask = "({ pack, unpack }, value) => { const text = pack(value); return [text.length, unpack(text)]; }"
    length, back = run("/core/pack.js", ask, value)
    assert back == value
    assert length < 700


def test_words_take_their_values_and_a_key_without_words_is_a_mistake(run: Run) -> None:
    assert run("/core/words.js", "({ word }) => word('create_model_gone', {key: 'pets'})").startswith("There is no model pets")
    unknown = "({ word }) => { try { word('create_nonsense'); } catch (error) { return error.message; } }"
    assert run("/core/words.js", unknown) == "no words for create_nonsense"


def test_the_limits_are_pythons(run: Run) -> None:
    limits = run("/core/limits.js", "({ limits }) => limits")
    assert (limits["maxSeed"], limits["firstSeeds"], limits["psi"]) == (MAX_SEED, FIRST_SEEDS, 0.7)


def test_every_seed_of_the_plane_has_the_place_that_python_counts_it_at(run: Run) -> None:
    seeds = [*range(200), 10_000, 2**31, (2 * PLANE_RINGS + 1) ** 2 - 1]
    places = run("/painters/seeds.js", "({ placeOf }, seeds) => seeds.map(placeOf)", seeds)
    assert [seed_at(place["x"], place["y"]) for place in places] == seeds
    assert run("/tools/plane.js", "({ mostPlaced }) => mostPlaced()") == seeds[-1]


@pytest.mark.parametrize(("stops", "closed", "seconds", "fps"), [(2, True, 2, 24), (3, False, 0.5, 5), (1, True, 1, 7)])
def test_a_film_has_as_many_frames_as_the_server_makes(run: Run, stops: int, closed: bool, seconds: float, fps: int) -> None:
    place = {"seed": 0, "model": {"name": "x", "weights_sha256": "0" * 64}}
    asked = {"model": "x", "recipes": [place] * stops, "space": "z", "closed": closed, "seconds": seconds, "fps": fps}
    ask = "({ framesOf }, [walk, stops]) => framesOf(walk, stops)"
    assert run("/tools/walk.js", ask, [asked, stops]) == frames_of(FilmCall.model_validate(asked))


def test_a_point_of_the_line_lies_between_two_stops(run: Run) -> None:
    part = "({ partAt }, [walk, stops, at]) => partAt(walk, stops, at)"
    assert run("/tools/walk.js", part, [{"list": "seeds", "closed": True}, 4, 0.625]) == {"from": 2, "to": 3, "t": 0.5}
    assert run("/tools/walk.js", part, [{"list": "seeds", "closed": True}, 4, 1]) == {"from": 3, "to": 0, "t": 1}
    assert run("/tools/walk.js", part, [{"list": "ab", "closed": True}, 2, 0.25]) == {"from": 0, "to": 1, "t": 0.25}


def test_one_picture_is_not_said_to_be_several(run: Run) -> None:
    says = "({ word }, pictures) => word('create_bulk_done', { count: pictures, pictures, size: '0.1' })"
    assert run("/core/words.js", says, 1) == "The zip is saved: 1 picture, 0.1 MB."
    assert run("/core/words.js", says, 12) == "The zip is saved: 12 pictures, 0.1 MB."
