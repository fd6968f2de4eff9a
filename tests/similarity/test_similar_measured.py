"""The figures of docs/similarity.md, on one class of those they were found with and with some room."""

from __future__ import annotations

import pytest
from classes import WHOLE, found_in, made


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_copies_are_found_among_those_who_worked_alone(seed):
    everybody, planted = made(40, seed)

    found = {(pair.first, pair.second) for pair in found_in(everybody)}

    whole = {names for names, kind in planted.items() if kind in WHOLE or kind == "a ring of six"}
    half = {names for names, kind in planted.items() if kind.startswith("half")}
    assert 23 == len(whole)
    assert whole <= found
    assert found & half
    assert len(found - set(planted)) <= 2
