"""Question 6: parameters, output shapes and multiplications of two small networks."""

import pytest
from mn_answers import from_facts, from_prose
from mn_written import printed, reckons, working, written

from grader.arithmetic import Verdict, likely, slips
from grader.checks import NotAttempted
from grader.results import Table
from reference.cnn import INPUT, NETWORKS, count, total

HINTS = {
    "parameters": "A filter has k · k · channels weights and one bias; add up over filters and layers.",
    "output": "With same padding and stride 1 height and width stay; the channels are the filters.",
    "multiplications": "Every number of the output takes k · k · channels multiplications; add up over layers.",
}
CONTEXT = {"width": 28, "depth": 192, "kernel": 5, "filters": 32, "filters of the first layer": 16}
CALLED = {
    "parameters": "the number of parameters of",
    "output": "the shape that comes out of",
    "multiplications": "the number of multiplications of",
}


@pytest.fixture
def answers(inside, notebook):
    """Return a function that gives what was answered for a network and a quantity, variables first."""
    facts = inside.facts()
    cells = notebook.cells("q6")
    texts = [*written(cells), *printed(cells)]

    def read(network, quantity):
        return from_facts(facts, network, quantity) or from_prose(texts, network, quantity)

    return read


def require(check, answers, network, quantity):
    """Require a quantity of a network among the answers; layer by layer counts too."""
    found = answers(network, quantity)
    if not found and not any(answers(n, q) for n in NETWORKS for q in HINTS):
        raise NotAttempted("No number of this question was found yet.")
    if not found:
        check.fail(
            f"{CALLED[quantity].capitalize()} {network} was not found: put it into `cnn_answers`, or into a sentence."
        )
    values, layers, whole = (
        [one.value for one in found],
        count(NETWORKS[network], INPUT),
        total(NETWORKS[network], INPUT),
    )
    if quantity == "output":
        want, right = whole.output_shape, whole.output_shape in values
    else:
        want = getattr(whole, quantity)
        parts = {getattr(layer, quantity) for layer in layers}
        right = want in values or (len(parts) > 1 and parts <= set(values))
    if right:
        if want not in values:
            check.remark(f"the {quantity} of {network} are given layer by layer")
        return
    diagnosis = None
    if quantity != "output":
        diagnosis = check.reference.explain(f"cnn_{quantity}", (network,), lambda answer: answer in values[:1])
    said = " × ".join(map(str, values[0])) if quantity == "output" else f"{values[0]:,.10g}"
    check.fail(
        f"{said} ({found[0].where}) is not {CALLED[quantity]} {network}.",
        diagnosis=diagnosis,
    )


@pytest.mark.parametrize("network", tuple(NETWORKS))
@pytest.mark.check("q6", points=2, hidden=True, hint=HINTS["parameters"])
def test_cnn_parameters(check, answers, network):
    """the number of parameters is right"""
    require(check, answers, network, "parameters")


@pytest.mark.parametrize("network", tuple(NETWORKS))
@pytest.mark.check("q6", points=2, hidden=True, hint=HINTS["output"])
def test_cnn_output_shape(check, answers, network):
    """the shape of the output is right"""
    require(check, answers, network, "output")


@pytest.mark.parametrize("network", tuple(NETWORKS))
@pytest.mark.check("q6", points=3, hidden=True, hint=HINTS["multiplications"])
def test_cnn_multiplications(check, answers, network):
    """the number of multiplications is right"""
    require(check, answers, network, "multiplications")


@pytest.mark.check("q6", points=1, hint="Recompute each line by itself: the left side, the right side, then compare.")
def test_shown_working(check, notebook):
    """every line of shown working holds"""
    cells = notebook.cells("q6")
    found = working(cells)
    if found:
        rows = [(where, one.text, one.verdict.value, one.sentence) for where, one in found]
        check.show(Table(title="Your lines, recomputed", columns=("where", "line", "verdict", "why"), rows=tuple(rows)))
    judged = [one for _, one in found if one.verdict is not Verdict.UNREAD]
    if not judged and not reckons(cells):
        raise NotAttempted("No line of working such as `(3 · 3 · 8 + 1) · 4 = 292` was found in text or comments.")
    if not judged:
        check.remark("you show no working in the text; the products in your code were taken for it")
    wrong = [(where, one) for where, one in found if one.verdict is Verdict.FAILS]
    if wrong:
        where, first = wrong[0]
        slip = likely(slips(first, CONTEXT))
        check.score(
            1 - len(wrong) / len(judged),
            f"{len(judged) - len(wrong)} of {len(judged)} lines hold. The first that does not is "
            f"`{first.text}` ({where}): {first.sentence}." + (f" Perhaps: {slip.sentence}." if slip else ""),
        )
