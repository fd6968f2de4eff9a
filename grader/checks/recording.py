"""The reference in the mode *record*: it answers as ever, and keeps what checks asked and what was right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, NoReturn

from grader.assignment import Assignment
from grader.checks.asked import Answer, Asked, Question, Wrong
from grader.checks.plain import NotPlain, nearest, outline, size, whole
from grader.checks.record import WAY_OUT, Record
from grader.checks.reference import Live, guarded
from grader.errors import AssignmentError, HarnessError
from grader.results import Diagnosis

UNASKED = 1000  # numbers: of larger answers, the wrong ones are kept where the check says that it compares
PLAIN = "A bundle can keep only numbers, texts, lists, tuples, dictionaries and arrays"


class Recording(Live):
    """The reference of an assignment; what a check asks has to be plain data, else AssignmentError names the check."""

    offline: ClassVar[bool] = True

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(assignment.solution, assignment.variants)
        self._check = ""
        self._questions: dict[str, list[Question]] = {}
        self._values: dict[str, dict[str, Any]] = {}

    @property
    def record(self) -> Record:
        """What was asked so far."""
        names = dict.fromkeys([*self._questions, *self._values])
        return Record(
            {
                name: Asked(questions=tuple(self._questions.get(name, ())), values=self._values.get(name, {}))
                for name in names
            }
        )

    def begin(self, check: str) -> None:
        """Keep under this id what is asked from now on."""
        self._check = check

    def explain(self, name: str, args: tuple[Any, ...], matches: Callable[[Any], bool]) -> Diagnosis | None:
        """Explain as ever, and keep what each variant answers."""
        self.compared(name, args, {})
        return super().explain(name, args, matches)

    def compared(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        """Keep what each variant answers: whoever is wrong will want to know. What is no data is not explained."""
        asked = self._questions.get(self._check, ())
        there = [each.args for each in asked if each.function == name and each.wrong]
        try:
            if name in self._variants and nearest(outline(args), there) is None:
                self._keep(Question(function=name, args=outline(args), wrong=self._wrong(name, args)))
        except NotPlain:
            return

    def variants(self, name: str) -> NoReturn:
        """Refuse: a bundle has no solution, right or wrong, only answers."""
        self.withhold(f"the wrong variants of `{name}` as functions")

    def withhold(self, what: str) -> NoReturn:
        """Tell the author that the check asks for what no bundle has."""
        raise AssignmentError(f"asks for {what}, which no bundle has. Put offline=False into its marker.")

    def _named(self, name: str) -> Any:
        value = super()._named(name)
        if callable(value):
            return self._recorded(name, value)
        self._values.setdefault(self._check, {})[name] = self._plain(value, f"the value of `{name}`")
        return value

    def _recorded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            inputs = self._plain((args, kwargs), f"an argument of the reference's `{name}`", outline)
            asked = Question(function=name, args=inputs[0], kwargs=inputs[1])
            try:
                value = function(*args, **kwargs)
            except HarnessError as error:
                self._keep(replace(asked, answer=Answer(error=str(error))))
                raise
            answer = Answer(value=self._plain(value, f"what the reference's `{name}` answers"))
            unasked = not kwargs and size(answer.value) <= UNASKED  # explanations are asked for without keywords
            self._keep(replace(asked, answer=answer, wrong=self._wrong(name, args) if unasked else ()))
            return value

        return call

    def _keep(self, question: Question) -> None:
        self._questions.setdefault(self._check, []).append(question)

    def _wrong(self, name: str, args: tuple[Any, ...]) -> tuple[Wrong, ...]:
        """Return what those variants of a function answer that do, with data; what they are called stays here."""
        found = []
        for variant in self._variants.get(name, ()):
            try:
                value = whole(guarded(name, variant.function)(*args))
            except (HarnessError, NotPlain):
                continue
            found.append(Wrong(title=variant.title, explanation=variant.explanation, value=value))
        return tuple(found)

    def _plain(self, value: Any, what: str, form: Callable[[Any], Any] = whole) -> Any:
        try:
            return form(value)
        except NotPlain as error:
            raise AssignmentError(f"{what} is of type {error}. {PLAIN}. {WAY_OUT}.") from error
