"""Asking the student's kernel: values go in, values come out, and nothing that comes out is trusted."""

from grader.probe.student import Asks, Call, Code, Handle, Missing, Place, Student, is_handle, parameters_of
from grader.probe.things import Thing

__all__ = [
    "Asks",
    "Call",
    "Code",
    "Handle",
    "Missing",
    "Place",
    "Student",
    "Thing",
    "is_handle",
    "parameters_of",
]
