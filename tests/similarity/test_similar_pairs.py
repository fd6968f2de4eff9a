"""Pairs of a class: copies are found whatever was done to them, and those who worked alone are not."""

from __future__ import annotations

from itertools import combinations, pairwise

import hands
import numpy as np
import pytest
from hypothesis import given, settings
from notebooks import notebook
from test_similar_prints import CELLS, STATEMENTS

from grader.similarity import code_tokens, fingerprints, grown, handed_out, similar
from grader.similarity.pairs import BOUND, LEAST, MOST_PAIRS

DONE_TO_IT = {
    "nothing": list,
    "comments": hands.commented,
    "names, texts and layout": hands.renamed,
    "the order of cells": lambda cells: cells[::-1],
    "names, and functions moved": lambda cells: hands.moved(hands.renamed(cells)),
    "a cell that is broken": lambda cells: [*hands.renamed(cells), "def oh(no:\n  '''"],
    "all in one cell": lambda cells: ["\n".join(cells)],
}
COPIED = ("alice", "chen", "milo", "ravi")


def prints_of(cells_by_name):
    given = handed_out(hands.master())
    return {name: fingerprints(node, given) for name, node in hands.notebooks(cells_by_name).items()}


@pytest.fixture(scope="module")
def students():
    """Return the fingerprints of those who worked alone."""
    return prints_of(hands.independent())


def names(pairs):
    return [(pair.first, pair.second) for pair in pairs]


def test_those_who_worked_alone_are_not_paired(students):
    assert 15 <= len(students)
    assert [] == names(similar(students))


@pytest.mark.parametrize("change", DONE_TO_IT.values(), ids=DONE_TO_IT)
@pytest.mark.parametrize("victim", COPIED)
def test_a_copy_is_found(students, victim, change):
    copy = prints_of({"zz": change(hands.independent()[victim])})

    pairs = similar({**students, **copy})

    assert [(victim, "zz")] == names(pairs)
    assert pairs[0].share > 0.8


def test_who_copied_half_is_found_and_the_other_share_is_smaller(students):
    cells = hands.independent()
    half = [*cells["milo"][:4], *hands.renamed(cells["alice"][6:])]

    pair = similar({**students, **prints_of({"zz": half})})[0]

    assert ("alice", "zz") == (pair.first, pair.second)
    assert max(pair.first_share, pair.second_share) == pair.share


def test_all_pairs_of_a_ring_are_found(students):
    cells = hands.independent()["chen"]
    ring = {f"z{number}": hands.moved(hands.renamed(cells, f"n{number}"), number) for number in range(5)}

    found = names(similar({**students, **prints_of(ring)}))

    assert set(combinations(["chen", *ring], 2)) == set(found)


def test_what_the_whole_class_has_from_the_lecture_pairs_nobody():
    lecture = "\n".join(STATEMENTS[:6])
    alone = [f"def own{i}(a):\n    return " + long_sum(i) for i in range(40)]

    assert [] == similar({f"s{i}": fingerprints(notebook(lecture, own)) for i, own in enumerate(alone)})


def long_sum(seed):
    parts = ("a +", "(a) *", "a[0] -", "a.b /", "-a +", "a or", "a @")
    return " ".join(np.random.default_rng(seed).choice(parts, 60)) + " a"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_class_of_nobody_with_code_has_no_pairs(count):
    assert [] == similar({str(number): fingerprints(notebook()) for number in range(count)})


def test_little_in_common_is_no_hint():
    few = "\n".join(STATEMENTS[:2])

    assert 0 < len(fingerprints(notebook(few))) < LEAST
    assert [] == similar({"a": fingerprints(notebook(few)), "b": fingerprints(notebook(few))})


@given(CELLS)
@settings(max_examples=40)
def test_a_notebook_is_like_itself(cells):
    prints = fingerprints(notebook(*cells))
    pairs = similar({"a": prints, "b": fingerprints(notebook(*hands.renamed(cells)))})

    if len(set(prints.hashes.tolist())) >= LEAST:
        assert [("a", "b", 1.0, 1.0)] == [(p.first, p.second, p.first_share, p.second_share) for p in pairs]
    else:
        assert [] == pairs


def test_the_order_given_does_not_matter_and_progress_is_told(students):
    copies = prints_of({f"zz-{name}": hands.renamed(hands.independent()[name]) for name in COPIED})
    everybody = {**students, **copies}
    told = []

    pairs = similar(everybody, lambda done, total: told.append((done, total)))

    assert similar(dict(reversed(everybody.items()))) == pairs
    assert len(COPIED) == len(pairs)
    assert [pair.share for pair in pairs] == sorted((pair.share for pair in pairs), reverse=True)
    assert [(done, len(everybody)) for done in range(1, len(everybody) + 1)] == told


def test_so_many_pairs_are_kept_and_no_more():
    groups = {
        f"{group}-{member}": fingerprints(notebook("x = " + long_sum(group)))
        for group in range(25)
        for member in range(10)
    }

    pairs = similar(groups)

    assert MOST_PAIRS == len(pairs) < 25 * 45
    assert all(pair.share >= BOUND for pair in pairs)


def test_stretches_are_the_same_code_on_both_sides(students):
    cells = {"alice": hands.independent()["alice"], "zz": hands.moved(hands.renamed(hands.independent()["alice"]))}
    nodes = hands.notebooks(cells)
    (pair,) = similar({**students, **prints_of(cells)})
    tokens = {name: code_tokens(node) for name, node in nodes.items()}

    stretches = grown(pair.stretches, tokens["alice"], tokens["zz"])

    assert len(stretches) > 5
    for stretch in stretches:
        assert kinds_at(tokens["alice"], stretch.first) == kinds_at(tokens["zz"], stretch.second)
    by_cell = sorted((s.first.cell, s.first.start, s.first.end) for s in stretches)
    assert all(one[0] != two[0] or one[2] <= two[1] for one, two in pairwise(by_cell))


def kinds_at(cells, place):
    return [token.kind for token in cells[place.cell] if place.start <= token.start and token.end <= place.end]
