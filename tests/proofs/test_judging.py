"""What a whole derivation amounts to: result, first false line, hints, assumptions, waypoints, points, review."""

from __future__ import annotations

import tomllib

import pytest
from corpus import world

from grader.errors import AssignmentError
from grader.proofs import Assumption, FunctionSpec, Mark, Shares, SymbolSpec, Waypoint, World, judge

SOFTMAX = world("softmax")
DONE = r"""$$\frac{\partial \log y_i}{\partial z_j} = \delta_{ij} - y_j$$
$$\frac{\partial y_i}{\partial z_j} = y_i \frac{\partial \log y_i}{\partial z_j} = y_i (\delta_{ij} - y_j)$$"""


def only(text: str, world: World):
    """Return the only line."""
    (line,) = judge(text, world).lines
    return line


def test_everything_right_earns_everything():
    judgement = judge(DONE, SOFTMAX)

    assert judgement.reached
    assert judgement.points == 1
    assert judgement.review == ()
    assert judgement.sentence == "Every line holds and the result is reached."
    assert [True] == [waypoint.found for waypoint in judgement.waypoints]


def test_what_was_to_be_shown_is_not_yet_shown():
    judgement = judge(r"We want to show that $\frac{\partial y_i}{\partial z_j} = y_i(\delta_{ij} - y_j)$.", SOFTMAX)

    assert not judgement.reached
    assert judgement.points == 0
    assert judgement.sentence == "Every line holds, but the result is not reached."


def test_the_bare_result_goes_to_review():
    judgement = judge(r"$\frac{\partial y_i}{\partial z_j} = y_i(\delta_{ij} - y_j)$", SOFTMAX)

    assert judgement.reached
    assert judgement.review == ("fewer than 3 lines lead to the result",)


def test_a_result_after_a_false_line_goes_to_review():
    judgement = judge(r"$y_i = 2 e^{z_i}$" + "\n\n" + DONE, SOFTMAX)

    assert judgement.reached
    assert judgement.review == ("the result stands after a false line",)
    assert judgement.sentence.startswith("The first line that does not hold is $y_i = 2e^{z_i}$ (line 1 of the cell)")
    assert "the left side is" in judgement.sentence


def test_what_is_not_understood_costs_nothing_but_goes_to_review():
    judgement = judge(DONE + "\n\n" + r"$\spam{x} = 1$ and $\eggs = 2$", SOFTMAX)

    assert judgement.points == 1
    assert judgement.count(Mark.UNCLEAR) == 2
    assert judgement.review == ("2 of 5 lines were not understood",)
    assert judgement.sentence.endswith("2 pieces were not understood.")


def test_repeating_a_line_earns_nothing():
    once = judge("$y_1 = 2$ and $y_1 > 0$", SOFTMAX)
    often = judge("$y_1 = 2$ and $y_1 > 0$ and $y_1 > 0$ and $y_1 > 0$ and $y_1 = y_1$", SOFTMAX)

    assert once.points == often.points


def test_time_that_is_up_goes_to_review_and_costs_nothing():
    judgement = judge(DONE, SOFTMAX.model_copy(update={"seconds": 1e-3}))

    assert "the time for this derivation is used up" in judgement.review


def test_one_true_line_is_not_the_share_of_a_derivation():
    judgement = judge("$y_i > 0$", SOFTMAX)

    assert judgement.points == pytest.approx(SOFTMAX.shares.lines / SOFTMAX.fewest_lines, abs=1e-4)


def test_points_are_shared_as_the_author_sets_them():
    shares = Shares(result=0.5, lines=0.5, waypoints=0)
    judgement = judge(DONE + "\n\n$y_i = z_i$", SOFTMAX.model_copy(update={"shares": shares}))

    assert judgement.points == pytest.approx(0.5 + 0.5 * 3 / 4)


def test_two_cases_together_reach_the_result():
    cases = r"""If $i = j$: $\frac{\partial y_i}{\partial z_i} = y_i(1 - y_i)$.

If $i \neq j$: $\frac{\partial y_i}{\partial z_j} = -y_i y_j$."""

    assert judge(cases, SOFTMAX).reached
    assert not judge(cases.split("\n", maxsplit=1)[0], SOFTMAX).reached


def test_the_result_may_not_contain_what_was_to_be_removed():
    assert not judge(
        r"$\frac{\partial y_i}{\partial z_j} = y_i \frac{\partial \log y_i}{\partial z_j}$", SOFTMAX
    ).reached


def test_waypoints_of_one_name_are_several_ways_to_pass_it():
    ways = tuple(Waypoint(name="a rule", any_of=(latex,)) for latex in (r"y_i^3", r"\delta_{ij} - y_j", r"y_i^4"))
    both = SOFTMAX.model_copy(update={"waypoints": (*ways, Waypoint(name="another", any_of=("y_i^5",)))})

    assert [("a rule", True), ("another", False)] == [(way.name, way.found) for way in judge(DONE, both).waypoints]
    assert judge(DONE, both).points == pytest.approx(0.4 + 0.3 + 0.3 / 2)
    assert [False, False] == [way.found for way in judge("$y_i = y_i^1$", both).waypoints]


SIGMOID = World(
    symbols={"z": SymbolSpec()},
    functions={r"\sigma": FunctionSpec(kind="sigmoid", at="z")},
    target=r"\frac{d}{dz} \sigma(z) = \sigma(z) (1 - \sigma(z))",
    target_without=("derivative", "exp"),
    waypoints=(Waypoint(name="the rule", any_of=(r"\frac{e^{-z}}{(1 + e^{-z})^2}",), without=("derivative",)),),
)


def test_a_prime_is_a_derivative_too():
    judgement = judge(r"$\sigma'(z) = \frac{1}{2} \sigma'(z) + \frac{1}{2} \sigma'(z)$", SIGMOID)

    assert not judgement.reached
    assert not judgement.waypoints[0].found


def test_how_many_lines_lead_to_the_result_is_for_the_author_to_say():
    short = r"$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \sigma(z) (1 - \sigma(z))$"

    assert ("fewer than 3 lines lead to the result",) == judge(short, SIGMOID).review
    assert () == judge(short, SIGMOID.model_copy(update={"fewest_lines": 2})).review


DIVERGENCE = World(
    sizes={"n": 5},
    symbols={"p": SymbolSpec(shape=("n",), domain="simplex"), "q": SymbolSpec(shape=("n",), domain="simplex")},
    target="H(p, q) = KL(p, q) + H(p)",
    target_without=("log",),
)


def test_the_result_may_be_solved_for_another_term():
    solved = r"$KL(p, q) = \sum_i p_i \log p_i - \sum_i p_i \log q_i = H(p, q) - H(p)$"
    also = DIVERGENCE.model_copy(update={"target_also": ("KL(p, q) = H(p, q) - H(p)",)})

    assert not judge(solved, DIVERGENCE).reached
    assert judge(solved, also).reached
    assert not judge("$KL(p, q) = H(p, q)$", also).reached


def test_what_holds_for_one_class_alone_is_not_the_result_for_all():
    special = r"If $p_k = 1$, then $H(p) = 0$ and $H(p, q) = -\log q_k = KL(p, q)$, so $H(p, q) = KL(p, q)$."
    one_hot = DIVERGENCE.model_copy(
        update={"target": "H(p, q) = KL(p, q)", "assumptions": (Assumption(name="p", symbol="p", domain="one-hot"),)}
    )

    assert not judge(special, DIVERGENCE).reached
    assert judge(special, one_hot).reached


def test_a_target_of_several_forms_is_read_like_one():
    with pytest.raises(AssignmentError, match="The target of a proof cannot be read"):
        judge("$1 = 1$", DIVERGENCE.model_copy(update={"target_also": ("H(p) = r",)}))


HINTS = {
    "sign": (r"$\frac{\partial \log y_i}{\partial z_j} = y_j - \delta_{ij}$", "the sign is the other way round"),
    "sign of one term": (
        r"$\frac{\partial \log y_i}{\partial z_j} = \delta_{ij} + y_j$",
        "the sign of one term is wrong",
    ),
    "indices": (r"$\frac{\partial y_i}{\partial z_j} = y_j \delta_{ij} - y_j y_j$", ""),
    "exchanged": (r"$\frac{\partial \log y_i}{\partial z_j} = \delta_{ij} - y_i$", "the indices i and j are exchanged"),
    "factor": (r"$2 y_i = y_i$", "a factor 2 is missing"),
    "fraction": (r"$y_i = \frac{3}{2} y_i$", "a factor 2/3 is missing"),
    "symbol": (r"$y_i z_j = z_j$", "a factor is missing: $y_{i}$"),
    "too many": (r"$z_i = y_i z_i$", "there is a factor too many: $y_{i}$"),
    "sum": (r"$1 = y_i$", "a sum over i is missing"),
    "square": (r"$y_i^2 = y_i$", "a square is forgotten"),
    "forgotten square": (r"$(y_i - z_i)^2 = y_i - z_i$", "a square is forgotten, or one too many"),
    "diagonal": (r"$\frac{\partial y_i}{\partial z_j} = y_i(1 - y_j)$", "it holds only for i = j"),
    "off the diagonal": (r"$\frac{\partial y_i}{\partial z_j} = -y_i y_j$", "it holds only for i ≠ j"),
    "transposed": (r"$z y^T = y z^T$", "one side is transposed"),
    "chain": (r"$y_i = z_i^3$", ""),
}


@pytest.mark.parametrize(("text", "words"), HINTS.values(), ids=HINTS.keys())
def test_a_false_line_gets_a_hint(text, words):
    line = only(text, SOFTMAX)

    assert line.mark is Mark.FAILS
    assert words in line.hint
    assert line.counter is not None


def test_a_counter_example_says_where_and_with_what():
    counter = only("$y_i = 2 z_j$", SOFTMAX).counter

    assert (("i", 1), ("j", 1)) == counter.indices
    assert {"y", "z"} == {name for name, _ in counter.values}
    assert counter.sentence().startswith(
        f"the left side is {counter.left} and the right side {counter.right} for i = 1, j = 1"
    )


LABELS = world("cross-entropy")


def test_a_line_that_needs_one_hot_labels_says_so():
    line = only(r"$\sum_i y_i \log y_i = 0$", LABELS)

    assert line.mark is Mark.ASSUMES
    assert line.assumption == "y is one-hot"


def test_simplex_is_not_one_hot():
    given = World(sizes={"n": 5}, symbols={"p": SymbolSpec(shape=("n",), domain="simplex")})

    assert only("$\\sum_i p_i^2 = 1$", given).hint == "it holds only where p is one-hot"


def test_an_assumption_nobody_stated_does_not_reach_the_result():
    given = World(
        sizes={"n": 5},
        symbols={"p": SymbolSpec(shape=("n",), domain="simplex")},
        target="H(p) = 0",
        assumptions=(Assumption(name="the labels are one-hot", symbol="p", domain="one-hot"),),
    )

    assert not judge("$H(p) = 0$", given).reached
    assert judge("The labels are one-hot, so $H(p) = 0$", given).reached


def test_the_true_class():
    line = only(r"$L = -\log \hat{y}_k$ for the correct class", LABELS)
    assert (Mark.HOLDS, "k is the true class") == (line.mark, line.assumption)

    line = only(r"$L = -\log \hat{y}_k$", LABELS)
    assert (Mark.FAILS, "it holds only where k is the true class") == (line.mark, line.hint)

    first, second = judge(r"For the true class $k$ this is $L = -\log \hat{y}_k$", LABELS).lines
    assert (Mark.MENTION, Mark.HOLDS) == (first.mark, second.mark)
    assert judge(r"If $y_k = 1$, then $L = -\log \hat{y}_k$", LABELS).lines[1].mark is Mark.HOLDS


def test_the_true_class_alone_is_not_the_result():
    judgement = judge(r"For the true class $k$: $\frac{\partial L}{\partial z_k} = \hat{y}_k - 1$", LABELS)

    assert judgement.lines[1].mark is Mark.HOLDS
    assert not judgement.reached


def test_a_name_may_be_defined_behind_its_first_use():
    text = r"$$y_i = \frac{e^{z_i}}{S} \quad \text{where } S = \sum_k e^{z_k}$$"

    assert [Mark.HOLDS, Mark.DEFINITION] == [line.mark for line in judge(text, SOFTMAX).lines]


def test_an_unknown_letter_is_accepted_where_its_value_does_not_matter():
    assert only("$q y_i - y_i q = 0$", SOFTMAX).mark is Mark.HOLDS

    line = only("$q y_i = y_i$", SOFTMAX)
    assert line.mark is Mark.UNCLEAR
    assert "q is not declared" in line.why


def test_a_definition_is_used_from_then_on():
    first, second, third = judge("$A = y_1 + y_2$, then $A - y_2 = y_1$ and $A = y_1$", SOFTMAX).lines

    assert (Mark.DEFINITION, Mark.HOLDS, Mark.FAILS) == (first.mark, second.mark, third.mark)


def test_derivatives_by_what_the_student_defined():
    text = r"Let $S = \sum_k e^{z_k}$. Then $\frac{\partial y_i}{\partial S} = -\frac{e^{z_i}}{S^2}$."

    assert [Mark.DEFINITION, Mark.HOLDS] == [line.mark for line in judge(text, SOFTMAX).lines]


REMARKS = {
    "sum to the end": (r"$\sum_i y_i - z_i = 1 - \sum_i z_i$", "the sum reaching to the end"),
    "slash": (r"$1 / 2 y_1 = \frac{1}{2 y_1}$", "everything behind / in the denominator"),
    "logarithm": (r"$\log y_1 y_2 = \log(y_1 y_2)$", "the function taking all that follows"),
    "dot": (r"$(y \cdot z)_i = y_i z_i$", "entry by entry"),
    "bracket": (r"$2(y_1 + y_2 = 2y_1 + 2y_2$", "a closing ) is missing"),
}


@pytest.mark.parametrize(("text", "words"), REMARKS.values(), ids=REMARKS.keys())
def test_a_charitable_reading_leaves_a_remark(text, words):
    line = only(text, SOFTMAX)

    assert line.mark is Mark.HOLDS, line
    assert any(words in remark for remark in line.remarks), line.remarks


def test_what_a_line_was_read_as_is_shown():
    assert r"\frac{\partial}{\partial z_{j}}\left(y_{i}\right)" in only("$∂ŷᵢ/∂zⱼ = ŷᵢ(δᵢⱼ − ŷⱼ)$", SOFTMAX).read_as


def test_the_same_derivation_gets_the_same_verdict():
    text = DONE + "\n\n$y_i = z_i$"

    assert judge(text, SOFTMAX) == judge(text, SOFTMAX)


def test_a_world_comes_from_toml():
    given = World.model_validate(tomllib.loads('target = "a = b"\nassumptions = []\n[symbols]\na = {}\nb = {}\n'))

    assert given.target == "a = b"


BROKEN = {
    "definition of nothing": World(symbols={"a": SymbolSpec()}, definitions=("b = a",)),
    "no equation": World(symbols={"a": SymbolSpec()}, definitions=("a",)),
    "unknown size": World(symbols={"a": SymbolSpec(shape=("k",))}),
    "equal sizes": World(sizes={"n": 4, "m": 4}),
    "no name": World(symbols={"a + b": SymbolSpec()}),
    "target": World(symbols={"a": SymbolSpec()}, target="a = c"),
    "waypoint": World(waypoints=(Waypoint(name="w", any_of=(r"\spam",)),)),
    "index": World(indices={"i": "k"}),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_world_is_the_authors_error(broken):
    with pytest.raises(AssignmentError):
        judge("$a = a$", broken)


def test_a_definition_in_a_circle_is_not_understood():
    given = World(symbols={"a": SymbolSpec(), "b": SymbolSpec()}, definitions=("a = b + 1", "b = a - 1"))

    assert only("$a = b$", given).mark is Mark.UNCLEAR


_D, _R = r"\frac{\partial y_i}{\partial z_j}", r"y_i(\delta_{ij} - y_j)"
_TARGET = f"${_D} = {_R}$"
PADDING = {
    "the target again": f"{_TARGET} and ${_R} = {_D}$, {_TARGET}",
    "the target twice": f"$2 {_D} = 2 {_R}$, ${_D} - {_R} = 0$, $1 + {_D} = 1 + {_R}$, so {_TARGET}",
    "the definition in other letters": r"$y_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$, "
    r"$y_j = \frac{e^{z_j}}{\sum_k e^{z_k}}$, $y_k = \frac{e^{z_k}}{\sum_i e^{z_i}}$, so " + _TARGET,
    "nothing": f"$0 = 0$, $1 + 1 = 2$, $2 + 2 = 4$, $y_i = y_i + 0$, $z_j = 1 \\cdot z_j$, so {_TARGET}",
    "the derivative again": f"${_D} = 1 \\cdot {_D}$, ${_D} = {_D} + 0$, so {_TARGET}",
    "bounds": f"$y_1 > 0$, $y_2 > 0$, $y_3 > 0$, so {_TARGET}",
    "hidden": f"<span style='display:none'>$y_1 + y_2 = y_2 + y_1$, $y_1 y_2 = y_2 y_1$</span> {_TARGET}",
    "macros": rf"$\newcommand{{\D}}{{{_D}}}\newcommand{{\R}}{{{_R}}}$ $2\D = 2\R$, $\R + 1 = \D + 1$, $\D = \R$",
}


@pytest.mark.parametrize("text", PADDING.values(), ids=PADDING.keys())
def test_lines_that_say_nothing_lead_nowhere(text):
    judgement = judge(text, SOFTMAX)

    assert judgement.reached
    assert "fewer than 3 lines lead to the result" in judgement.review
    assert [False] == [waypoint.found for waypoint in judgement.waypoints]


NO_RESULT = {
    "named and named again": rf"Let $G_{{ij}} = {_D}$. Then ${_D} = G_{{ij}}$.",
    "nearly": rf"${_D} \approx {_R}$",
    "between": rf"${_D} \le {_R} \le {_D}$",
    "in a comment": f"<!-- {_TARGET} -->",
    "of other symbols": r"$\frac{\partial q_i}{\partial r_j} = q_i(\delta_{ij} - q_j)$",
    "a macro for the fraction": rf"$\renewcommand{{\frac}}[2]{{{_R}}}$ {_TARGET}",
}


@pytest.mark.parametrize("text", NO_RESULT.values(), ids=NO_RESULT.keys())
def test_what_only_looks_like_the_result_is_none(text):
    judgement = judge(text, SOFTMAX)

    assert not judgement.reached
    assert [False] == [waypoint.found for waypoint in judgement.waypoints]


def test_a_name_for_a_waypoint_passes_it_once_it_is_used():
    named = r"Let $A_{ij} = \frac{\partial \log y_i}{\partial z_j}$."

    assert not judge(named, SOFTMAX).waypoints[0].found
    assert judge(named + r" Then $A_{ij} = \delta_{ij} - y_j$.", SOFTMAX).waypoints[0].found


def test_an_undeclared_name_may_depend_on_anything():
    line = only(r"$\frac{\partial L}{\partial z_i} = 0$", SOFTMAX)

    assert line.mark is Mark.UNCLEAR
    assert "L is not declared" in line.why
    assert only(r"$\frac{d}{dx} x^2 = 2 x$", SOFTMAX).mark is Mark.HOLDS


def test_things_in_a_row_claim_nothing():
    lines = judge(r"For $(i, j)$ and $\{1, \dots, n\}$ and $1 \le i \le n$", SOFTMAX).lines

    assert [Mark.MENTION, Mark.MENTION] == [line.mark for line in lines[:2]]
    assert all(line.trivial for line in lines[2:])


def test_what_has_no_value_is_not_equal_to_what_has_one():
    line = only(r"$\sum_i y_i \log y_i = \sum_i y_i \log(y_i - 1)$", SOFTMAX)

    assert line.mark is Mark.FAILS
    assert line.why.startswith("the right side has no value at any point tried")
    assert only(r"$\log(-y_1) = \log(-y_1)$", SOFTMAX).mark is Mark.UNCLEAR
    assert only(r"$\sum_i \log z_i = \log(z_1 z_2 z_3 z_4 z_5)$", SOFTMAX).mark is Mark.HOLDS
