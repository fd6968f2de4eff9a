"""For authors: `make` an assignment that grades at once, and `lint` one before it meets students."""

from grader.authoring.finding import Finding, Level
from grader.authoring.lint import lint
from grader.authoring.making import make
from grader.authoring.samples import Sample, expected_of, summary

__all__ = ["Finding", "Level", "Sample", "expected_of", "lint", "make", "summary"]
