"""What goes into a gradebook comes out of it, once, whatever is in its texts."""

import string
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from gradebook_made import DUE, RULE, entry, handed_in, ungraded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import __version__
from grader.entries import CheckEntry, Entry, Identity, QuestionEntry
from grader.errors import GradebookError
from grader.gradebook import open_book
from grader.lateness import Deadline, late
from grader.results import ExecutionStatus, Status, Visibility

DAY = timedelta(days=1)


def test_a_new_book_is_empty(book):
    assert ([], []) == (book.entries(), book.assignments())


def test_what_is_recorded_comes_out_sorted(book):
    made = [entry("bob"), ungraded("ada", assignment="tiny"), entry("ada", assignment="later")]

    assert book.record(made) == 3
    assert book.entries() == [made[2], made[1], made[0]]


def test_entries_of_an_assignment_or_a_student(book):
    book.record([entry("ada"), entry("bob"), entry("ada", assignment="later")])

    assert [("ada", "later"), ("ada", "tiny")] == [(one.student, one.assignment) for one in book.entries(student="ada")]
    assert ["ada", "bob"] == [one.student for one in book.entries("tiny")]
    assert [] == book.entries("later", "bob")
    assert ["later", "tiny"] == book.assignments()
    assert ["tiny"] == book.assignments("bob")


# --- attempts -------------------------------------------------------------------------------------------------------


def test_the_same_verdicts_of_the_same_notebook_are_no_attempt(book):
    book.record([entry()])

    assert book.record([entry(seconds=9.0, seed=1, sandbox="none")]) == 0
    assert len(book.history("ada")) == 1


CHANGED = {
    "another notebook": {"digest": "b2"},
    "other points": {"softmax": 2.0},
    "it cannot be graded now": {"error": "no kernel"},
    "it was stopped": {"execution": ExecutionStatus.TIMED_OUT},
    "other diagnosis": {"checks": (replace(entry().checks[0], diagnosis="rows do not sum to one"),)},
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED.keys())
def test_whatever_else_comes_out_is_an_attempt(book, change):
    book.record([entry()])

    assert book.record([entry(**change)]) == 1
    assert book.entries() == [entry(**change)]


def test_going_back_to_what_was_before_is_an_attempt(book):
    assert [book.record([entry(digest=digest)]) for digest in ("a1", "b2", "a1", "a1")] == [1, 1, 1, 0]
    assert [attempt.entry.digest for attempt in book.history("ada")] == ["a1", "b2", "a1"]


def test_two_notebooks_of_one_student_at_once_are_two_attempts(book):
    assert book.record([entry(digest="a1"), entry(digest="b2"), entry(digest="b2")]) == 2
    assert book.entries() == [entry(digest="b2")]


def test_a_later_attempt_counts_though_the_clock_went_back(book, monkeypatch):
    moments = iter([datetime(2026, 3, 2, tzinfo=UTC), datetime(1999, 3, 2, tzinfo=UTC)])

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return next(moments)

    monkeypatch.setattr("grader.gradebook.writing.datetime", Clock)
    book.record([entry(digest="a1")])
    book.record([entry(digest="b2")])

    assert [2026, 1999] == [attempt.graded_at.year for attempt in book.history("ada")]
    assert book.entries() == [entry(digest="b2")]


def test_an_attempt_tells_when_and_by_which_grader(book):
    before = datetime.now(UTC)
    book.record([entry()])
    (attempt,) = book.history("ada")

    assert before <= attempt.graded_at <= datetime.now(UTC)
    assert (attempt.graded_at, __version__) == (attempt.first_seen, attempt.grader)


def test_a_notebook_that_is_graded_again_was_first_seen_before(book):
    book.record([entry()])
    book.record([entry(softmax=2.0)])
    first, second = book.history("ada")

    assert first.first_seen == second.first_seen
    assert (False, True) == (first.same_notebook, second.same_notebook)


def test_many_chunks_are_all_or_nothing(book, monkeypatch):
    monkeypatch.setattr("grader.gradebook.writing.CHUNK", 2)
    many = [entry(f"s{number}") for number in range(5)]

    def stopped():
        yield from many
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        book.record(stopped())
    assert book.entries() == []
    assert book.record(many) == 5
    assert book.entries() == many


# --- whose it is ----------------------------------------------------------------------------------------------------


def test_what_is_known_of_a_student_stays_where_nothing_new_is_told(book):
    book.record([entry(identity=Identity(id="17", name="A. Student", downloaded_as="a/1.ipynb", submitted=DUE))])
    book.record([entry(softmax=2.0, identity=Identity(name="Ada Student", section="B"))])
    (now,) = book.entries()

    assert now.identity == Identity(id="17", name="Ada Student", section="B", downloaded_as="a/1.ipynb", submitted=DUE)


def test_participants_of_moodle_are_of_one_assignment(book):
    book.record([entry(identity=Identity(moodle_participant="1")), entry(assignment="later", digest="c3")])

    assert ["", "1"] == [one.identity.moodle_participant for one in book.entries()]


# --- late days ------------------------------------------------------------------------------------------------------


def test_a_new_rule_changes_what_late_days_cost_and_is_no_attempt(book):
    graded = entry(identity=handed_in(DUE + 2 * DAY))
    harder = Deadline(due=DUE, per_day=0.25)

    assert [book.record([late(graded, rule)], {"tiny": rule}) for rule in (RULE, harder)] == [1, 0]
    assert [(2, 2.0)] == [(one.late_days, one.penalty) for one in book.entries()]


def test_a_time_that_an_earlier_download_told_still_counts(book):
    book.record([late(entry(identity=handed_in(DUE + DAY)), RULE)], {"tiny": RULE})
    book.record([late(entry(softmax=2.0), RULE)])

    assert [(2.0, 1, 0.2)] == [(one.score, one.late_days, one.penalty) for one in book.entries()]


def test_a_rule_can_be_taken_back(book):
    graded = entry(identity=handed_in(DUE + DAY))
    book.record([late(graded, RULE)], {"tiny": RULE})
    book.record([late(graded, None)], {"tiny": None})
    book.change("tiny", "ada", "q2text", 5, "eve", "good")

    assert [(9, 0, 0)] == [(one.score, one.late_days, one.penalty) for one in book.entries()]


# --- any text, any number -------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ODD = st.sampled_from(["", "💥", "a\u0301", "\ufeff", "\u202eabc", "%s :x ?", "'; DROP TABLE students; --", "\x1b[31m"])
TEXTS = TEXT | ODD
POINTS = st.floats(0, 1e6)
MOMENTS = st.datetimes(
    datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=5.5))])
)
CHECKS = st.builds(
    CheckEntry,
    id=TEXTS,
    question=TEXTS,
    title=TEXTS,
    visibility=st.sampled_from(Visibility),
    status=st.sampled_from(Status),
    score=POINTS,
    max_score=POINTS,
    diagnosis=TEXTS,
    diagnosis_title=TEXTS,
)
QUESTIONS = st.builds(
    QuestionEntry,
    id=TEXTS,
    title=TEXTS,
    score=POINTS,
    max_score=POINTS,
    pending=POINTS,
    status=st.sampled_from(Status),
)
IDENTITIES = st.builds(
    Identity,
    **dict.fromkeys(["id", "name", "email", "section", "canvas_user", "moodle_participant", "downloaded_as"], TEXTS),
    late=st.booleans(),
    submitted=st.none() | MOMENTS,
)
ENTRIES = st.builds(
    Entry,
    **dict.fromkeys(["name", "student", "submission", "title", "sandbox", "error", "report"], TEXTS),
    **dict.fromkeys(["score", "max_score", "pending", "seconds", "penalty"], POINTS),
    assignment=st.just("any"),
    seed=st.integers(0, 2**80),
    execution=st.sampled_from(ExecutionStatus),
    digest=st.text(string.hexdigits, max_size=64),
    questions=st.lists(QUESTIONS, max_size=3).map(tuple),
    checks=st.lists(CHECKS, max_size=3, unique_by=lambda check: check.id).map(tuple),
    identity=IDENTITIES,
    late_days=st.integers(0, 10_000),
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(made=st.lists(ENTRIES, max_size=4, unique_by=lambda one: one.student))
def test_what_goes_in_comes_out(book, made):
    test_what_goes_in_comes_out.runs = getattr(test_what_goes_in_comes_out, "runs", 0) + 1
    run = str(test_what_goes_in_comes_out.runs)  # each has students and an assignment of its own
    made = [replace(one, assignment=run, title="any", student=f"{run} {one.student}") for one in made]
    book.record(made)

    assert sorted(made, key=lambda one: one.student) == book.entries(run)
    assert book.record(made) == 0


@pytest.mark.parametrize(("text", "kept"), [("a\0b", "a␀b"), ("a\ud800b", "a?b")], ids=["NUL", "half a character"])
def test_what_no_database_takes_is_replaced(book, text, kept):
    book.record([texts_replaced(entry(), text)])

    assert book.entries() == [texts_replaced(entry(), kept)]
    assert book.record([texts_replaced(entry(), text)]) == 0


def texts_replaced(thing, text):
    """Return an entry, or a part of one, with this text in the place of every text."""
    if is_dataclass(thing):
        return replace(
            thing, **{field.name: texts_replaced(getattr(thing, field.name), text) for field in fields(thing)}
        )
    if isinstance(thing, tuple):
        return tuple(replace(texts_replaced(part, text), id=f"{text}{place}") for place, part in enumerate(thing))
    return text if type(thing) is str else thing


# --- trouble --------------------------------------------------------------------------------------------------------


def test_a_name_longer_than_a_database_takes_loses_nothing_that_was_kept(place):
    with open_book(place) as book:
        book.record([entry("ada")])
        try:
            book.record([entry("bob"), entry("x" * 501)])
        except GradebookError as error:
            assert "too long" in str(error)
            assert ["ada"] == [one.student for one in book.entries()]
        else:
            assert len(book.entries()) == 3
