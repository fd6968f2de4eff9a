"""The words, signs and figures every report uses, and how text that is not ours becomes safe to show."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from grader.entries import CheckEntry, QuestionEntry
from grader.results import CheckResult, LineMark, QuestionResult, Result, Status

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LOST = (Status.FAILED, Status.NOT_ATTEMPTED, Status.NOT_REACHED)
NEXT_STEPS = 3


@dataclass(frozen=True, kw_only=True)
class Word:
    """A status as people read it: a word, a sign that does not need colour, and the same sign in ASCII."""

    key: str
    word: str
    sign: str
    ascii: str


WORDS = {
    Status.PASSED: Word(key="passed", word="passed", sign="✓", ascii="+"),
    Status.FAILED: Word(key="failed", word="failed", sign="✗", ascii="x"),
    Status.ERROR: Word(key="error", word="our error", sign="!", ascii="!"),
    Status.NOT_REACHED: Word(key="not_reached", word="not reached", sign="–", ascii="-"),
    Status.NOT_ATTEMPTED: Word(key="not_attempted", word="not attempted", sign="○", ascii="o"),
    Status.NEEDS_REVIEW: Word(key="needs_review", word="needs review", sign="…", ascii="?"),
}
MARKS = {
    LineMark.HOLDS: Word(key="holds", word="holds", sign="✓", ascii="+"),
    LineMark.FAILS: Word(key="fails", word="does not hold", sign="✗", ascii="x"),
    LineMark.DEFINITION: Word(key="defines", word="your definition", sign="≔", ascii=":="),
    LineMark.ASSUMES: Word(key="assumes", word="holds under an assumption", sign="✓", ascii="+"),
    LineMark.UNCLEAR: Word(key="unclear", word="not understood", sign="?", ascii="?"),
    LineMark.NOT_READ: Word(key="unread", word="not read", sign="…", ascii="?"),
    LineMark.MENTION: Word(key="mention", word="no claim", sign="·", ascii="."),
}
PARTLY = Word(key="partly", word="partly right", sign="◐", ascii="~")


def word(thing: CheckResult | QuestionResult | CheckEntry | QuestionEntry) -> Word:
    """Return how the status of a check or a question reads; failed with some points is 'partly right'."""
    if thing.status is Status.FAILED and thing.score > 0:
        return PARTLY
    return WORDS[thing.status]


def points(value: float) -> str:
    """Return a number of points with at most two decimals and no trailing zeros."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def plural(value: float, noun: str) -> str:
    """Return '1 point' or '2.5 points'."""
    shown = points(value)
    return f"{shown} {noun}{'' if shown == '1' else 's'}"


def pending(value: float) -> str:
    """Return the sentence on points a person still has to give, or nothing."""
    if not value > 0:
        return ""
    return f"{plural(value, 'point')} {'waits' if points(value) == '1' else 'wait'} for a person"


def seconds(value: float) -> str:
    """Return a time as people say it: 0.04 s, 3.1 s, 2 min 5 s."""
    if value < 1:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A check worth looking at again, its question, and where the report shows it."""

    question: QuestionResult
    check: CheckResult
    anchor: str


def next_steps(result: Result) -> list[Step]:
    """Return the checks that lost most, at most three: wrong answers before open ones, then the dearest first.

    Checks that fail for one reason (the same diagnosis, or one function with several parameters) are one step.
    """
    lost = [
        Step(question=question, check=check, anchor=f"q{i}-c{j}")
        for i, question in enumerate(result.questions, 1)
        for j, check in enumerate(question.checks, 1)
        if loss(check) > 0
    ]
    dearest = sorted(lost, key=lambda step: (step.check.status is not Status.FAILED, -loss(step.check)))
    by_reason: dict[str, Step] = {}
    for step in dearest:
        by_reason.setdefault(_reason(step.check), step)
    return list(by_reason.values())[:NEXT_STEPS]


def _reason(check: CheckResult) -> str:
    return check.diagnosis.name if check.diagnosis is not None else check.id.partition("[")[0]


def loss(check: CheckResult) -> float:
    """Return the points a check lost for good: not those that wait for a person or that are our fault."""
    return check.max_score - check.score if check.status in LOST else 0.0


def unsealed(result: Result) -> bool:
    """Tell whether the notebook ran with no sandbox around it."""
    return result.sandbox == "none" and result.execution.status != "not_run"


def visible(text: str) -> str:
    """Return text without terminal codes, with every character that could hide or reorder others made visible."""
    text = ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if text.isprintable() else "".join(map(_visible, text))


def inline(text: str) -> str:
    """Return visible text on one line."""
    return " ".join(visible(text).split())


def shortened(text: str, limit: int) -> str:
    """Return text of about `limit` characters: a long one loses its middle, and says so."""
    if len(text) <= limit:
        return text
    head, tail = text[: limit * 2 // 3], text[-(limit // 3) :]
    return f"{head}\n… {len(text) - len(head) - len(tail):,} characters left out …\n{tail}"


def _visible(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if character in DIRECTIONS:
        return f"⟨U+{code:04X}⟩"
    return _unprintable(character)


def _unprintable(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cc", "Cs", "Co", "Cn"):
        return "\ufffd"
    return "\n" if kind in ("Zl", "Zp") else character
