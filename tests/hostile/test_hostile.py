"""No attack gains a point, reads a secret, leaves anything behind or harms others, and each gets a clear sentence."""

import pytest
from hostile_attack import HONEST, attempt, themes

THEMES = themes()
ATTACKS = [pytest.param(attack, id=f"{theme}-{attack.name}") for theme, found in THEMES.items() for attack in found]


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_fails(attack, school):
    assert attempt(attack, school).wrongs == ()


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_an_honest_student_after_an_attack_gets_full_points(theme, school):
    attempt(THEMES[theme][-1], school)
    outcome = attempt(HONEST, school)

    assert outcome.wrongs == ()
    assert outcome.result.score == 15


def test_names_are_unique():
    names = [attack.name for found in THEMES.values() for attack in found]

    assert len(set(names)) == len(names)
