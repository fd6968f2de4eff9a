"""What can be found wrong with an assignment without running anything: points, texts, names, files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from grader.assignment import FILE, Assignment, Question
from grader.authoring.collecting import Written
from grader.authoring.finding import Finding, Findings, Level, line_with
from grader.errors import did_you_mean
from grader.exports.cells import number
from grader.notebook import defined_names

FULL = 100
ENOUGH = 1e-6
FATAL = ("points", "unknown-question", "empty-question")  # with these nothing can be graded

Checks = tuple[Written, ...]


def points(assignment: Assignment, checks: Checks) -> Findings:
    """Find questions whose points are not those of their checks and reviews; say when the total is not 100."""
    file = assignment.folder / FILE
    for question in assignment.questions:
        own = sum(check.points for check in checks if check.question == question.id)
        reviews = sum(review.points for review in question.reviews)
        if own + reviews and abs(own + reviews - question.points) > ENOUGH:
            yield Finding(
                rule="points",
                file=file,
                line=_line_of(question, file),
                what=f"{question.id} is worth {number(question.points)} points, but its checks ({number(own)}) and "
                f"reviews ({number(reviews)}) add up to {number(own + reviews)}.",
                remedy=f"Set `points = {number(own + reviews)}`, or change the points of the checks.",
            )
    total = sum(question.points for question in assignment.questions)
    if abs(total - FULL) > ENOUGH:
        yield Finding(
            rule="total",
            level=Level.NOTE,
            file=file,
            what=f"The questions are worth {number(total)} points together, not {FULL}.",
            remedy="Nothing, if that is meant.",
        )


def questions(assignment: Assignment, checks: Checks) -> Findings:
    """Find checks of unknown questions, and questions that nothing and nobody marks."""
    ids = [question.id for question in assignment.questions]
    for check in _first_of_each(checks):
        if check.question not in ids:
            yield Finding(
                rule="unknown-question",
                file=check.file,
                line=check.line,
                what=f"{check.function} belongs to {check.question!r}, which is no question.",
                remedy=f"There are {', '.join(ids)}.{did_you_mean(check.question, ids)}",
            )
    for question in assignment.questions:
        if not question.reviews and all(check.question != question.id for check in checks):
            yield Finding(
                rule="empty-question",
                file=assignment.folder / FILE,
                line=_line_of(question, assignment.folder / FILE),
                what=f"{question.id} has no check and no review: nobody can get its points.",
                remedy=f'Write a check with @pytest.mark.check("{question.id}", …), or add a [[questions.reviews]].',
            )


def texts(assignment: Assignment, checks: Checks) -> Findings:
    """Find checks that do not say what they look at, or what to think about when they fail."""
    for check in _first_of_each(checks):
        if not check.docstring:
            yield Finding(
                rule="no-docstring",
                file=check.file,
                line=check.line,
                what=f"{check.function} has no docstring: students read the function's name instead.",
                remedy="Write one line that says what is right when the check passes.",
            )
        if not check.hint.strip():
            yield Finding(
                rule="no-hint",
                file=check.file,
                line=check.line,
                what=f"{check.function} has no hint: whoever fails it hears what is wrong, but not where to go on.",
                remedy="Add hint=… to its mark: what to think about, not the answer.",
            )


def titles(assignment: Assignment, checks: Checks) -> Findings:
    """Find checks that a student cannot tell apart in the report."""
    counts = Counter((check.question, check.title) for check in checks)
    for check in checks:
        if counts[check.question, check.title] > 1:
            twin = next(o for o in checks if o.title == check.title and o.question == check.question and o != check)
            yield Finding(
                rule="same-title",
                file=check.file,
                line=check.line,
                what=f"{check.id} is called {check.title!r} in the report, and so is {twin.id}.",
                remedy="Let the docstrings say what differs.",
            )


def names(assignment: Assignment, checks: Checks) -> Findings:
    """Find names that checks need and the master notebook neither defines nor mentions."""
    defined = defined_names(assignment.master)
    said = "\n".join(cell.source for cell in assignment.master.cells)
    for check in _first_of_each(checks):
        for name in check.needs:
            if name not in defined and not re.search(rf"\b{re.escape(name)}\b", said):
                yield Finding(
                    rule="not-in-master",
                    file=check.file,
                    line=check.line,
                    what=f"{check.function} needs `{name}`, which {assignment.notebook} neither defines nor mentions.",
                    remedy=f"Give the notebook a stub, `def {name}(…): ...` or `{name} = ...  # your code`."
                    f"{did_you_mean(name, defined)}",
                )


def files(assignment: Assignment, checks: Checks) -> Findings:
    """Find files that are copied beside the notebook and that it never names."""
    said = "\n".join(cell.source for cell in assignment.master.cells)
    for name in assignment.files:
        if Path(name).name not in said:
            yield Finding(
                rule="unused-file",
                file=assignment.folder / FILE,
                line=line_with(assignment.folder / FILE, name),
                what=f"`files`: {Path(name).name!r} is copied beside the notebook, which never names it.",
                remedy=f"Take it out of `files`, or let {assignment.notebook} say what it is for.",
            )


RULES = (points, questions, texts, titles, names, files)


def _first_of_each(checks: Checks) -> Iterator[Written]:
    """Yield each check function once, whatever its parameters."""
    found: dict[tuple[Path, str], Written] = {}
    for check in checks:
        found.setdefault((check.file, check.function), check)
    yield from found.values()


def _line_of(question: Question, file: Path) -> int | None:
    return line_with(file, f'id = "{question.id}"')
