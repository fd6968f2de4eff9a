"""One piece of a true line changed: the line fails, or survivors.md says why it is still true."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from corpus import HERE, derivations, world
from mutations import mutants
from notebooks import part_of

from grader.proofs import Mark, lines
from grader.proofs.claims import Checker
from grader.proofs.lines import Session, _Where
from grader.proofs.prose import Context, contexts
from grader.proofs.showing import show
from grader.proofs.spelling import tokenize
from grader.proofs.splitting import split

EXPLAINED = {
    line.split("|")[2].strip()
    for line in (HERE / "survivors.md").read_text(encoding="utf-8").splitlines()
    if line[:1] == "|"
}


def survivors(topic: str):
    """Yield (kind, line with the mutant) for every mutant of a topic; the line is None where it was caught."""
    seen = set()
    for case in derivations():
        if case.topic != topic or "f" in case.verdicts:
            continue
        session, place = _session(case)
        for step in list(session.steps):
            claim = step.claim
            if claim is None or step.line.mark is not Mark.HOLDS or claim.sign != "=":
                continue
            for kind, mutant in mutants(claim.right, session.names, tuple(claim.ranges)):
                key = (claim.left, mutant, claim.conditions, claim.domains)
                if key not in seen:
                    seen.add(key)
                    yield kind, _survivor(session, place, claim, mutant)


def _session(case):
    given = world(case.topic)
    names = given.names()
    session = Session(given, names, Checker(names, given.seed, time.thread_time() + 600))
    segments = split(case.text)
    for segment, context in zip(segments, contexts(segments), strict=True):
        session.segment(segment, context)
    return session, segments[0]


def _survivor(session, place, claim, mutant):
    left, right = (
        session.side(tokenize(show(side, session.names), session.names.words)) for side in (claim.left, mutant)
    )
    step = session._relation(_Where(place, Context(), claim.conditions, claim.domains, ()), left, "=", right)
    accepted = step.line.mark in (Mark.HOLDS, Mark.ASSUMES) and not step.line.unsaid and not step.line.remarks
    return step.line.read_as.replace("|", "¦") if accepted else None


@pytest.mark.slow
@pytest.mark.parametrize("topic", part_of(sorted({case.topic for case in derivations()})))
def test_mutants_are_caught_or_explained(topic, monkeypatch):
    monkeypatch.setattr(lines, "hint", lambda *_: "")
    found = list(survivors(topic))

    assert len(found) > 50, Counter(kind for kind, _ in found)
    assert {line for _, line in found if line} <= EXPLAINED
