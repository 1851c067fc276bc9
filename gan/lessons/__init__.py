"""Five guided experiments: each is one training or two, planned here, with a page of text in gan/lessons/texts.

plans.py     the table LESSONS: what each lesson trains
digits.py    the digits that most of them train on
starting.py  from a lesson to runs that wait, and from a run to its lesson
reading.py   the texts
"""

from gan.lessons.plans import LESSONS, Lesson, Part
from gan.lessons.reading import Text, read_texts
from gan.lessons.starting import Membership, begin_lesson, lesson_of

__all__ = ["LESSONS", "Lesson", "Membership", "Part", "Text", "begin_lesson", "lesson_of", "read_texts"]
