"""A reading in words: what its student sees, and the suggestion only staff see."""

from __future__ import annotations

from collections.abc import Iterator

from grader.prose.judging import Finding, Flag, Reading

MAX_QUOTE = 300
FOR_STUDENTS = {
    Flag.EMPTY: "We found no text of yours here.",
    Flag.HANDED_OUT: "We found no text of yours here, only what was handed out.",
    Flag.QUESTION: "Most of what we found here is the question's own text: say it in your own words.",
}


def message(note: str, reading: Reading) -> str:
    """Return the author's note, with what its student can mend."""
    return " ".join([note, *(FOR_STUDENTS[flag] for flag in reading.flags if flag in FOR_STUDENTS)])


def remarks(reading: Reading) -> tuple[str, ...]:
    """Return the ideas that were found, each with its sentence; never those that were not."""
    return tuple(f"In your text we found “{finding.about.name}”: {_quoted(finding)}" for finding in reading.found)


def detail(reading: Reading, points: float) -> str:
    """Return the suggestion with its evidence, for staff."""
    return "\n".join(_detail(reading, points))


def _detail(reading: Reading, points: float) -> Iterator[str]:
    if reading.ideas:
        yield f"Suggestion, not a mark: {reading.suggested(points):g} of {points:g} points."
    yield from (f"Note: {flag}." for flag in reading.flags)
    for finding in reading.ideas:
        quote = f": {_quoted(finding)}" if finding.quote else ""
        yield f"[{finding.sure}] {finding.about.name}{quote}"
    for finding in reading.mistakes:
        because = getattr(finding.about, "because", "")
        yield f"[false statement] {finding.about.name}: {_quoted(finding)}" + (f" ({because})" if because else "")


def _quoted(finding: Finding) -> str:
    quote = finding.quote
    return f"“{quote if len(quote) <= MAX_QUOTE else quote[:MAX_QUOTE] + '…'}”"
