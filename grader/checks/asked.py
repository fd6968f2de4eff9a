"""What checks asked the reference and what came back, as plain data (see `grader.checks.plain`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """What came back; `error` is what the reference failed with instead, "" where it did not."""

    value: Any = None
    error: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Wrong:
    """What one misconception answers to the same question; never what it is called."""

    title: str
    explanation: str
    value: Any


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """One call of a function; `answer` is None where only an explanation was asked for."""

    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    answer: Answer | None = None
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """All that one check asked: calls in their order, and the values of names that are no functions."""

    questions: tuple[Question, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
