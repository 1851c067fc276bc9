"""The lessons on the page: a list of lessons to start, and the text of the lesson that a run belongs to."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from gan.lessons import LESSONS, Membership, begin_lesson, lesson_of, read_texts
from gan.runs import Run
from gan.runs import queue as jobs
from gan.words import Language, say

ACT_ON_LESSONS = """
element.addEventListener("click", (event) => {
  const lesson = event.target.closest("[data-lesson]");
  if (lesson) trigger("begin", {lesson: lesson.dataset.lesson});
});
"""
PICK_PART = """
element.addEventListener("click", (event) => {
  const run = event.target.closest("[data-run]");
  if (run) trigger("pick", {run: run.dataset.run});
});
"""


def lessons_html(language: Language) -> str:
    """Return all lessons, each with the question that it answers and a button."""
    rows = "".join(
        f'<li><div><b>{number}. {escape(text.title)}</b><span class="hint">{escape(text.question)}</span></div>'
        f'<button type="button" data-lesson="{name}" aria-label="{escape(say(language, "lesson_begin"))}: {escape(text.title)}">'
        f"{escape(say(language, 'lesson_begin'))}</button></li>"
        for number, (name, text) in enumerate(read_texts(language).items(), 1)
    )
    return f'<p class="hint">{escape(say(language, "lessons_info"))}</p><ol class="lessons">{rows}</ol>'


def start_lesson(name: str, home: Path) -> Run:
    """Queue the trainings of a lesson, and return the first. Raises GanError."""
    runs = begin_lesson(name, home)
    for run in runs:
        jobs.submit(run)
    return runs[0]


def lesson_html(run: Run, known: Sequence[str], language: Language) -> str:
    """Return the text of the lesson that a run belongs to; empty for other runs. `known` are the names of all runs."""
    member = lesson_of(run)
    if member is None:
        return ""
    text = read_texts(language)[member.lesson]
    paragraphs = "".join(f"<p>{escape(each)}</p>" for each in text.explanation)
    watch = "".join(f"<li>{escape(each)}</li>" for each in text.watch)
    return (
        f'<article class="lesson" data-lesson="{member.lesson}"><h2>{escape(text.title)}</h2>'
        f'<p class="question">{escape(text.question)}</p>'
        f"{_parts(member, run.name, known, language)}{paragraphs}"
        f"<h3>{escape(say(language, 'lesson_watch'))}</h3><ul>{watch}</ul>"
        f"<details><summary>{escape(say(language, 'lesson_answer'))}</summary><p>{escape(text.answer)}</p></details></article>"
    )


def siblings(run: Run, known: Sequence[str]) -> list[Run]:
    """Return the existing runs of a lesson's parts, in order, where the lesson has several parts."""
    member = lesson_of(run)
    if member is None or len(member.runs) < 2:
        return []
    return [Run(run.folder.with_name(name)) for name in member.runs if name in known]


def _parts(member: Membership, own: str, known: Sequence[str], language: Language) -> str:
    """Return a button for each training of a lesson that has several."""
    if len(member.runs) < 2:
        return ""
    names = [part.name for part in LESSONS[member.lesson].parts]
    buttons = "".join(
        f'<button type="button" data-run="{escape(run)}" aria-pressed="{str(run == own).lower()}">'
        f"{escape(say(language, 'lesson_part_' + name.replace('-', '_')))}</button>"
        for name, run in zip(names, member.runs, strict=False)
        if run in known
    )
    return f'<div class="advice-buttons">{buttons}</div>'
