"""A submission in two or three plain sentences, for the comment beside a grade."""

from __future__ import annotations

from grader.entries import Entry
from grader.exports.cells import number, text
from grader.results import Status

START = "Points: "  # by which a comment of ours is recognised
MISTAKES = 3
ROOM = 600
PLAIN = str.maketrans({"<": "‹", ">": "›"})  # Moodle reads comments as HTML


def comment(entry: Entry) -> str:
    """Return the points per question, the dearest mistakes that have a name, and what late days cost."""
    if not entry.graded:
        return text(f"{START}none yet, since this notebook could not be graded.")
    parts = [
        f"{question.id.upper()} {number(question.score)} of {number(question.max_score)}"
        for question in entry.questions
    ]
    sentences = [START + (", ".join(parts) or f"{number(entry.score)} of {number(entry.max_score)}") + "."]
    if entry.pending > 0:
        sentences.append(f"A person still decides on {number(entry.pending)}.")
    if named := _mistakes(entry):
        sentences.append(f"Look at: {'; '.join(named)}.")
    if entry.penalty > 0:
        days = f"{entry.late_days} day{'' if entry.late_days == 1 else 's'}"
        sentences.append(f"{days} late: {number(entry.penalty)} off.")
    whole = " ".join(sentences).translate(PLAIN)
    return text(whole if len(whole) <= ROOM else f"{whole[: ROOM - 1].rstrip()}…")


def is_ours(comment: str) -> bool:
    """Tell whether a comment may be written over: it is empty, or one of these."""
    return not comment.strip() or comment.startswith(START)


def _mistakes(entry: Entry) -> list[str]:
    lost: dict[str, float] = {}
    for check in entry.checks:
        if check.diagnosis_title and check.status is Status.FAILED:
            lost[check.diagnosis_title] = lost.get(check.diagnosis_title, 0) + check.max_score - check.score
    return sorted(lost, key=lambda title: -lost[title])[:MISTAKES]
