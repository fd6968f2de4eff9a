"""Question 5e: what three schedules do, derived from their formulas."""

import pytest

WORLDS = {
    "step-decay": "a(t + s) = γ a(t)",
    "exponential-decay": "b′(t) = −k b(t)",
    "cosine-annealing": "the slope of cosine annealing",
}


@pytest.mark.check(
    "q5", points=0.75, hint="One step per line: a line that is right counts, also when the next is wrong."
)
@pytest.mark.parametrize("schedule", WORLDS)
def test_derivation_of_a_schedule(proof, schedule):
    """The derivation of what the schedule does holds line by line"""
    others = tuple(other for other in WORLDS if other != schedule)
    proof(schedule, part="e", beside=others, title=f"Your derivation of {WORLDS[schedule]}, line by line")
