"""What the judge hands back: frozen records, in words for the student."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Mark(enum.Enum):
    """What a line, or a formula without a claim, came to."""

    HOLDS = "holds"
    FAILS = "fails"
    DEFINITION = "your definition"
    ASSUMES = "holds under an assumption"
    UNCLEAR = "not understood"
    NOT_READ = "not read"
    MENTION = "no claim"


VALID = (Mark.HOLDS, Mark.ASSUMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Where a line is false: index values, sampled values and both sides, to a few digits."""

    indices: tuple[tuple[str, int], ...]
    values: tuple[tuple[str, str], ...]
    left: str
    right: str

    def sentence(self) -> str:
        """Say it in one sentence."""
        where = ", ".join([f"{letter} = {place}" for letter, place in self.indices])
        given = ", ".join(f"{name if name.isalpha() else f'${name}$'} = {value}" for name, value in self.values)
        place = f" for {where}" if where else ""
        sample = f", at {given}" if given else ""
        return f"the left side is {self.left} and the right side {self.right}{place}{sample}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One claim: where it stands, how it was read, and what it came to."""

    segment: int
    line: int
    text: str
    mark: Mark
    read_as: str = ""
    why: str = ""
    hint: str = ""
    counter: Counter | None = None
    assumption: str = ""
    unsaid: bool = False
    condition: str = ""
    remarks: tuple[str, ...] = ()
    trivial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A waypoint, and whether the derivation passed it."""

    name: str
    found: bool
    segment: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict of a derivation."""

    lines: tuple[Line, ...]
    segments: int
    reached: bool
    first_false: Line | None
    waypoints: tuple[Passed, ...]
    points: float
    review: tuple[str, ...]
    sentence: str

    def count(self, mark: Mark) -> int:
        """Return how many lines came to this."""
        return sum(line.mark is mark for line in self.lines)
