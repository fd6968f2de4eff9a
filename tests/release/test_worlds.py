"""The worlds of derivations in a bundle: enough to judge a line, and no step or result."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.proofs import World, judge
from grader.release.tables import toml
from grader.release.worlds import RESULT_NOTE, STEPS_NOTE, bare_world, shown, states

WORLDS = sorted((Path(__file__).parents[2] / "assignments").glob("*/proofs/*.toml"))
SOFTMAX = next(path for path in WORLDS if path.match("backprop/proofs/softmax.toml")).read_text(encoding="utf-8")
HE = next(path for path in WORLDS if path.match("dl-foundations/proofs/he.toml")).read_text(encoding="utf-8")
STATED = r"Show that $\frac{\partial y_i}{\partial z_j}\;=\; y_i\,(\delta_{ij} - y_j)$."


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_world_is_one_without_its_solution(path):
    written = path.read_text(encoding="utf-8")
    text, notes = bare_world(written, "")
    world = World.model_validate(tomllib.loads(text))

    assert (world.target, world.waypoints, world.target_also) == ("", (), ())
    assert not any(formula in text for formula in shown(tomllib.loads(written)) if len(formula) > 20)
    assert STEPS_NOTE in notes or not tomllib.loads(written).get("waypoints")


def test_a_result_that_the_notebook_states_stays():
    text, notes = bare_world(SOFTMAX, STATED)

    assert tomllib.loads(text)["target"] == tomllib.loads(SOFTMAX)["target"]
    assert notes == (STEPS_NOTE,)
    assert bare_world(SOFTMAX, "Derive it.")[1] == (STEPS_NOTE, RESULT_NOTE)


def test_a_line_is_judged_as_ever():
    bare = World.model_validate(tomllib.loads(bare_world(SOFTMAX, "")[0]))
    right = judge(r"$\frac{\partial y_i}{\partial z_j} = y_i (\delta_{ij} - y_j)$", bare)
    wrong = judge(r"$\frac{\partial y_i}{\partial z_j} = y_i (1 - y_j)$", bare)

    assert right.first_false is None
    assert wrong.first_false is not None


@pytest.mark.parametrize(
    ("said", "there"),
    [
        (r"$f = p - y$", True),
        (r"$f\;=\;p\,-\,{y}$", True),
        (r"\left(p - y\right)", False),
        ("p - y", False),
        (r"$f &= p - y \\\\ g &= 2$", True),
        (r"$f = p - y, \qquad g = 2$", True),
        (r"$f = p - y \quad (1)$", True),
        (r"$f = p - y + 2$", False),
        (r"$f = p - y^2$", False),
    ],
)
def test_whether_a_text_states_a_result(said, there):
    assert states(said, r"\frac{dL}{dz} = p - y") == there


@pytest.mark.parametrize(
    ("said", "formula", "there"),
    [
        (r"$v = \frac{2}{n_{in} + n_{out}}$", r"v = \frac{2}{n}", False),
        (r"$v = \frac2n$.", r"v = \frac{2}{n}", True),
        ("Let n = 20", "w = 2", False),
        ("Let n = 2.5", "w = 2", False),
        ("Let n = 2.", "w = 2", True),
        ("$n = 2$", r"\delta_{ij} - y_j", False),
        (r"$g = \delta_{ij} - y_j$", r"\delta_{ij} - y_j", True),
    ],
)
def test_a_formula_that_only_begins_like_a_result_does_not_state_it(said, formula, there):
    assert states(said, formula) == there


@pytest.mark.parametrize(
    ("said", "there"),
    [
        (r"Xavier: $\text{Var}(w) = \frac{2}{n_{in} + n_{out}}$. Which one is He's?", False),
        (r"He: $\text{Var}(w) = \frac{2}{n_{in}}$.", True),
        (r"He: $\text{Var}(w) = \frac{2}{n}$.", True),
    ],
)
def test_a_result_leaves_with_the_variance_of_an_assumption_that_is_the_same(said, there):
    text, notes = bare_world(HE, said)

    assert (r"\\frac{2}{n}" in text) == there
    assert (RESULT_NOTE in notes) != there
    assert tomllib.loads(text)["assumptions"][0]["symbol"] == "w"


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
VALUE = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, VALUE, max_size=5))
def test_tables_are_read_as_they_were_written(table):
    assert tomllib.loads(toml(table)) == table
