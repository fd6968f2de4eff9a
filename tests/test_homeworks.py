"""Every line of the five homeworks has a check, and every check a sample on either side of it."""

from collections import Counter

import pytest
from homeworks_table import FAILED, HOMEWORKS, PAGE, PASSED, ROOT, counts, homework, rows, variants_of, written

LEAST = 6
ALL_VARIANTS = "test_the_notebooks_cover_every_variant"
each_homework = pytest.mark.parametrize("name", HOMEWORKS)


@each_homework
def test_points_add_up_to_a_hundred(name):
    of = homework(name)
    each = Counter()
    for check in of.checks:
        each[check.question] += check.points
    for question in of.assignment.questions:
        each[question.id] += sum(review.points for review in question.reviews)

    assert {question.id: question.points for question in of.assignment.questions} == pytest.approx(dict(each))
    assert sum(each.values()) == pytest.approx(100)


@each_homework
def test_every_question_has_a_check_that_a_sample_passes_and_one_fails(name):
    of = homework(name)
    seen = {(check.question, way) for check in of.checks for way in (PASSED, FAILED) if of.showing(check.id, way)}

    assert seen == {(question.id, way) for question in of.assignment.questions for way in (PASSED, FAILED)}


@each_homework
@pytest.mark.parametrize("status", [PASSED, FAILED])
def test_every_check_has_a_sample(name, status):
    of = homework(name)

    assert [] == [check.id for check in of.checks if not of.showing(check.id, status)]


@each_homework
def test_there_are_enough_samples(name):
    assert len(homework(name).samples) >= LEAST


@each_homework
def test_samples_name_checks_that_are_there(name):
    of = homework(name)
    known = {check.id for check in of.checks}

    assert {} == {sample.name: unknown for sample in of.samples if (unknown := set(sample.verdicts) - known)}


@each_homework
def test_every_check_and_review_is_in_one_line_of_the_table(name):
    of = homework(name)
    in_table = Counter(each for row in rows() if row.homework == name for each in row.names)

    assert dict.fromkeys([*(check.function for check in of.checks), *of.reviews], 1) == in_table


@pytest.mark.parametrize("row", [*rows()], ids=lambda row: f"{row.homework}-{row.names[0]}")
def test_a_line_has_the_points_and_samples_that_are_there(row):
    assert written(row) == row.text, "python tests/homeworks_table.py writes it"


def test_the_figures_are_true():
    lines = [*counts()]

    assert [line.homework for line in lines] == list(HOMEWORKS)
    assert [written(line) for line in lines] == [line.text for line in lines]


@each_homework
def test_every_variant_is_diagnosed_in_a_sample_or_in_notebooks_of_their_own(name):
    of = homework(name)
    diagnosed = frozenset().union(*(sample.diagnoses for sample in of.samples))
    left = {variant.name for variant in variants_of(name)} - diagnosed

    assert not left or in_notebooks(name)


def in_notebooks(name):
    """Return the tests in which notebooks with every variant of a homework are graded."""
    found = [path for path in (ROOT / "tests").rglob("test_*.py") if f"def {ALL_VARIANTS}(" in path.read_text("utf-8")]
    return [path for path in found if any(f'"{name}"' in one.read_text("utf-8") for one in path.parent.glob("*.py"))]


def test_the_page_says_what_cannot_be_graded():
    assert "\n## Not gradable, and why\n" in PAGE.read_text("utf-8")
