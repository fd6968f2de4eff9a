"""The history of a student: every attempt, what it changed, and what people changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.entries import CheckEntry, Entry
from grader.gradebook.changes import Change, Judgements
from grader.gradebook.reading import Graded


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A check that came to something else than in the attempt before; None where it was not there."""

    check: str
    before: CheckEntry | None
    after: CheckEntry | None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One grading; `entry` is what the grader said, `changes` what people said about it later."""

    entry: Entry
    graded_at: datetime
    first_seen: datetime  # of the notebook
    grader: str  # its version
    same_notebook: bool  # as in the attempt before
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]


def told(found: Sequence[Graded], judgements: Judgements) -> list[Attempt]:
    """Return attempts of a student, each beside the one before it in the same assignment."""
    before: dict[int, Entry] = {}
    attempts = []
    for graded in found:
        previous = before.get(graded.assignment_id)
        before[graded.assignment_id] = graded.entry
        changes = (judged.change for judged in judgements.of(graded) if judged.attempt == graded.number)
        attempts.append(
            Attempt(
                entry=graded.entry,
                graded_at=graded.graded_at,
                first_seen=graded.first_seen,
                grader=graded.grader,
                same_notebook=previous is not None and previous.digest == graded.entry.digest,
                differences=() if previous is None else tuple(_differences(previous, graded.entry)),
                changes=tuple(changes),
            )
        )
    return attempts


def _differences(before: Entry, after: Entry) -> list[Difference]:
    old, new = ({check.id: check for check in entry.checks} for entry in (before, after))
    return [
        Difference(check=name, before=old.get(name), after=new.get(name))
        for name in dict.fromkeys([*new, *old])
        if _verdict(old.get(name)) != _verdict(new.get(name))
    ]


def _verdict(check: CheckEntry | None) -> tuple[object, ...] | None:
    return None if check is None else (check.status, check.score, check.max_score, check.diagnosis)
