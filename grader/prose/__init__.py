"""Free text: which ideas of a rubric an answer names, as a suggestion for the person who marks it.

Nothing here gives or takes points.
"""

from __future__ import annotations

from grader.prose.answers import Answer, answer_of, label_of
from grader.prose.judging import Finding, Flag, Reading, Sure, look_for_text, read
from grader.prose.rubric import Idea, Mistake, Rubric
from grader.prose.wording import detail, message, remarks

__all__ = [
    "Answer",
    "Finding",
    "Flag",
    "Idea",
    "Mistake",
    "Reading",
    "Rubric",
    "Sure",
    "answer_of",
    "detail",
    "label_of",
    "look_for_text",
    "message",
    "read",
    "remarks",
]
