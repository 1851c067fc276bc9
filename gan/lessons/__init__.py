"""Five guided experiments. Each consists of one or several trainings and a page of text in gan/lessons/texts.

plans.py     the table LESSONS with the trainings of each lesson
digits.py    the digits that most lessons train on
starting.py  from a lesson to waiting runs, and from a run to its lesson
reading.py   the texts
"""

from gan.lessons.plans import LESSONS, Lesson, Part
from gan.lessons.reading import Text, read_texts
from gan.lessons.starting import Membership, begin_lesson, lesson_of

__all__ = ["LESSONS", "Lesson", "Membership", "Part", "Text", "begin_lesson", "lesson_of", "read_texts"]
