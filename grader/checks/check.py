"""The `check` fixture: ask the student and the reference, compare, show, score.

How a check ends decides its verdict: it returns (passed), raises `Disagreement` or another AssertionError (failed),
`PartialCredit` (part of the points), `NeedsReview` (a person decides), a StudentError (failed: the student's code
raised) or anything else (error: ours, never the student's zero).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from grader.checks.reference import Reference
from grader.checks.view import NotebookView
from grader.compare import Difference, align, compare_arrays, show
from grader.errors import StudentError
from grader.plots import Figure
from grader.probe import Student
from grader.results import Diagnosis, Evidence, Text

SHAPES = ("column", "row", "batch", "tuple")


class Disagreement(AssertionError):
    """The student's answer is wrong; the message is for the student."""

    def __init__(self, message: str, evidence: Sequence[Evidence] = (), diagnosis: Diagnosis | None = None) -> None:
        super().__init__(message)
        self.message, self.evidence, self.diagnosis = message, tuple(evidence), diagnosis


class PartialCredit(Exception):
    """The check ends with a fraction of its points."""

    def __init__(self, fraction: float, message: str) -> None:
        super().__init__(message)
        if not 0 <= fraction <= 1:
            raise ValueError(f"a fraction of the points lies in 0..1, not {fraction}")
        self.fraction, self.message = fraction, message


class NotAttempted(Exception):
    """The student left what this check needs as it was handed out."""


class NeedsReview(Exception):
    """A person has to decide; the message says about what."""


class Check:
    """One running check: what it asks and what it will show."""

    def __init__(self, student: Student, reference: Reference, view: NotebookView) -> None:
        self.student, self.reference, self._view = student, reference, view
        self.evidence: list[Evidence] = []
        self.remarks: list[str] = []

    def show(self, *evidence: Evidence) -> None:
        """Put evidence into the report, whatever the verdict."""
        self.evidence.extend(evidence)

    def show_figure(self, figure: Figure, title: str = "Your figure") -> None:
        """Put a figure the notebook showed beside the verdict; one that only a call of a check drew cannot be."""
        picture = self._view.picture_of(figure, title)
        if picture is not None and picture not in self.evidence:
            self.show(picture)

    def remark(self, text: str) -> None:
        """Say what was understood on the way, e.g. how the weights are laid out."""
        if text not in self.remarks:
            self.remarks.append(text)

    def score(self, fraction: float, why: str) -> NoReturn:
        """End the check with a fraction of its points."""
        raise PartialCredit(fraction, why)

    def fail(self, message: str, *evidence: Evidence, diagnosis: Diagnosis | None = None) -> NoReturn:
        """End the check as failed."""
        raise Disagreement(message, evidence, diagnosis)

    def same(
        self,
        name: str,
        *args: Any,
        others: Sequence[str] = (),
        orders: Sequence[Sequence[int]] = (),
        of: str | None = None,
        **options: Any,
    ) -> None:
        """Require that the student's `name(*args)` equals the reference's.

        `others` are further names the student may have used, `orders` further orders of the arguments that mean the
        same (as permutations), `of` the reference's own name for the function; options go to `agree`.
        """
        want = getattr(self.reference, of or name)(*args)  # first: what it lacks is our fault
        function = self.student.function(name, *others)
        asked = f"{name}({', '.join(show(value) for value in args)})"
        first: Disagreement | StudentError | None = None
        for order in ((*range(len(args)),), *orders):
            try:
                got = self.student.call(function, *(args[i] for i in order)).value
                self.agree(got, want, asked=asked, explain=(of or name, args), **options)
            except (Disagreement, StudentError) as error:
                first = first or error
            else:
                if first is not None:
                    self.remark(f"the arguments of your `{name}` come in another order")
                return
        if first is not None:
            raise first

    def agree(
        self,
        got: Any,
        want: Any,
        *,
        asked: str,
        explain: tuple[str, tuple[Any, ...]] | None = None,
        accept: Sequence[str] = SHAPES,
        **options: Any,
    ) -> None:
        """Require that an answer equals the wanted array or number.

        `accept` names the shapes that mean the same (see `grader.compare.align`); `explain` is a reference function
        and its arguments, whose wrong variants are tried when the answer differs. Options go to `compare_arrays`.
        """
        if explain is not None:
            self.reference.compared(*explain, options)
        aligned = align(got, np.shape(want), allow=accept)
        difference = compare_arrays(aligned.value, want, **options)
        for remark in aligned.remarks if not isinstance(want, list) or not isinstance(got, list) else ():
            self.remark(remark)
        if difference is None:
            return
        diagnosis = None
        if explain is not None:
            diagnosis = self.reference.explain(*explain, _equals(aligned.value, options))
        self.fail(difference.reason, *_evidence(asked, got, want, difference), diagnosis=diagnosis)


def _equals(got: Any, options: dict[str, Any]) -> Callable[[Any], bool]:
    def matches(answer: Any) -> bool:
        aligned = align(got, np.shape(answer), allow=SHAPES)
        return compare_arrays(aligned.value, answer, **options) is None

    return matches


def _evidence(asked: str, got: Any, want: Any, difference: Difference) -> list[Evidence]:
    return [
        Text(title="What was asked", text=asked),
        Text(title="What came back", text=show(got)),
        Text(title="What was expected", text=show(want), expected=True),
        Text(title="Where they differ", text=difference.detail, expected=True),
        *difference.evidence,
    ]
