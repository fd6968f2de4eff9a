"""The verdicts of a round beside the cell that asked for them: as HTML in a notebook, as text in a terminal.

The HTML has no script and no style sheet: it inherits the page's font and text colour, and what it adds is legible on
white and on black. Whatever a student's code produced is escaped (see grader.report.text).
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from grader.report import text, words
from grader.report.pictures import in_words
from grader.results import CheckResult, Curves, Derivation, Evidence, Heatmap, LineMark, Status, Table, Text
from grader.selfcheck.live.judging import WHERE

GREEN, RED, AMBER, GREY, VIOLET = "#188a45", "#d4453f", "#b06c10", "#737a85", "#8a5fd0"
MAX_MESSAGE, MAX_EVIDENCE, MAX_ROWS, WIDTH = 1_500, 400, 8, 88

WRONG = words.Word(key="wrong", word="wrong", sign="✗", ascii="x")
NOT_YET = words.Word(key="not_yet", word="not there yet", sign="○", ascii="o")
WORDS = {
    Status.PASSED: (words.Word(key="right", word="right", sign="✓", ascii="+"), GREEN),
    Status.FAILED: (WRONG, RED),
    Status.NOT_ATTEMPTED: (NOT_YET, GREY),
    Status.NOT_REACHED: (NOT_YET, GREY),
    Status.NEEDS_REVIEW: (words.Word(key="review", word="a person decides", sign="…", ascii="?"), AMBER),
    Status.ERROR: (words.Word(key="error", word="our error", sign="!", ascii="!"), VIOLET),
}

PAGE = Markup(
    '<div style="max-width:62em;line-height:1.5;margin:.3em 0;overflow-wrap:anywhere">'
    '<div style="font-weight:600;font-size:1.08em;margin-bottom:.35em">{}</div>{}{}</div>'
)
QUESTION = Markup('<div style="font-weight:600;margin:.9em 0 .2em">{}</div>')
CHECK = Markup(
    '<div style="border-left:3px solid {colour};padding:.05em 0 .05em .75em;margin:{gap} 0">'
    '<div><span style="font-weight:600;white-space:nowrap"><span style="color:{colour}">{sign}</span> {word}</span>'
    "&ensp;{title}"
    '&ensp;<span style="opacity:.75;white-space:nowrap">{points}</span></div>{body}</div>'
)
BLOCK = Markup('<div style="margin:.25em 0;white-space:pre-wrap">{}</div>')
LABELLED = Markup(
    '<div style="margin:.3em 0;white-space:pre-wrap"><span style="font-weight:600">{}</span>&ensp;{}</div>'
)
BOX = Markup(
    '<div style="margin:.4em 0;padding:.35em .7em;border-radius:4px;background:rgba(128,128,128,.14)">'
    '<div><span style="font-weight:600">What probably happened:</span> {}</div>'
    '<div style="white-space:pre-wrap">{}</div></div>'
)
FOLDED = Markup(
    '<details style="margin:.3em 0"><summary style="cursor:pointer;display:list-item">{}</summary>'
    '<div style="margin:.3em 0 .3em 1em">{}</div></details>'
)
CODE = Markup('<span style="font-family:monospace;font-size:.95em;white-space:pre-wrap">{}</span>')
NOTE = Markup('<div style="margin-top:.5em;opacity:.8">{}</div>')
TABLE = Markup(
    '<div style="overflow-x:auto"><table style="border-collapse:collapse;font:inherit;color:inherit">{}</table></div>'
)
ROW = Markup('<tr style="background:none">{}</tr>')
CELL = Markup('<td style="text-align:left;padding:.1em .7em .1em 0;font-size:.95em">{}</td>')


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that was asked for, with what its public checks give and what it is worth in all."""

    id: str
    title: str
    public: float
    total: float


class Shown:
    """What `%grade` displays."""

    def __init__(self, questions: Sequence[Asked], checks: Sequence[CheckResult], notes: Sequence[str] = ()) -> None:
        self._questions, self._checks, self._notes = questions, checks, [*notes, *_left(questions, checks)]

    def _repr_html_(self) -> str:
        parts = [Markup().join(self._part(question)) for question in self._questions]
        return PAGE.format(self._sum(), Markup().join(parts), Markup().join(map(_note, self._notes)))

    def __repr__(self) -> str:
        lines = [self._sum()]
        for question in self._questions:
            if len(self._questions) > 1:
                lines += ["", f"{_sum_of([question], self._of(question))}: {words.inline(question.title)}"]
            for group in _grouped(self._of(question)):
                lines += _lines(group)
        lines += ["", *(_wrapped(words.inline(note), "") for note in self._notes)] if self._notes else []
        return "\n".join(lines)

    def _of(self, question: Asked) -> list[CheckResult]:
        return [check for check in self._checks if check.question == question.id]

    def _sum(self) -> str:
        return _sum_of(self._questions, self._checks)

    def _part(self, question: Asked) -> Iterator[Markup]:
        own = self._of(question)
        if len(self._questions) > 1:
            title = Markup('{} <span style="font-weight:400">{}</span>')
            yield QUESTION.format(title.format(_sum_of([question], own), text.phrase(question.title)))
        yield from map(_group, _grouped(own))


def _sum_of(questions: Sequence[Asked], checks: Sequence[CheckResult]) -> str:
    """Return the first line: "q4: 3 of 5 checks pass, 12 of 20 public points"."""
    name = questions[0].id if len(questions) == 1 else f"{questions[0].id} to {questions[-1].id}"
    if not checks:
        return f"{name}: no check can be made here"
    passed = sum(check.status is Status.PASSED for check in checks)
    verb = "passes" if len(checks) == 1 else "pass"
    score, most = sum(check.score for check in checks), sum(check.max_score for check in checks)
    return (
        f"{name}: {passed} of {words.plural(len(checks), 'check')} {verb}, {words.points(score)} of "
        f"{words.points(most)} public {'point' if words.points(most) == '1' else 'points'}"
    )


def _left(questions: Sequence[Asked], checks: Sequence[CheckResult]) -> list[str]:
    """Say which points nothing here can tell about."""
    left = sum(question.total for question in questions) - sum(check.max_score for check in checks)
    if left <= 0.005:
        return []
    verb = "is" if words.points(left) == "1" else "are"
    return [f"{words.plural(left, 'more point')} {verb} for what is looked at only when the homework is graded."]


def _grouped(checks: Sequence[CheckResult]) -> list[list[CheckResult]]:
    """Return the checks one by one, but those that wait for the same thing together."""
    groups: list[list[CheckResult]] = []
    for check in checks:
        last = groups[-1][0] if groups else None
        waits = word_of(check)[0] is NOT_YET and not check.evidence
        if last is not None and waits and word_of(last)[0] is NOT_YET and last.message == check.message:
            groups[-1].append(check)
        else:
            groups.append([check])
    return groups


def _points(group: Sequence[CheckResult]) -> str:
    score, most = sum(check.score for check in group), sum(check.max_score for check in group)
    return f"{words.points(score)}/{words.points(most)}"


def word_of(check: CheckResult) -> tuple[words.Word, str]:
    """Return how a verdict reads, and its colour."""
    if check.status is Status.FAILED and check.score > 0:
        return words.PARTLY, AMBER
    return WORDS[check.status]


# --- HTML -----------------------------------------------------------------------------------------------------------


def _group(group: Sequence[CheckResult]) -> Markup:
    word, colour = word_of(group[0])
    return CHECK.format(
        colour=colour,
        gap=".1em" if group[0].status is Status.PASSED else ".35em",
        sign=word.sign,
        word=word.word,
        title=Markup("; ").join(text.phrase(check.title) for check in group),
        points=_points(group),
        body=Markup().join(_body(group[0])),
    )


def _body(check: CheckResult) -> Iterator[Markup]:
    if check.status is Status.PASSED:
        return
    if check.message:
        yield BLOCK.format(text.phrase(words.shortened(check.message.strip(), MAX_MESSAGE)))
    if where := _where(check):
        yield BLOCK.format(CODE.format(where))
    if check.diagnosis is not None:
        yield BOX.format(text.phrase(check.diagnosis.title), text.phrase(check.diagnosis.explanation))
    if check.hint:
        yield LABELLED.format("What to try:", text.phrase(check.hint))
    for remark in check.remarks:
        yield LABELLED.format("What we understood:", text.phrase(remark))
    pieces = [shown for piece in check.evidence if (shown := _piece(piece))]
    if pieces:
        yield FOLDED.format(_summary(check.evidence), Markup().join(pieces))


def _summary(evidence: Sequence[Evidence]) -> str:
    titles = [piece.title for piece in evidence if not _is_where(piece)]
    first, *rest = [words.inline(title) for title in titles[:2]]
    named = ", ".join([first, *(title[:1].lower() + title[1:] for title in rest)])
    return f"{named}, and more" if len(titles) > 2 else named


def _piece(piece: Evidence) -> Markup:
    title = f"{words.inline(piece.title)}:"
    if isinstance(piece, Text):
        return Markup() if _is_where(piece) else LABELLED.format(title, CODE.format(_brief(piece.text)))
    if isinstance(piece, Heatmap | Curves):
        return LABELLED.format(title, escape(words.visible(in_words(piece))))
    if isinstance(piece, Table):
        rows = [piece.columns, *piece.rows[:MAX_ROWS]]
        cells = [ROW.format(Markup().join(CELL.format(words.inline(cell)) for cell in row)) for row in rows]
        return LABELLED.format(title, "") + TABLE.format(Markup().join(cells))
    if isinstance(piece, Derivation):
        return LABELLED.format(title, "") + Markup().join(_derived(piece))
    return Markup()


def _derived(piece: Derivation) -> Iterator[Markup]:
    for line in piece.lines:
        if line.mark is not LineMark.MENTION:
            word = words.MARKS[line.mark]
            why = Markup(' <span style="opacity:.8">{}</span>').format(text.phrase(line.why)) if line.why else ""
            yield BLOCK.format(Markup("{} {}&ensp;{}{}").format(word.sign, word.word, text.formula(line.latex), why))


def _note(note: str) -> Markup:
    return NOTE.format(text.phrase(note))


def _brief(value: str) -> str:
    return words.visible(words.shortened(value, MAX_EVIDENCE))


def _is_where(piece: Evidence) -> bool:
    return isinstance(piece, Text) and piece.title == WHERE


def _where(check: CheckResult) -> str:
    """Return the innermost line of the student's own code that an exception came from, on one line."""
    frames = next((piece.text for piece in check.evidence if isinstance(piece, Text) and _is_where(piece)), "")
    lines = frames.splitlines()[-2:]
    return words.inline(": ".join(line.strip() for line in lines)) if lines else ""


# --- text -----------------------------------------------------------------------------------------------------------


def _lines(group: Sequence[CheckResult]) -> Iterator[str]:
    check, (word, _) = group[0], word_of(group[0])
    sign = word.sign if (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf") else word.ascii
    titles = "; ".join(words.inline(each.title) for each in group)
    yield _wrapped(f"{sign} {word.word}: {titles} ({_points(group)})", "  ")
    if check.status is Status.PASSED:
        return
    for label, said in _said(check).items():
        if said:
            yield _wrapped(f"{label}{words.visible(words.shortened(said.strip(), MAX_MESSAGE))}", "      ")


def _said(check: CheckResult) -> Mapping[str, str]:
    diagnosis = check.diagnosis
    said = {
        "": check.message,
        "In your code: ": _where(check),
        "What probably happened: ": f"{diagnosis.title}. {diagnosis.explanation}" if diagnosis is not None else "",
        "What to try: ": check.hint,
        "What we understood: ": "; ".join(check.remarks),
    }
    for piece in check.evidence:
        if isinstance(piece, Text) and not _is_where(piece):
            said[f"{words.inline(piece.title)}: "] = _brief(piece.text)
        elif isinstance(piece, Derivation):
            marked = [line for line in piece.lines if line.mark in (LineMark.FAILS, LineMark.UNCLEAR)]
            shown = [f"{words.MARKS[line.mark].word}: {line.latex}" for line in marked]
            said[f"{words.inline(piece.title)}: "] = "\n".join(shown)
    return said


def _wrapped(line: str, indent: str) -> str:
    lines = [textwrap.wrap(each, WIDTH, subsequent_indent="    ") or [""] for each in line.splitlines()]
    return "\n".join(indent + piece for part in lines for piece in part)
