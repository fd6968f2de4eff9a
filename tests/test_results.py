"""The result: its schema is published, it survives JSON, and a student's copy gives nothing away."""

import json
import math
from importlib.resources import files

import jsonschema
import pytest
from pydantic import ValidationError

from grader.results import (
    CheckResult,
    Diagnosis,
    Execution,
    ExecutionStatus,
    QuestionResult,
    Result,
    Status,
    Text,
    Visibility,
    for_student,
    question_status,
)

SCHEMA = json.loads((files("grader") / "result.schema.json").read_text(encoding="utf-8"))


def check(status=Status.FAILED, visibility=Visibility.HIDDEN, name="test_one"):
    return CheckResult(
        id=name,
        question="q1",
        title="the title",
        visibility=visibility,
        status=status,
        score=math.nan if status is Status.ERROR else 0.0,
        max_score=2.0,
        message="the message",
        hint="the hint",
        diagnosis=Diagnosis(name="slip", title="A slip", explanation="It slipped."),
        evidence=(Text(title="What was expected", text="the secret", expected=True),),
        remarks=("the remark",),
        detail="the traceback",
    )


def result(*checks):
    question = QuestionResult(
        id="q1", title="One", score=0.0, max_score=2.0, status=question_status(checks), checks=checks
    )
    return Result(
        assignment="tiny",
        student="ada",
        submission="ada.ipynb",
        score=0.0,
        max_score=2.0,
        seed=1,
        sandbox="none",
        execution=Execution(status=ExecutionStatus.COMPLETED),
        questions=(question,),
    )


def test_the_published_schema_is_that_of_the_code():
    assert Result.model_json_schema(mode="serialization") == SCHEMA


def test_a_result_fits_the_published_schema():
    jsonschema.validate(json.loads(result(check()).model_dump_json()), SCHEMA)


def test_a_result_with_an_unknown_field_does_not_fit():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(result().model_dump_json()), "marks": 3}, SCHEMA)


def test_a_result_survives_json():
    before = result(check(), check(Status.PASSED, Visibility.PUBLIC))

    assert before == Result.model_validate_json(before.model_dump_json())


def test_numbers_that_are_none_survive_json():
    text = result(check(Status.ERROR)).model_dump_json()

    assert math.isnan(Result.model_validate_json(text).questions[0].checks[0].score)


def test_a_result_cannot_be_changed():
    with pytest.raises(ValidationError):
        result().score = 100.0


def test_a_students_copy_of_a_hidden_check_has_no_details():
    shown = for_student(result(check())).questions[0].checks[0]

    assert ("", "", (), ()) == (shown.message, shown.detail, shown.evidence, shown.remarks)
    assert ("the title", "the hint", "A slip", 2.0) == (shown.title, shown.hint, shown.diagnosis.title, shown.max_score)


def test_a_students_copy_of_a_public_check_has_all_but_the_staffs_detail():
    shown = for_student(result(check(visibility=Visibility.PUBLIC))).questions[0].checks[0]

    assert "" == shown.detail
    assert "the message" == shown.message
    assert "the secret" == shown.evidence[0].text


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "failed"], "failed"),
        (["failed", "error"], "error"),
        (["not_attempted", "not_attempted"], "not_attempted"),
        (["passed", "not_attempted"], "failed"),
        (["not_attempted", "needs_review"], "not_attempted"),
        (["passed", "needs_review"], "needs_review"),
        (["not_reached", "needs_review"], "not_reached"),
        ([], "passed"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else value,
)
def test_a_question_shows_what_most_needs_attention(statuses, expected):
    assert expected == question_status([check(Status(status)) for status in statuses]).value


def test_a_lone_surrogate_does_not_stop_a_result_from_being_written():
    odd = check().model_copy(update={"remarks": ()})
    odd = CheckResult(**odd.model_dump() | {"message": "a\ud800b", "remarks": ("c\udfff",), "evidence": ()})

    assert ("a?b", ("c?",)) == (odd.message, odd.remarks)
    assert "a?b" in result(odd).model_dump_json()
