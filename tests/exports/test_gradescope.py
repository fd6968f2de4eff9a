"""Gradescope's results.json: every field as Gradescope wants it, and nothing a student may not know."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_entries import HIDDEN, check, graded
from strict_readers import gradescope_takes, total_is_shown

from grader.exports.gradescope import Shown, failed_json, markdown, plain, results_json
from grader.results import Diagnosis, Execution, ExecutionStatus, QuestionResult, Status, Timings


def taken(result, **options):
    return gradescope_takes(results_json(result, **options))


def listed(result, **options):
    return taken(result, **options)["tests"]


def test_a_check_is_a_test_with_its_points():
    partly = check("b", Status.FAILED, score=0.5, message="Two are wrong.", hint="Look at the sign.")
    content = taken(graded(check("a"), partly))

    assert content["score"] == 2.5 == sum(test["score"] for test in content["tests"])
    assert content["tests"] == [
        {
            "number": "1.1",
            "name": "Q1 a is right",
            "output": "",
            "score": 2,
            "max_score": 2,
            "status": "passed",
            "tags": ["q1", "public"],
            "visibility": "visible",
        },
        {
            "number": "1.2",
            "name": "Q1 b is right",
            "output": "Two are wrong.\n\nWhat to try: Look at the sign.",
            "score": 0.5,
            "max_score": 2,
            "status": "failed",
            "tags": ["q1", "public"],
            "visibility": "visible",
        },
    ]


def test_the_whole_says_how_it_went():
    spent = Timings(start=1, kernel=2, cells=3, checks=4.25, report=9)
    content = taken(graded(check("a"), check("r", Status.NEEDS_REVIEW), timings=spent, repairs=("A cell was mended.",)))

    assert content["execution_time"] == 10.2
    assert content["output"].replace("\\", "").split("  \n") == [
        "2 of 4 points.",
        "A person still decides on 2 of 4 points.",
        "A cell was mended.",
    ]
    assert content["extra_data"]["seed"] == "7"


@pytest.mark.parametrize("status", [Status.NEEDS_REVIEW, Status.ERROR])
def test_what_a_person_decides_has_neither_points_nor_a_status(status):
    (test,) = listed(graded(check("essay", status)))

    assert test["name"] == "Q1 essay is right (2 points, decided by a person)"
    assert test.keys().isdisjoint({"score", "max_score", "status"})


@pytest.mark.parametrize("status", [Status.NOT_REACHED, Status.NOT_ATTEMPTED])
def test_what_was_not_reached_says_so(status):
    (test,) = listed(graded(check("a", status)))

    assert (test["status"], test["score"]) == ("failed", 0)
    assert test["output"]


def test_a_diagnosis_is_told():
    named = Diagnosis(name="x", title="bias forgotten", explanation="Add b.")
    (test,) = listed(graded(check("a", Status.FAILED, message="Wrong.", diagnosis=named)))

    assert test["output"] == "Wrong.\n\nWhat probably happened: bias forgotten\nAdd b."


# --- hidden checks ----------------------------------------------------------------------------------------------------


def test_a_hidden_check_is_a_hidden_test_and_the_total_is_not_told_in_words():
    content = taken(graded(check("a"), HIDDEN))

    assert [test["visibility"] for test in content["tests"]] == ["visible", "hidden"]
    assert not total_is_shown(content)
    assert "2 of 4" not in content["output"]


def test_all_public_checks_show_the_total():
    assert total_is_shown(taken(graded(check("a"))))


@pytest.mark.parametrize("shown", Shown)
def test_hidden_checks_are_shown_when_asked_and_never_tell_what_they_expect(shown):
    content = taken(graded(HIDDEN), hidden=shown)

    assert content["tests"][0]["visibility"] == shown.value
    assert content["tests"][0]["output"].endswith("What to try: Think of the sign.")
    assert "0.731" not in json.dumps(content)
    assert "traceback" not in json.dumps(content)


# --- what is not well -------------------------------------------------------------------------------------------------


def test_a_submission_that_could_not_be_graded_says_why():
    content = taken(graded(error="This is not a notebook.", execution=Execution(status=ExecutionStatus.NOT_RUN)))

    assert (content["score"], content["tests"]) == (0, [])
    assert "This is not a notebook" in content["output"]


def test_a_run_without_a_sandbox_says_so():
    assert "without a sandbox" in taken(graded(check("a"), sandbox="none"))["output"]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), 1 / 3])
def test_no_number_is_one_json_does_not_have(score):
    content = taken(graded(check("a", Status.FAILED, score=score), timings=Timings(cells=float("nan"))))

    assert content["tests"][0]["score"] in (0, 0.33333)


def test_a_question_without_a_number_is_numbered_by_its_place():
    result = graded(check("a"))
    odd = QuestionResult(**{**dict(result.questions[0]), "id": "warm-up"})

    assert listed(result.model_copy(update={"questions": (result.questions[0], odd)}))[1]["number"] == "2.1"


def test_a_failure_before_any_result_is_a_file_gradescope_takes():
    content = gradescope_takes(failed_json("There is no notebook."))

    assert (content["score"], content["output"]) == (0, "There is no notebook.")


# --- texts ------------------------------------------------------------------------------------------------------------

MARKUP = {
    "link": "[x](http://x)",
    "picture": "![x](http://x)",
    "HTML": "<img src=x onerror=alert(1)>",
    "emphasis": "**bold** _it_",
    "heading": "# all",
    "code": "`rm`",
    "list": "- a\n+ b\n1. c",
    "formula": "$$x$$",
    "address": "http://example.com",
    "table": "a|b\n-|-",
    "indented": "    code",
}


@pytest.mark.parametrize("text", MARKUP.values(), ids=MARKUP.keys())
def test_markdown_shows_markup_as_it_is(text):
    from markdown_it import MarkdownIt

    (paragraph,) = [
        token for token in MarkdownIt("gfm-like", {"linkify": False}).parse(markdown(text)) if token.children
    ]

    assert {child.type for child in paragraph.children} <= {"text", "text_special", "hardbreak", "softbreak"}
    shown = "".join("\n" if "break" in child.type else child.content for child in paragraph.children)
    assert [line.strip() for line in text.split("\n")] == shown.split("\n")


@given(st.text())
def test_no_text_steers_a_terminal_or_turns_the_writing(text):
    assert not set(plain(text + "\x1b[2J\u202e\x00")) & set("\x1b\x00\x9b\u202e\u2066\r")


def test_a_text_has_an_end():
    assert len(plain("x" * 100_000)) <= 8_000


@given(st.text(), st.text(), st.floats(0, 2))
def test_whatever_a_check_says_gradescope_takes_it(title, message, score):
    odd = check("a", Status.FAILED, title=title, message=message, hint=message, score=score)

    assert len(listed(graded(odd, repairs=(message,), error=title))) == 1
