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
