"""What students get: `release` makes a bundle of an assignment, `prove` shows that it works and gives nothing away."""

from grader.release.making import Released, release
from grader.release.proving import prove

__all__ = ["Released", "prove", "release"]
