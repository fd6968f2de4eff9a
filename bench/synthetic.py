"""A class of ten thousand of which all is known: its cache is made up, then `grade` is asked for the class page.

Results are made from one real one of `backprop`, with its figures and its evidence, and other verdicts for everybody.
Notebooks are stubs, all different. Reports are there already, so what is timed is the second run of a class: finding
the notebooks, their fingerprints, what is kept of each, the gradebook and the class page.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from classes import ROOT, SAMPLE
from watching import watch

NAME = "backprop"


def measure(n: int) -> dict[str, Any]:
    """Return seconds and memory of the command, and the sizes of what it read and wrote."""
    with tempfile.TemporaryDirectory() as home:
        place = Path(home)
        os.environ["GRADE_CACHE"] = str(place / "cache")
        began = time.perf_counter()
        made = _make(n, place)
        made_s = time.perf_counter() - began
        command = [sys.executable, "-m", "grader", "submissions", "--assignment", NAME, "--out", "results", "--quiet"]
        options = ["--assignments", str(ROOT / "assignments")]
        found = watch([*command, *options], place, {**os.environ, "PYTHONPATH": str(ROOT)})
        page = place / "results" / "index.html"
        if found.code or not page.exists():
            raise SystemExit(f"grade left with exit code {found.code}:\n{found.said}")
        return {
            "submissions": n,
            "making_them_s": made_s,
            "command_s": found.seconds,
            "processor_s": found.total_s,
            "highest_mb": found.highest.get("all", 0.0),
            "page_bytes": page.stat().st_size,
            "gradebook_bytes": (place / "results" / "gradebook.csv").stat().st_size,
            "result_bytes": made,
        }


def _make(n: int, place: Path) -> int:
    """Write notebooks, kept results and reports; return the bytes of one result."""
    from grader.assignment import find
    from grader.batch.outcomes import graded, names_of
    from grader.batch.prints import Prints, digest_of
    from grader.batch.reuse import keep
    from grader.cache import Cache
    from grader.config import GradeOptions
    from grader.grading import grade
    from grader.results import Audience
    from grader.submissions import find_notebooks, named

    assignment = find(ROOT / "assignments", name=NAME)
    real = grade(SAMPLE, assignment, GradeOptions())
    prints, cache = Prints.of(assignment, GradeOptions()), Cache.of_user()
    results = place / "results"
    results.mkdir()
    (place / "submissions").mkdir()
    for number in range(n):
        (place / "submissions" / f"s{number:05}.ipynb").write_text(STUB % number)
    for number, submission in enumerate(named(find_notebooks([place / "submissions"], lambda _: None))):
        digest = digest_of(submission)
        chance = random.Random(number)  # noqa: S311 - nothing secret
        outcome = graded(submission, varied(real, chance), digest=digest)
        assert outcome.entry is not None and outcome.result is not None
        keep(cache, prints, outcome.entry, outcome.result)
        stamp = prints.of_report(digest, Audience.INSTRUCTOR, names_of(submission))
        (results / f"{submission.name}.json").write_text("{}")
        (results / f"{submission.name}.html").write_text(f"<!-- {stamp} -->\n")
    return len(real.model_dump_json())


def varied(real: Any, chance: random.Random) -> Any:
    """Return a result with other verdicts: everybody gets everything right with a probability of their own."""
    from grader.results import Diagnosis, Status, question_status

    able, questions = chance.betavariate(4, 2), []
    for question in real.questions:
        checks = []
        for check in question.checks:
            if check.status is Status.PASSED and chance.random() > able:
                slip = Diagnosis(name=f"slip-{chance.randrange(4)}", title="A slip many make", explanation="")
                check = check.model_copy(update={"status": Status.FAILED, "score": 0.0, "diagnosis": slip})
            checks.append(check)
        score = sum(check.score for check in checks)
        status = question_status(checks)
        questions.append(question.model_copy(update={"checks": tuple(checks), "score": score, "status": status}))
    total = sum(question.score for question in questions)
    return real.model_copy(update={"questions": tuple(questions), "score": total})


STUB = """{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {}, "outputs": [],
"source": "number = %d"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
"""
