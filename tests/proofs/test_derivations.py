"""Whole derivations: each line's verdict, the result, and for the wrong ones the first false line."""

from __future__ import annotations

import pytest
from corpus import codes, derivations, world

from grader.proofs import judge

ALL = derivations()


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.topic}: {case.name}")
def test_every_line_of_a_derivation(case):
    judgement = judge(case.text, world(case.topic))

    assert case.verdicts == codes(judgement), [(line.mark.value, line.text, line.why) for line in judgement.lines]
    assert case.reached == judgement.reached
    if "f" in case.verdicts:
        false = judgement.first_false
        assert false is not None and (false.counter is not None or false.why)
        assert case.hint in false.hint
        assert false.text in judgement.sentence


def test_the_corpus_is_large_and_understood():
    verdicts = [verdict for case in ALL for verdict in case.verdicts]

    assert len(ALL) >= 150
    assert len(verdicts) >= 600
    assert sum(verdict in "un" for verdict in verdicts) < 0.05 * len(verdicts)


PARTS = {
    "softmax": ["softmax"],
    "sum of the softmax": ["softmax-sum"],
    "cross-entropy": ["cross-entropy"],
    "layers": ["mlp"],
    "divergence": ["kl"],
    "chain rule": ["chain"],
    "activations": ["activations"],
    "losses": ["losses"],
    "quantile loss": ["quantile"],
    "focal loss": ["focal"],
    "weighted cross-entropy": ["weighted"],
    "Xavier": ["xavier"],
    "He": ["he"],
    "schedules": ["schedule-step", "schedule-exponential", "schedule-cosine"],
}


@pytest.mark.parametrize("topics", PARTS.values(), ids=PARTS.keys())
def test_every_part_of_a_homework_has_right_and_wrong_derivations(topics):
    own = [case for case in ALL if case.topic in topics]
    reached = [case for case in own if "f" not in case.verdicts and case.reached]

    assert len(reached) >= 3
    assert sum("f" in case.verdicts or "entropy subtracted" in case.name for case in own) >= 5
