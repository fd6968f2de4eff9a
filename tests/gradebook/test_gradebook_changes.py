"""Points given by hand: what follows from them, which of them outlive the next grading, and the history of it all."""

from datetime import UTC, datetime, timedelta

import pytest
from gradebook_made import DUE, RULE, check, entry, essay, handed_in, ungraded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.lateness import late
from grader.results import Status

DAY = timedelta(days=1)


def change(book, name, score, *, student="ada", who="eve", why="I read it."):
    return book.change("tiny", student, name, score, who, why)


def points(book, name):
    """Return points and status of a check of the only entry."""
    (entry,) = book.entries()
    return next((check.score, check.status) for check in entry.checks if check.id == name)


# --- what follows ---------------------------------------------------------------------------------------------------


def test_an_open_part_that_gets_points_is_open_no_more(book):
    book.record([entry()])
    change(book, "q2text", 5)
    (now,) = book.entries()

    assert (9, 0, 9) == (now.score, now.pending, now.final)
    assert [(4, 0, Status.FAILED), (5, 0, Status.PASSED)] == [(q.score, q.pending, q.status) for q in now.questions]


def test_no_points_decide_an_open_part_too(book):
    book.record([entry()])
    change(book, "q2text", 0)

    assert (0, Status.FAILED) == points(book, "q2text")
    assert book.entries()[0].pending == 0


def test_all_points_take_the_diagnosis_away_and_some_do_not(book):
    book.record([entry()])
    change(book, "test_loss", 1)
    some = book.entries()[0].checks[1]
    change(book, "test_loss", 2)

    assert check("test_loss", 1, diagnosis="sign lost") == some
    assert check("test_loss", 2) == book.entries()[0].checks[1]


def test_the_graders_own_points_are_its_own_verdict_again(book):
    book.record([entry()])
    change(book, "test_loss", 2)
    change(book, "test_loss", 0)

    assert book.entries() == [entry()]


def test_a_check_that_broke_waits_until_a_person_decides(book):
    broken = check("test_loss", 0.0, status=Status.ERROR)
    book.record([entry(pending=7.0, checks=(check("test_softmax", 4.0), broken, essay()))])
    change(book, "test_loss", 2)

    assert (6, 5) == (book.entries()[0].score, book.entries()[0].pending)


def test_late_days_cost_their_share_of_the_changed_points(book):
    book.record([late(entry(identity=handed_in(DUE + 2 * DAY)), RULE)], {"tiny": RULE})
    change(book, "q2text", 5)
    (now,) = book.entries()

    assert (9, 2, 1.8, 7.2) == (now.score, now.late_days, now.penalty, now.final)


def test_late_days_without_a_rule_cost_the_share_they_did(book):
    book.record([entry(late_days=1, penalty=1.0)])
    change(book, "q2text", 4)

    assert (8, 2) == (book.entries()[0].score, book.entries()[0].penalty)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    given_points=st.lists(
        st.one_of(
            st.tuples(st.just("test_softmax"), st.floats(0, 4)),
            st.tuples(st.just("test_loss"), st.floats(0, 2)),
            st.tuples(st.just("q2text"), st.floats(0, 5)),
        ),
        max_size=5,
    )
)
def test_sums_are_sums_whatever_is_changed(book, given_points):
    number = len(book.entries())
    book.record([entry(f"s{number}")])
    for name, score in given_points:
        change(book, name, score, student=f"s{number}")
    (now,) = book.entries(student=f"s{number}")

    for question in now.questions:
        own = [one for one in now.checks if one.question == question.id]
        assert question.score == pytest.approx(sum(one.score for one in own), abs=1e-5)
        assert question.pending == sum(one.max_score for one in own if one.status is Status.NEEDS_REVIEW)
    assert now.score == pytest.approx(sum(one.score for one in now.checks), abs=1e-5)
    assert dict(given_points).items() <= {one.id: one.score for one in now.checks}.items()


# --- who may what ---------------------------------------------------------------------------------------------------

WRONG = {
    "too many": (("test_loss", 2.1), {}, "between 0 and 2"),
    "less than nothing": (("test_loss", -1), {}, "between 0 and 2"),
    "no number": (("test_loss", float("nan")), {}, "between 0 and 2"),
    "no reason": (("test_loss", 1), {"why": " "}, "Say why"),
    "nobody": (("test_loss", 1), {"who": ""}, "Say who"),
    "no such check": (("test_los", 1), {}, "Did you mean 'test_loss'"),
    "no such student": (("test_loss", 1), {"student": "bob"}, "bob has handed in nothing for 'tiny'"),
}


@pytest.mark.parametrize(("what", "more", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_change_that_makes_no_sense_is_refused(book, what, more, message):
    book.record([entry()])

    with pytest.raises(UsageError, match=message):
        change(book, *what, **more)
    assert book.entries() == [entry()]


def test_where_nothing_was_graded_nothing_can_be_changed(book):
    book.record([ungraded()])

    with pytest.raises(UsageError, match=r"no verdicts to change\. It is no notebook"):
        change(book, "test_loss", 1)


# --- graded again ---------------------------------------------------------------------------------------------------


def test_a_change_stays_while_the_grader_says_the_same_of_the_check(book):
    book.record([entry()])
    change(book, "test_loss", 2)
    book.record([entry(softmax=2.0, digest="b2")])

    assert (2, Status.PASSED) == points(book, "test_loss")
    assert [] == book.to_look_at()


AGAIN = {
    "fewer points": {"loss": 1.0},
    "more points": {"loss": 2.0},
    "another diagnosis": {"checks": (check("test_loss", 0.0, diagnosis="mean forgotten"),)},
    "another status": {"checks": (check("test_loss", 0.0, status=Status.NOT_REACHED),)},
}


@pytest.mark.parametrize("new", AGAIN.values(), ids=AGAIN.keys())
def test_a_change_waits_for_a_person_when_the_grader_says_something_else(book, new):
    book.record([entry()])
    change(book, "test_loss", 1.5)
    book.record([entry(**new)])
    (again,) = book.to_look_at()

    assert book.entries() == [entry(**new)]
    assert ("ada", "tiny", "test_loss", 1.5) == (again.student, again.assignment, again.change.check, again.change.new)
    assert again.now in entry(**new).checks


def test_a_change_counts_again_when_the_grader_says_again_what_was_judged(book):
    book.record([entry()])
    change(book, "test_loss", 1.5)
    for loss in (2.0, 0.0):
        book.record([entry(loss=loss)])

    assert (1.5, Status.FAILED) == points(book, "test_loss")
    assert [] == book.to_look_at()


def test_a_part_that_a_person_marked_stays_with_its_notebook(book):
    book.record([entry()])
    change(book, "q2text", 4)
    book.record([entry(softmax=2.0)])
    assert (4, Status.FAILED) == points(book, "q2text")

    book.record([entry(digest="b2")])
    assert (0, Status.NEEDS_REVIEW) == points(book, "q2text")
    assert [("q2text", 4)] == [(again.change.check, again.change.new) for again in book.to_look_at()]


def test_a_check_that_is_gone_or_not_graded_is_to_be_looked_at_again(book):
    book.record([entry()])
    change(book, "test_loss", 1)
    book.record([ungraded()])

    assert [None] == [again.now for again in book.to_look_at("tiny", "ada")]
    assert [] == book.to_look_at("later")


def test_looking_again_settles_it(book):
    book.record([entry()])
    change(book, "q2text", 4)
    book.record([entry(digest="b2")])
    change(book, "q2text", 3)

    assert (3, Status.FAILED) == points(book, "q2text")
    assert [] == book.to_look_at()


def test_a_change_is_one_students_and_one_assignments(book):
    book.record([entry("ada"), entry("bob"), entry("ada", assignment="later")])
    change(book, "test_loss", 2)

    assert [0, 2, 0] == [one.checks[1].score for one in book.entries()]


# --- history --------------------------------------------------------------------------------------------------------


def test_the_history_tells_what_changed_between_attempts_and_by_people(book):
    book.record([entry(), entry("bob"), entry(assignment="later")])
    before = datetime.now(UTC)
    done = change(book, "q2text", 4, who="eve", why="Nearly.")
    book.record([entry(softmax=2.0, digest="b2")])
    first, second = book.history("ada", "tiny")

    assert (("q2text", 0, 4, "eve", "Nearly."), done) == (
        (done.check, done.old, done.new, done.who, done.why),
        *first.changes,
    )
    assert before <= done.when <= datetime.now(UTC)
    assert (entry(), entry(softmax=2.0, digest="b2")) == (first.entry, second.entry)
    assert ((), ()) == (first.differences, second.changes)
    assert [("test_softmax", 4, 2)] == [(one.check, one.before.score, one.after.score) for one in second.differences]


def test_the_history_has_all_assignments_and_compares_within_each(book):
    book.record([entry()])
    book.record([entry(assignment="later", softmax=0.0)])

    assert [("tiny", ()), ("later", ())] == [(one.entry.assignment, one.differences) for one in book.history("ada")]


def test_a_second_change_begins_where_the_first_ended(book):
    book.record([entry()])

    assert [(0, 3), (3, 5)] == [(done.old, done.new) for done in (change(book, "q2text", n) for n in (3, 5))]
