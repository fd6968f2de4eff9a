"""What is found in free text, what is not, and what never happens."""

import time
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebooks import notebook
from pydantic import ValidationError

from grader.assignment import load
from grader.config import GradeOptions
from grader.errors import AssignmentError
from grader.grading import grade, read_reviews
from grader.notebook import read_notebook
from grader.prose import Answer, Flag, Idea, Mistake, Rubric, Sure, answer_of, detail, message, read, remarks
from grader.results import Status, for_student

ROOT = Path(__file__).parents[2]
MODEL = (
    "Each layer multiplies the gradient by the slope of its activation, so that ten layers of small slopes leave next "
    "to nothing for the first one, which then stays where it began."
)
RUBRIC = Rubric(
    ideas=(
        Idea(name="product", says=("product factor|factors", "multiply|multiplies gradient", "produkt faktoren")),
        Idea(name="saturation", says=("sigmoid saturates|flat",), weight=2),
        Idea(name="no jump", says=("not jump",)),
        Idea(name="growth", says=("n^d",)),
    ),
    mistakes=(Mistake(name="ReLU saturates", because="Its slope is 1.", says=("relu saturates",)),),
    answer=MODEL,
)
QUESTION = "What are vanishing gradients? Explain where the chain rule makes a product of many factors in a network."


def names(text, question=""):
    return {finding.about.name for finding in read(Answer(text=text), RUBRIC, question).found}


def flags(text, question=""):
    return set(read(Answer(text=text), RUBRIC, question).flags)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The gradient is a product of many factors.", {"product"}),
        ("Every layer is multiplying the gradients.", {"product"}),
        ("Sigmoids are saturated for large inputs.", {"saturation"}),
        ("Es ist ein Produkt aus vielen Faktoren und wird klein.", {"product"}),
        ("We need $n^{d}$ boxes.", {"growth"}),
        ("The function does not jump.", {"no jump"}),
        ("The function can jump.", set()),
        ("The sigmoid does not saturate.", set()),
        ("The sigmoid doesn't saturate.", set()),
        ("The sigmoid not only saturates, it is slow.", {"saturation"}),
        ("This is not good, the sigmoid saturates.", {"saturation"}),
        ("A product. It has factors.", set()),
        ("# Product\n\nfactors", set()),
        ("```\nproduct of factors\n```", set()),
        ("| sigmoid | saturates |\n| --- | --- |", {"saturation"}),
    ],
)
def test_ideas_are_found_where_one_sentence_says_them(text, expected):
    assert expected == names(text)


def test_the_sentence_is_quoted_as_it_was_written():
    reading = read(Answer(text="Hello there. The $f'$ of a sigmoid *saturates*, I think. Bye."), RUBRIC)

    assert ["The $f'$ of a sigmoid *saturates*, I think."] == [finding.quote for finding in reading.found]


@pytest.mark.parametrize(("text", "found"), [("ReLU saturates.", 1), ("ReLU does not saturate.", 0), ("", 0)])
def test_a_false_statement_counts_unless_it_is_negated(text, found):
    assert found == len(read(Answer(text=text), RUBRIC).mistakes)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("", Flag.EMPTY),
        (" \n\u200b...", Flag.EMPTY),
        (QUESTION, Flag.QUESTION),
        (MODEL, Flag.REFERENCE),
        ("It is small.", Flag.SHORT),
        ("sigmoid saturation product factors gradient chain multiply slope relu", Flag.KEYWORDS),
        ("This is a long text. " * 3000, Flag.CUT),
    ],
)
def test_what_looks_odd_is_noticed(text, flag):
    assert flag in flags(text, QUESTION)


def test_an_answer_in_ones_own_words_raises_no_flag():
    text = "A sigmoid is flat far from zero, and the chain rule takes one such slope per layer, so little is left."

    assert set() == flags(text, QUESTION)


def test_the_questions_own_sentences_are_no_ideas():
    assert set() == names(QUESTION, QUESTION)
    assert {"saturation"} == names(f"{QUESTION} The sigmoid saturates.", QUESTION)


def test_the_suggestion_is_the_share_of_the_weights_in_halves():
    reading = read(Answer(text="The sigmoid saturates."), RUBRIC)

    assert 0.4 == reading.share
    assert 1.5 == reading.suggested(4)


def test_students_see_what_was_found_and_staff_what_was_not():
    reading = read(Answer(text="The sigmoid saturates."), RUBRIC)
    shown = " ".join(remarks(reading)) + message("A person marks this.", reading)

    assert "The sigmoid saturates." in shown
    assert "growth" not in shown
    assert "model answer" not in shown
    assert "[not found] growth" in detail(reading, 4)


@pytest.mark.parametrize(
    ("cells", "markdown", "part", "expected"),
    [
        (("**a)** Why?", "*Your answer here.*"), (0, 1), None, ""),
        (("**a)** Why?", "Because."), (0, 1), None, "Because."),
        (("**a)** Why?\n\nBecause.",), (0,), None, "Because."),
        (("## Question 1", "a) One.\n\nb) Two."), (0, 1), "b", "b) Two."),
        (("## Question 1", "All of it."), (0, 1), "b", "All of it."),
        (("**a)** Why?", "# because the slope is at most one quarter"), (0,), None, "because the slope"),
        (("**a)** Why?", "print('because the slope is at most one quarter')"), (0,), None, "because the slope"),
        (("**a)** Why?", "# Handed out: leave this as it is, please"), (0,), None, ""),
    ],
)
def test_the_answer_is_what_was_not_handed_out(cells, markdown, part, expected):
    master = notebook(
        "**a)** Why?", "*Your answer here.*", "# Handed out: leave this as it is, please", markdown=(0, 1)
    )
    node = notebook(*cells, markdown=markdown)

    found = answer_of(node, range(len(cells)), master, part).text

    assert found.startswith(expected) if expected else found == ""


HOSTILE = {
    "a megabyte": "a" * 1_000_000,
    "sentences": "The sigmoid is flat. " * 10_000,
    "zero width": "\u200b\u200d\ufeff" * 300_000,
    "punctuation": "!?.,;:()" * 100_000,
    "dollars": "$" * 300_000,
    "brackets": "<[" * 200_000 + "](",
    "pipes": "|" * 300_000,
    "lines": "\n#" * 200_000,
    "surrogate": "\ud800 product of factors",
    "combining": "e" + "\u0301" * 300_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_gets_an_answer_in_time(text):
    read(Answer(text="Warm up, please: it is about imports."), RUBRIC)
    node, master = notebook(text, text, markdown=(0,)), notebook("Why?", markdown=(0,))
    begin = time.process_time()

    read(answer_of(node, (0, 1), master), RUBRIC, QUESTION)

    assert time.process_time() - begin < 2  # one second on an idle machine


SAID = ("The sigmoid saturates.", "It is a product of factors.", "Nothing jumps.", "Wir brauchen $n^d$ Kisten.")


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=400), st.text(max_size=100))
def test_nothing_raises(text, question):
    reading = read(Answer(text=text), RUBRIC, question)

    assert 0 <= reading.suggested(5) <= 5


@settings(deadline=None, max_examples=30)
@given(st.permutations(SAID))
def test_the_order_of_sentences_does_not_matter(sentences):
    assert names(" ".join(SAID)) == names(" ".join(sentences)) != set()


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="abcdefgh ist der die nicht not", max_size=80), st.booleans())
def test_another_paragraph_takes_no_idea_away(other, before):
    text = " ".join(SAID)
    both = f"{other}\n\n{text}" if before else f"{text}\n\n{other}"

    assert names(text) <= names(both)


@pytest.mark.parametrize("says", [[], ["not"], ["a| b"], [""]])
def test_a_rubric_that_cannot_be_found_is_an_error(says):
    with pytest.raises(ValidationError):
        Idea(name="x", says=says)


TOML = """
name = "small"
title = "Small"
notebook = "small.ipynb"
reference = "tiny_reference"

[[questions]]
id = "q1"
title = "Doubling"
points = 2

[[questions.reviews]]
id = "q1text"
title = "Why"
points = 2
ideas = [{ name = "twice", says = ["double|twice"] }, { name = "hidden thing", KEY = ["additive sum"] }]
"""
CHECK = """
import pytest

@pytest.mark.question("q1", points=1)
def test_nothing():
    \"\"\"Nothing.\"\"\"
"""


def small(folder, key="says"):
    (folder / "checks").mkdir(parents=True)
    (folder / "checks" / "test_small.py").write_text(CHECK)
    (folder / "assignment.toml").write_text(TOML.replace("KEY", key))
    nbformat.write(notebook("## Question 1\nWhy is it linear?", markdown=(0,)), folder / "small.ipynb")
    return folder


def test_an_unknown_key_of_a_rubric_names_the_nearest(tmp_path):
    with pytest.raises(AssignmentError, match=r"sayz.*Did you mean 'says'"):
        load(small(tmp_path / "small", "sayz"))


ANSWERS = ("Here the numbers become twice as large, wherever they were.", "")


@pytest.mark.slow
@pytest.mark.parametrize("answer", ANSWERS, ids=["found", "empty"])
def test_no_points_move_and_students_see_no_missing_idea(answer, tmp_path):
    path = tmp_path / "ada.ipynb"
    cells = ("## Question 1\nIt is linear.", "def double(x):\n    return 2 * x\nstart = 10", answer)
    nbformat.write(notebook(*cells, markdown=(0, 2)), path)
    text = (ROOT / "tests/assignments/tiny/assignment.toml").read_text()
    tiny = load(ROOT / "tests/assignments/tiny")
    question = tiny.questions[0]
    ideas = (Idea(name="twice", says=("twice",)), Idea(name="hidden thing", says=("additive sum",)))
    review = question.reviews[0].model_copy(update={"ideas": ideas})
    with_rubric = tiny.model_copy(
        update={"questions": (question.model_copy(update={"reviews": (review,)}), *tiny.questions[1:])}
    )

    plain, read_too = (grade(path, each, GradeOptions(seed=3)) for each in (tiny, with_rubric))

    assert "ideas" not in text
    assert (plain.score, plain.pending, plain.max_score) == (read_too.score, read_too.pending, read_too.max_score)
    verdict = next(check for check in read_too.questions[0].checks if check.id == "q1text")
    assert (Status.NEEDS_REVIEW, 0) == (verdict.status, verdict.score)
    assert "hidden thing" in verdict.detail
    shown = for_student(read_too).model_dump_json()
    assert "hidden thing" not in shown
    assert "Suggestion" not in shown
    assert bool(answer) == ("In your text we found" in shown)


@pytest.mark.parametrize(
    ("answer", "noted"),
    [("*Your answer here.*", True), ("", True), ("$2(x + y) = 2x + 2y$", False), ("Twice a sum is a sum.", False)],
)
def test_of_a_review_without_rubric_staff_hears_that_there_is_no_text(answer, noted):
    node = notebook("## Question 1", "start = 10", answer, markdown=(0, 2))
    reading = read_reviews(node, load(ROOT / "tests/assignments/tiny"))["q1text"]

    assert ("no text of the student's own" in detail(reading, 2)) is noted
    assert (message("A person reads it.", reading), remarks(reading)) == ("A person reads it.", ())


RIGHT = {
    "alice": ("backprop", {"q1b": 0.8, "q1c": 0.8}),
    "bruno": ("vision-project", {"q1text": 0.8, "q3text": 0.8, "q6text": 0.8}),
    "hanna": (
        "dl-foundations",
        {f"q{number}text": 0.8 for number in (1, 2, 3, 4, 5, 7, 8)},
    ),
    "ivo": ("dl-foundations", {f"q{number}text": 0.6 for number in (1, 2, 3, 4, 5, 7, 8)}),
    "nora": ("mnist-mlp", {"q2claim": 0.75, "q5text": 0.75}),
    "noel": ("mlp-numpy", {"q3text": 0.6, "q4text": 0.6}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_samples_whose_text_is_right_say_most_ideas(name):
    assignment, least = RIGHT[name]
    node = read_notebook(ROOT / "submissions" / f"{name}.ipynb", max_bytes=10**7).node

    readings = read_reviews(node, load(ROOT / "assignments" / assignment))

    assert set(least) <= set(readings)
    assert {} == {each: readings[each].share for each in least if readings[each].share < least[each]}
    assert {} == {each: readings[each].mistakes for each in least if readings[each].mistakes}


WRONG = {"chen": "q1c", "goran": "q1c", "iris": "q1b", "omar": "q1b"}


@pytest.mark.parametrize("name", WRONG)
def test_false_statements_of_samples_are_shown_to_staff(name):
    node = read_notebook(ROOT / "submissions" / f"{name}.ipynb", max_bytes=10**7).node

    reading = read_reviews(node, load(ROOT / "assignments" / "backprop"))[WRONG[name]]

    assert reading.mistakes
    assert Sure.FOUND is reading.mistakes[0].sure
