"""A record: to a file and back, looking questions up, putting records together, what one lacks."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_values import PLAIN, same

from grader.checks import Record, gaps
from grader.checks.asked import Answer, Asked, Question, Wrong
from grader.checks.plain import outline
from grader.errors import AssignmentError

ANSWERS = PLAIN.map(lambda value: Answer(value=value)) | st.just(Answer(error="the reference failed in f: it did"))
WRONG = st.builds(Wrong, title=st.text(max_size=5), explanation=st.text(max_size=5), value=PLAIN)
QUESTIONS = st.builds(
    Question,
    function=st.sampled_from(["softmax", "sigmoid"]),
    args=st.lists(PLAIN, max_size=3).map(tuple),
    kwargs=st.dictionaries(st.sampled_from(["rate", "axis"]), PLAIN, max_size=2),
    answer=st.none() | ANSWERS,
    wrong=st.lists(WRONG, max_size=2).map(tuple),
)
ASKED = st.builds(
    Asked,
    questions=st.lists(QUESTIONS, max_size=3).map(tuple),
    values=st.dictionaries(st.sampled_from(["SIZES", "RATE"]), PLAIN, max_size=2),
)
RECORDS = st.dictionaries(st.sampled_from(["test_one", "test_two[3-None]"]), ASKED, max_size=2).map(Record)


def as_tuples(record):
    """Return a record as tuples, lists and dictionaries, to be compared to the last bit."""

    def answer(one):
        return None if one is None else (one.error, one.value)

    def question(one):
        wrong = [(each.title, each.explanation, each.value) for each in one.wrong]
        return (one.function, one.args, dict(one.kwargs), answer(one.answer), wrong)

    return {
        name: (
            [question(one) for one in record.checks[name].questions],
            dict(sorted(record.checks[name].values.items())),
        )
        for name in sorted(record.checks)
    }


def recorded(*questions, check="test_one", values=None):
    """Return a record of one check."""
    return Record({check: Asked(questions=questions, values=values or {})})


def asked(function, *args, answer=None, wrong=()):
    """Return a question that was answered."""
    return Question(function=function, args=outline(args), answer=Answer(value=answer), wrong=wrong)


@settings(deadline=None, max_examples=40)
@given(RECORDS)
def test_a_record_survives_its_file(record):
    file = record.write()

    assert same(as_tuples(Record.read(file)), as_tuples(record))
    assert Record.read(file).write() == file


def test_a_generator_survives_too():
    record = Record.read(recorded(asked("initialise", np.random.default_rng(5), answer=1)).write())

    assert record.answered("test_one", asked("initialise", np.random.default_rng(5))) is not None
    assert record.answered("test_one", asked("initialise", np.random.default_rng(6))) is None


def test_an_array_is_in_the_file_once_and_can_be_read_without_pickle():
    big = np.arange(3000.0)
    file = recorded(asked("f", 1, answer=big), asked("g", 1, answer=(big, 1))).write()

    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        arrays = [name for name in archive.namelist() if name.endswith(".npy")]
        content = np.load(io.BytesIO(archive.read(arrays[0])), allow_pickle=False)

    assert len(arrays) == 1
    assert np.array_equal(content, big)


def damaged(change):
    """Return a record's file with its index changed."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(recorded(asked("f", np.zeros(2), answer=1)).write())) as old,
        zipfile.ZipFile(file, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == "record.json" else content)
    return file.getvalue()


BROKEN = {
    "no zip file": b"not at all",
    "cut off": recorded(asked("f", 1, answer=2)).write()[:-40],
    "no JSON": damaged(lambda text: text[:-5]),
    "a later format": damaged(lambda text: text.replace(b'"schema": 1', b'"schema": 2')),
    "an array that is not there": damaged(lambda text: text.replace(b'"arrays": [\n', b'"arrays": ["x",\n')),
    "a value of no kind": damaged(lambda text: text.replace(b'"t": "tuple"', b'"t": "pickle"')),
    "no checks": damaged(lambda _: b'{"schema": 1}'),
    "a list": damaged(lambda _: b"[]"),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_damaged_file_is_said_to_be_one(content):
    with pytest.raises(AssignmentError, match="record"):
        Record.read(content)


def test_a_file_that_unpacks_to_too_much_is_not_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("record.json", b" " * (129 * 2**20))

    with pytest.raises(AssignmentError, match="too large"):
        Record.read(file.getvalue())


@given(st.integers(0, 2**32 - 1), st.sampled_from([(), (3,), (60, 50)]), st.sampled_from([1, 1e-9, 1e9]))
def test_every_question_is_found_again_in_any_order_though_another_platform_rounds(seed, shape, scale):
    rng = np.random.default_rng(seed)
    inputs = [rng.normal(size=shape) * scale for _ in range(6)]
    record = Record.read(recorded(*(asked("f", x, answer=place) for place, x in enumerate(inputs))).write())
    rounded = [x * (1 + rng.normal(size=shape) * 1e-15) for x in inputs]

    found = {place: record.answered("test_one", asked("f", rounded[place])) for place in rng.permutation(6)}

    assert {place: question.answer.value for place, question in found.items()} == {place: place for place in range(6)}


def test_what_the_check_itself_asked_goes_first():
    record = Record(
        {
            "test_two": Asked(questions=(asked("f", 1.0, answer="two"),)),
            "test_one": Asked(questions=(asked("f", 1.0 + 1e-13, answer="one"),)),
        }
    )

    answers = [record.answered(check, asked("f", 1.0)).answer.value for check in ("test_one", "test_two", "test_three")]

    assert answers == ["one", "two", "two"]


def test_only_a_question_with_an_answer_answers():
    wrong = (Wrong(title="squared", explanation="", value=9),)
    record = recorded(Question(function="f", args=(3,), wrong=wrong))

    assert record.answered("test_one", asked("f", 3)) is None
    assert record.explained("test_one", asked("f", 3)).wrong[0].title == "squared"


def test_records_are_put_together_without_what_is_there_already():
    one = recorded(asked("f", 1.0, answer=10), values={"RATE": 0.1})
    other = recorded(asked("f", 1.0, answer=10), asked("f", 2.0, answer=20), values={"RATE": 0.1, "SIZE": 3})

    both = one.merged(other)

    assert [question.args for question in both.checks["test_one"].questions] == [(1.0,), (2.0,)]
    assert dict(both.checks["test_one"].values) == {"RATE": 0.1, "SIZE": 3}


def test_a_gap_is_a_question_that_the_record_cannot_answer():
    base = recorded(asked("f", np.ones(3), answer=1), asked("g", 1, answer=1))
    other = recorded(asked("f", np.ones(3) * 1.1, answer=1), asked("f", np.zeros(3)), asked("g", 1), values={"SIZE": 3})

    found = gaps(base, other)

    assert [(gap.check, gap.function) for gap in found] == [("test_one", "f"), ("test_one", "SIZE")]
    assert "offline=False" in found[0].sentence
    assert "test_one" in found[0].sentence


def test_to_ask_less_or_only_to_explain_is_no_gap():
    base = recorded(asked("f", 1, answer=1), asked("f", 2, answer=1))
    fewer = recorded(asked("f", 2, answer=1), Question(function="h", args=(7,)))

    assert gaps(base, fewer) == []
