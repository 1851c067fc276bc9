"""The handlers of the steps before *Watch*: they read and survey a visitor's pictures, estimate the plan, and start the
training.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import gradio as gr

from gan import data
from gan.data import Choices, Survey
from gan.data.choices import AS_FOUND
from gan.data.sources import Loose
from gan.errors import DataError, HubError, RunError
from gan.order import free_name
from gan.playing.shelf import Shelf
from gan.runs import queue as jobs
from gan.runs.estimates import forget_estimates, known_estimate, measure
from gan.sampler.bases import nearest_base
from gan.ui.train import check
from gan.ui.train.form import Form, make_order, parent_choices
from gan.ui.train.frame import Said, opened
from gan.ui.train.gallery import NO_SELECTION, Marks, Selection, Surveys, gallery_html
from gan.ui.train.pictures import Dropped, Sent, refusal_html
from gan.ui.train.plan import CARDS, Planned, base_html, cards_html, expectation_html, expert_html
from gan.words import Language, counted, duration, say

PROGRESS = gr.Progress()


def told(progress: gr.Progress, words: str, unit: str) -> Callable[[int, int], None]:
    """Return a progress callback (done, total) that Gradio shows."""
    return lambda done, total: progress((done, total), desc=words, unit=unit)


def preparing(progress: gr.Progress, language: Language) -> Callable[[int, int], None]:
    """Return the progress of preparing pictures, in the visitor's language."""
    return told(progress, say(language, "train_preparing"), say(language, "pictures_unit"))


class Visit(NamedTuple):
    """A visitor's choices so far, and the language of the answers."""

    dropped: Dropped
    choices: Choices
    form: Form
    language: Language


class TrainHandlers:
    """The steps of one home. Each method returns the values of the components that its docstring names."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.home = shelf.home
        self.surveys = Surveys()

    # Pictures

    def read(self, get: Callable[[], Sent], name: str, language: Language, progress: gr.Progress) -> tuple[Any, ...]:
        """Return the values of `TrainTab.found`: the report on a source, or the reason why it cannot be trained on."""
        loose: tuple[Loose, ...] = ()
        try:
            source, name, loose = get()
            reading = told(progress, say(language, "train_reading"), say(language, "pictures_unit"))
            report = data.inspect(source, home=self.home, progress=reading)
        except (DataError, HubError) as error:
            return self._refused(refusal_html(error, name, language, loose=bool(loose)), loose)
        said: Said = {"pictures": f"{name} · {counted(language, 'pictures', report.usable)}"}
        parents = gr.update(choices=parent_choices(self.shelf, language))
        shown = check.report_html(report, name, language)
        dropped = Dropped(source, name, data.default_size(report))
        states = dropped, AS_FOUND, NO_SELECTION, (), said
        level = gr.update(visible=False, value=check.AUTOMATIC)
        texts = None, shown, "", "", "", "", free_name(self.home, name), parents, level
        return *states, *texts, *opened("check")

    def _refused(self, words: str, loose: Sequence[Loose]) -> tuple[Any, ...]:
        states: tuple[Any, ...] = None, AS_FOUND, NO_SELECTION, tuple(loose), {}
        texts = None, "", words, "", "", "", "", gr.skip(), gr.skip()
        return *states, *texts, *opened("pictures")

    # Check

    def survey(self, visit: Visit, progress: gr.Progress | None = None) -> tuple[Survey, Marks]:
        """Return the visitor's pictures as prepared for the network, and the positions of those that the user should check."""
        order = make_order(visit.form, visit.dropped, self.shelf)
        how = order.preparation(visit.dropped.size)
        telling = None if progress is None else preparing(progress, visit.language)
        key = (visit.dropped.source, *how.values())
        return self.surveys.get(key, lambda: data.survey(visit.dropped.source, home=self.home, progress=telling, **how))

    def look(self, visit: Visit, selection: Selection, said: Said, progress: gr.Progress) -> tuple[Any, ...]:
        """Return levels, classes, the line above the gallery, the gallery, and the line that sums up the step."""
        survey, marks = self.survey(visit, progress)
        levels = check.level_choices(survey, visit.language)
        level = gr.update(choices=levels, visible=len(levels) > 1)
        classes = check.classes_html(check.classes_of(survey, visit.choices), visit.choices, visit.language)
        gallery = gallery_html(survey, marks, visit.choices, selection, visit.language)
        chosen, said = self.chosen(visit, survey, said)
        return level, classes, chosen, gallery, said

    def chosen(self, visit: Visit, survey: Survey, said: Said) -> tuple[str, Said]:
        """Return the line above the gallery, and the line that sums up the step."""
        kept, counts = check.kept_of(survey, visit.choices)
        parts = [counted(visit.language, "chosen_count", kept)]
        if counts:
            parts.append(counted(visit.language, "chosen_classes", len(counts)))
        line = say(visit.language, "comma").join(parts)
        return check.chosen_html(survey, visit.choices, visit.language), {**said, "check": line}

    # Plan

    def plans(self, visit: Visit, survey: Survey, *, measuring: bool) -> tuple[dict[str, Planned], Planned]:
        """Return the plan of each card, and the visitor's own; with `measuring`, all plans without a measurement are measured."""

        def planned(form: Form) -> Planned:
            config = make_order(form, visit.dropped, self.shelf).resolve(survey.dataset)
            try:
                estimate = measure(self.home, config) if measuring else known_estimate(self.home, config)
            except RunError as error:  # only the figures are missing; the other plans have theirs
                return Planned(config, None, error)
            return Planned(config, estimate)

        own = planned(visit.form)
        cards = {preset: planned(visit.form.as_card(preset)) for preset in CARDS}
        return cards, own

    def plan(self, visit: Visit, said: Said, measuring: bool) -> tuple[Any, ...]:
        """Return the cards, the results to expect, the expert's part, and the line that sums up the step, before anything is
        measured.

        `measuring` is True if a call of `estimates` follows.
        """
        survey, _ = self.survey(visit)
        cards, own = self.plans(visit, survey, measuring=False)
        language, preset = visit.language, visit.form.preset
        shown = cards_html(cards, preset, language, measuring)
        expectation = expectation_html(own, visit.form.minutes, language, measuring)
        parts = [say(language, f"card_{preset}")] if preset in CARDS else []
        parts += [duration(language, 60 * visit.form.minutes)] if visit.form.minutes else []
        said = {**said, "plan": say(language, "comma").join(parts)}
        return shown, expectation, expert_html(own.config, survey.dataset, language), said

    def estimates(self, visit: Visit) -> tuple[str, str]:
        """Return the cards and the results to expect, as measured on this machine; without figures while a run trains or if
        measuring fails.
        """
        survey, _ = self.survey(visit)
        cards, own = self.plans(visit, survey, measuring=True)
        shown = cards_html(cards, visit.form.preset, visit.language)
        return shown, expectation_html(own, visit.form.minutes, visit.language)

    def base(self, visit: Visit) -> str:
        """Return a line on the model whose pictures are nearest to the visitor's."""
        survey, _ = self.survey(visit)
        return base_html(nearest_base(survey.dataset.pictures, self.shelf.entries()), visit.form.parent, visit.language)

    def forget(self, visit: Visit) -> None:
        """Drop what was measured for the plans of the step, which a busy machine may have falsified."""
        survey, _ = self.survey(visit)
        cards, own = self.plans(visit, survey, measuring=False)
        forget_estimates(self.home, [plan.config for plan in (*cards.values(), own)])

    def start(self, visit: Visit, progress: gr.Progress) -> str:
        """Start a training, and return the name of its run."""
        order = make_order(visit.form, visit.dropped, self.shelf, visit.choices)
        run = order.create(self.home, suited=visit.dropped.size, preparing=preparing(progress, visit.language))
        jobs.submit(run)
        return run.name
