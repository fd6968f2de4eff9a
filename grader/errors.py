"""Every exception the harness raises on purpose, rooted by who must act.

* GraderError
  x UsageError         whoever typed the command: a path, a name or a number is wrong
    + OutputError      the output folder cannot be written
    + GradebookError   the gradebook cannot be opened, read or written
    + MissingExtra     a package is not installed that this work needs; the message says how to install it
  x AssignmentError    the author: the assignment's folder, its TOML or its checks are broken
    + UnknownAssignment  no assignment of that name, or none that fits the notebook
  x SubmissionError    the student: this file cannot be graded as it is
    + StudentError     the student's own code failed while a check used it
      + NotDefined     the name is not in the notebook
      + CallTimedOut   the call had to be stopped
        + TimeSpent    calls before used up the time for all checks
    + KernelDied       the student's kernel ended
  x HarnessError       us: never the student's zero
    + NotRecorded    a check asks for what a bundle does not have
    + SandboxUnavailable  this machine cannot seal a kernel; the message says what to do

Exceptions take one argument, so that they cross process borders; richer ones are built by classmethods or
carry plain attributes set after construction.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GraderError(Exception):
    """Root of the tree; `exit_code` is what the command ends with."""

    exit_code = 1


class UsageError(GraderError):
    """The command line asks for something that is not there or not possible."""

    exit_code = 2


class OutputError(UsageError):
    """A result could not be written; nothing half-written is left."""


class GradebookError(UsageError):
    """A gradebook cannot be used; the message names it, the reason and the way out. What was in it is untouched."""


class MissingExtra(UsageError):
    """A package is missing that only some work needs; the message names the extra of ours that brings it."""


class AssignmentError(GraderError):
    """An assignment is broken; the message names file, place and reason."""

    exit_code = 2


class UnknownAssignment(AssignmentError):
    """No assignment fits."""

    @classmethod
    def among(cls, name: str, known: Iterable[str]) -> UnknownAssignment:
        """Name the assignments there are, the nearest one first."""
        names = sorted(known)
        listed = ", ".join(names) or "none found"
        return cls(f"No assignment called {name!r}.{did_you_mean(name, names)} There are: {listed}.")


class SubmissionError(GraderError):
    """A submission cannot be graded; the message is written for its student."""


class StudentError(SubmissionError):
    """The student's code raised, or is not there, when a check asked for it; `traceback` has the notebook's lines."""

    traceback: str = ""


class NotDefined(StudentError):
    """A name a check needs does not exist in the notebook; `name` is which."""

    name: str = ""


class CallTimedOut(StudentError):
    """A call into the notebook took longer than its limit and was stopped."""


class TimeSpent(CallTimedOut):
    """The time for all calls of all checks is used up: this call was not even made."""


class KernelDied(SubmissionError):
    """The kernel is gone: the process ended or had to be killed."""


class HarnessError(GraderError):
    """Our own fault, or the machine's."""


class NotRecorded(HarnessError):
    """A check asks for what a released bundle does not have: an answer, hidden rows, a trained model."""


class SandboxUnavailable(HarnessError):
    """A kernel cannot be sealed here; the message says why and what to do about it."""

    exit_code = 2


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known name, or an empty string."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def reason_of(error: Exception) -> str:
    """Return an exception as a sentence for whoever runs the grader."""
    if isinstance(error, GraderError):
        return str(error)
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    return f"A fault of the grader, not of the submission: {what}"
