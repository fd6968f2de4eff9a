"""How checks stand against how they stood before."""

from __future__ import annotations

from dataclasses import dataclass

from grader.results import CheckResult, Result, Status


@dataclass(frozen=True, kw_only=True)
class Move:
    """A check that stands otherwise than before."""

    check: CheckResult
    was_passing: bool

    @property
    def better(self) -> bool:
        """Whether it passes now."""
        return self.check.status is Status.PASSED


def moves(before: Result | None, now: Result) -> list[Move]:
    """Return the checks that pass now or no longer pass, and those that fail in another way than before."""
    old = {check.id: check for check in before.checks} if before is not None else {}
    found = []
    for check in now.checks:
        stood = old.get(check.id)
        if stood is not None and (stood.status, stood.message) != (check.status, check.message):
            found.append(Move(check=check, was_passing=stood.status is Status.PASSED))
    return found
