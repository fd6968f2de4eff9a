"""Late days: when a day begins, what it costs, and rules that make no sense."""

import shutil
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.assignment import load
from grader.entries import Entry, Identity
from grader.errors import AssignmentError
from grader.lateness import Deadline, late, late_by_unknown
from grader.results import ExecutionStatus

BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 3, 2, 23, 59, tzinfo=timezone(timedelta(hours=1)))
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def entry(score=8.0, max_score=10.0, **more):
    return Entry(
        name="ada",
        student="ada",
        submission="ada.ipynb",
        assignment="tiny",
        title="Tiny",
        score=score,
        max_score=max_score,
        pending=0,
        seed=1,
        sandbox="none",
        execution=ExecutionStatus.COMPLETED,
        seconds=1,
        **more,
    )


def at(moment, **more):
    return entry(identity=Identity(submitted=moment), **more)


# --- days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "days"),
    [(-DAY, 0), (timedelta(0), 0), (SECOND, 1), (DAY, 1), (DAY + SECOND, 2), (9 * DAY, 9), (9 * DAY + HOUR, 10)],
    ids=str,
)
def test_each_day_that_is_begun_counts(after, days):
    assert Deadline(due=DUE).days_late(DUE + after) == days


@pytest.mark.parametrize("days", [0, 1, 2])
def test_the_grace_is_exact_to_the_second_at_the_end_of_every_day(days):
    deadline = Deadline(due=DUE, grace_minutes=15)
    end = DUE + days * DAY + timedelta(minutes=15)

    assert [deadline.days_late(end), deadline.days_late(end + SECOND)] == [days, days + 1]


def test_a_fraction_of_a_second_is_nobodys_fault():
    assert Deadline(due=DUE).days_late(DUE + timedelta(milliseconds=999)) == 0


def test_where_it_was_handed_in_does_not_matter():
    moment = DUE + HOUR

    assert {Deadline(due=DUE).days_late(moment.astimezone(zone)) for zone in (UTC, BERLIN, ZoneInfo("Asia/Tokyo"))} == {
        1
    }


@pytest.mark.parametrize(
    ("due", "hours"),
    [(datetime(2026, 3, 28, 12), 23), (datetime(2026, 10, 24, 12), 25), (datetime(2026, 6, 1, 12), 24)],
    ids=["clocks go forward", "clocks go back", "summer"],
)
def test_a_day_ends_at_the_same_time_on_the_clock_of_the_zone(due, hours):
    deadline = Deadline(due=due, zone="Europe/Berlin")
    start = due.replace(tzinfo=BERLIN).astimezone(UTC)
    end = start + hours * HOUR

    assert [deadline.days_late(start), deadline.days_late(end), deadline.days_late(end + SECOND)] == [0, 1, 2]


def test_without_a_zone_a_day_has_24_hours():
    due = datetime(2026, 3, 28, 12, tzinfo=timezone(HOUR))

    assert [Deadline(due=due).days_late(due + 24 * HOUR + late_by) for late_by in (timedelta(0), SECOND)] == [1, 2]


def test_a_due_time_with_offset_and_zone_is_that_moment_and_its_days_are_the_zones():
    due = datetime(2026, 3, 28, 11, tzinfo=UTC)  # noon in Berlin
    deadline = Deadline(due=due, zone="Europe/Berlin")

    assert [deadline.days_late(due + 23 * HOUR), deadline.days_late(due + 23 * HOUR + SECOND)] == [1, 2]


@pytest.mark.parametrize(
    ("due", "moment"),
    [
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        (datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
    ids=["a time there is twice", "a time there is not"],
)
def test_what_the_clock_leaves_open_is_decided_for_the_student(due, moment):
    deadline = Deadline(due=due, zone="Europe/Berlin")

    assert [deadline.days_late(moment), deadline.days_late(moment + SECOND)] == [0, 1]


ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))


@given(due=TIMES, zone=ZONES, grace=st.integers(0, 600), late_s=st.integers(-(10**6), 10**8))
@example(due=datetime(2026, 3, 29, 2, 30), zone="Europe/Berlin", grace=0, late_s=86_400)
def test_days_are_those_counted_on_the_clock(due, zone, grace, late_s):
    """The number of days is the least after which, on that clock and with the grace, the submission is in time."""
    deadline = Deadline(due=due, zone=zone, grace_minutes=grace)
    ends = [max((due + n * DAY).replace(tzinfo=ZoneInfo(zone), fold=f).astimezone(UTC) for f in (0, 1)) for n in (0, 1)]
    moment = ends[0] + late_s * SECOND
    days = deadline.days_late(moment)
    shown = (moment - timedelta(minutes=grace)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    assert (days == 0) == (late_s <= grace * 60)
    assert days == 0 or due + (days - 1) * DAY - HOUR <= shown <= due + days * DAY + HOUR
    assert days != 1 or moment <= ends[1] + timedelta(minutes=grace)


@given(moment=st.datetimes(timezones=st.sampled_from([UTC, timezone(14 * HOUR), timezone(-12 * HOUR)])))
@example(moment=datetime.max.replace(tzinfo=timezone(-12 * HOUR)))
@example(moment=datetime.min.replace(tzinfo=timezone(14 * HOUR)))
def test_every_time_that_can_be_written_has_an_answer(moment):
    assert Deadline(due=DUE).days_late(moment) >= 0


# --- points ---------------------------------------------------------------------------------------------------------

RULES = st.builds(
    Deadline,
    due=st.just(DUE),
    grace_minutes=st.integers(0, 100),
    per_day=st.floats(0, 1),
    of=st.sampled_from(["score", "max_score"]),
    cap=st.floats(0, 1),
    last_day=st.none() | st.integers(0, 20),
)
LATE_S = st.integers(-(10**5), 3 * 10**6)


@given(rule=RULES, score=st.floats(0, 100), early=LATE_S, later=LATE_S)
def test_later_never_costs_less(rule, score, early, later):
    early, later = sorted((early, later))
    points = [late(at(DUE + seconds * SECOND, score=score, max_score=100), rule).final for seconds in (early, later)]

    assert points[0] >= points[1]


@given(rule=RULES, score=st.floats(0, 100), late_s=LATE_S)
def test_never_below_zero_and_never_more_than_the_cap(rule, score, late_s):
    done = late(at(DUE + late_s * SECOND, score=score, max_score=100), rule)
    lost = rule.last_day is not None and done.late_days > rule.last_day

    assert 0 <= done.penalty <= score
    assert done.final >= 0
    assert done.penalty == score if lost else done.penalty <= rule.cap * 100 + 1e-6
    assert rule.of == "max_score" or lost or done.penalty <= rule.cap * score + 1e-6


@pytest.mark.parametrize(
    ("rule", "days", "penalty"),
    [
        ({"per_day": 0.1}, 2, 1.6),
        ({"per_day": 0.1, "of": "max_score"}, 2, 2.0),
        ({"per_day": 0.1, "cap": 0.5}, 9, 4.0),
        ({"per_day": 0.5, "of": "max_score"}, 2, 8.0),
        ({"per_day": 0.1, "cap": 0.5, "last_day": 5}, 5, 4.0),
        ({"per_day": 0.1, "cap": 0.5, "last_day": 5}, 6, 8.0),
        ({}, 3, 0.0),
    ],
    ids=["of the score", "of all", "the cap", "no more than there is", "the last day", "after it", "only counted"],
)
def test_what_days_cost(rule, days, penalty):
    done = late(at(DUE + days * DAY), Deadline(due=DUE, **rule))

    assert (days, penalty, 8 - penalty) == (done.late_days, done.penalty, done.final)


def test_without_a_time_nothing_is_lost_and_the_entry_is_listed():
    done = late(entry(identity=Identity(late=True)), Deadline(due=DUE, per_day=1))

    assert (0, 0, 8) == (done.late_days, done.penalty, done.final)
    assert late_by_unknown(done)
    assert not late_by_unknown(at(DUE + DAY))


def test_without_a_rule_nothing_is_lost():
    before = replace(at(DUE + DAY), late_days=3, penalty=2)

    assert late(before, None) == at(DUE + DAY)


def test_who_could_not_be_graded_has_nothing_to_lose():
    done = late(at(DUE + DAY, score=0.0, max_score=0.0, error="no notebook"), Deadline(due=DUE, per_day=1, last_day=0))

    assert (1, 0) == (done.late_days, done.penalty)


# --- the rule -------------------------------------------------------------------------------------------------------


def test_a_rule_is_read_from_toml():
    text = 'due = 2026-03-02T23:59:00\nzone = "Europe/Berlin"\ngrace_minutes = 15\nper_day = 0.1\nof = "max_score"'

    assert Deadline.model_validate(tomllib.loads(text)) == Deadline(
        due=datetime(2026, 3, 2, 23, 59), zone="Europe/Berlin", grace_minutes=15, per_day=0.1, of="max_score"
    )


@given(rule=RULES)
def test_a_rule_survives_json(rule):
    assert Deadline.model_validate_json(rule.model_dump_json()) == rule


WRONG = {
    "no offset": ({"due": datetime(2026, 3, 2, 23, 59)}, 'add zone = "Europe/Berlin"'),
    "a day": ({"due": DUE.date()}, "write date and time"),
    "a day as text": ({"due": "2026-03-02"}, "write date and time"),
    "a number": ({"due": 20260302}, "write date and time"),
    "year 1": ({"due": DUE.replace(year=1)}, "year 1"),
    "no such zone": ({"due": DUE, "zone": "Europe/Berlim"}, "no time zone 'Europe/Berlim'"),
    "a folder": ({"due": DUE, "zone": "Europe"}, "no time zone 'Europe'"),
    "a way out": ({"due": DUE, "zone": "../etc/passwd"}, "no time zone"),
    "more than all": ({"due": DUE, "per_day": 10}, "less than or equal to 1"),
    "negative": ({"due": DUE, "cap": -0.1}, "greater than or equal to 0"),
    "not a number": ({"due": DUE, "grace_minutes": float("nan")}, "finite"),
    "a typing error": ({"due": DUE, "per_week": 1}, "per_week"),
}


@pytest.mark.parametrize(("rule", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_rule_that_makes_no_sense_is_refused(rule, message):
    with pytest.raises(ValidationError, match=message):
        Deadline.model_validate(rule)


# --- in assignment.toml ---------------------------------------------------------------------------------------------

TINY = Path(__file__).parent / "assignments" / "tiny"


def loaded_with(folder, rule):
    """Load a copy of the tiny assignment that has this rule."""
    copy = Path(shutil.copytree(TINY, folder / "tiny"))
    file = copy / "assignment.toml"
    head, questions = file.read_text().split("[[questions]]", 1)
    file.write_text(f"{head}{rule}\n[[questions]]{questions}")
    return load(copy)


def test_an_assignment_has_no_deadline_unless_it_says_so():
    assert load(TINY).deadline is None


def test_an_assignment_says_when_it_is_due(tmp_path):
    assignment = loaded_with(tmp_path, "[deadline]\ndue = 2026-03-02T23:59:00+01:00\nper_day = 0.1\n")

    assert assignment.deadline == Deadline(due=DUE, per_day=0.1)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("[deadline]\ndue = 2026-03-02T23:59:00\n", r"assignment.toml: .*`deadline`: write `due` with its offset"),
        ("[deadline]\ndue = 2026-03-02T23:59:00Z\nper_dya = 0.1\n", r"line 10: .*Did you mean 'per_day'"),
        ("[deadline]\nper_day = 0.1\n", r"`deadline.due`: is missing"),
    ],
    ids=["no zone", "a typing error", "no time"],
)
def test_a_deadline_that_makes_no_sense_is_named_with_file_and_place(tmp_path, rule, message):
    with pytest.raises(AssignmentError, match=message):
        loaded_with(tmp_path, rule)
