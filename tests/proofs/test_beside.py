"""Several derivations in one answer: whose line is it."""

from __future__ import annotations

import pytest

from grader.proofs import FunctionSpec, Mark, SymbolSpec, World, judge

SIGMOID = World(
    symbols={"z": SymbolSpec()},
    functions={r"\sigma": FunctionSpec(kind="sigmoid", at="z")},
    target=r"\frac{d}{dz} \sigma(z) = \sigma(z) (1 - \sigma(z))",
)
TANH = World(symbols={"z": SymbolSpec()}, target=r"\frac{d}{dz} \tanh(z) = 1 - \tanh^2(z)")
SWISH = World(
    symbols={"z": SymbolSpec()},
    functions={
        r"\sigma": FunctionSpec(kind="sigmoid", at="z"),
        r"\text{swish}": FunctionSpec(kind="defined", parameter="z", definition=r"z \sigma(z)", at="z"),
    },
    target=r"\frac{d}{dz} \text{swish}(z) = \sigma(z) + z \sigma(z) (1 - \sigma(z))",
)
WORLDS = {"sigmoid": SIGMOID, "tanh": TANH, "swish": SWISH}
ANSWERS = {
    "sigmoid alone": (r"$\sigma'(z) = 1 - \sigma(z)$", {"sigmoid"}),
    "tanh alone": (r"$\tanh'(z) = 1 - \tanh(z)$", {"tanh"}),
    "swish, with the sigmoid in it": (r"$\text{swish}'(z) = z \sigma(z)$", {"swish"}),
    "a step in a chain about one": (r"$\sigma'(z) = \frac{d}{dz} (1 + e^{-z})^{-1} = e^{-z}$", {"sigmoid"}),
    "nobody's": (r"$e^z = e^{-z}$", {"sigmoid", "tanh", "swish"}),
}


def marks(text: str, name: str) -> list[Mark]:
    """Return the verdicts in one world beside the others."""
    others = [world for other, world in WORLDS.items() if other != name]
    return [line.mark for line in judge(text, WORLDS[name], beside=others).lines]


@pytest.mark.parametrize(("text", "charged"), ANSWERS.values(), ids=ANSWERS.keys())
def test_a_false_line_is_charged_to_those_it_is_about(text, charged):
    assert charged == {name for name in WORLDS if Mark.FAILS in marks(text, name)}


def test_a_line_that_holds_counts_wherever_it_holds():
    assert all(marks(r"$\tanh(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}}$", name) == [Mark.HOLDS] for name in WORLDS)


def test_a_word_of_another_world_does_not_take_a_formula_apart():
    text = r"$\frac{d}{dz} \text{swish}(z) = \sigma(z) + z \sigma(z) (1 - \sigma(z))$"

    assert marks(text, "swish") == [Mark.HOLDS]
    assert marks(text, "sigmoid") == marks(text, "tanh") == [Mark.MENTION]


def test_a_formula_that_is_understood_elsewhere_is_not_held_against_this_one():
    loss = World(symbols={"Q": SymbolSpec(), "q": SymbolSpec()}, definitions=("Q = q^2",), target="Q = q^2")
    text = r"$\frac{dQ}{dq} = \frac{d}{dq} q^2 = 2 q$"

    assert Mark.UNCLEAR in {line.mark for line in judge(text, TANH).lines}
    assert Mark.UNCLEAR not in {line.mark for line in judge(text, TANH, beside=[loss]).lines}
    assert {Mark.HOLDS} == {line.mark for line in judge(text, loss, beside=[TANH]).lines}
