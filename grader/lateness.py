"""Late days: what a submission loses that came after its deadline. The rule is `[deadline]` in `assignment.toml`:

[deadline]
due = 2026-03-02T23:59:00+01:00      # or without the offset, and with zone = "Europe/Berlin"
grace_minutes = 15
per_day = 0.1                        # the share that each day begun costs
of = "score"                         # a share of the points reached, or of "max_score"
cap = 0.5                            # never more than this share
last_day = 5                         # after so many days nothing counts

The grace is added to the deadline, and so to the end of every day after it. With a zone a day ends at the same time
on its clock, also where that makes 23 or 25 hours; without one it has 24 hours.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from grader.entries import Entry

YEARS = range(1980, 2200)  # far enough from the calendar's ends for every sum of times here
FAR_S = 100 * 366 * 86_400.0  # who is later than a century is not later still
A_DAY = timedelta(days=1)


class Deadline(BaseModel):
    """When an assignment is due, and what being late costs."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    due: datetime
    zone: str | None = Field(None, description="whose clock tells the time of `due` and where a day ends")
    grace_minutes: float = Field(0, ge=0, le=30 * 24 * 60)
    per_day: float = Field(0, ge=0, le=1, description="share that each day begun costs")
    of: Literal["score", "max_score"] = "score"
    cap: float = Field(1, ge=0, le=1, description="never more than this share")
    last_day: int | None = Field(None, ge=0, description="after so many days nothing counts")

    @field_validator("due", mode="before")
    @classmethod
    def _tells_the_time(cls, due: Any) -> Any:
        if isinstance(due, datetime) or (isinstance(due, str) and ":" in due):
            return due
        raise ValueError("write date and time, as in 2026-03-02T23:59:00+01:00")

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str | None) -> str | None:
        try:
            return zone if zone is None or ZoneInfo(zone) else None
        except (OSError, ValueError, LookupError) as error:
            message = f'no time zone {zone!r} is known here; write one as in "Europe/Berlin"'
            raise ValueError(message) from error

    @model_validator(mode="after")
    def _is_one_moment(self) -> Deadline:
        if self.due.year not in YEARS:
            raise ValueError(f"`due` is in the year {self.due.year}")
        if self.due.tzinfo is None and self.zone is None:
            raise ValueError(
                'write `due` with its offset, as in 2026-03-02T23:59:00+01:00, or add zone = "Europe/Berlin"'
            )
        return self

    @property
    def clock(self) -> tzinfo:
        """What tells where a day ends."""
        if self.zone is not None:
            return ZoneInfo(self.zone)
        return self.due.tzinfo or UTC

    def days_late(self, submitted: datetime) -> int:
        """Return how many days were begun after the deadline and its grace; fractions of a second do not count."""
        handed_in, due = _moment(submitted.replace(microsecond=0), self.clock), self._end_of_day(0)
        late_s = (handed_in - due).total_seconds()
        if late_s <= 0:
            return 0
        if late_s > FAR_S:
            return int(FAR_S // 86_400)
        days = max(1, int(late_s // 86_400) - 1)  # a clock that is changed moves the end of a day
        while handed_in > self._end_of_day(days):
            days += 1
        return days

    def penalty(self, days: int, score: float, max_score: float) -> float:
        """Return the points that so many days cost; at most the score."""
        if self.last_day is not None and days > self.last_day:
            return max(0.0, score)
        share = min(days * self.per_day, self.cap)
        points = round(share * (score if self.of == "score" else max_score), 6)
        return max(0.0, min(points, score))

    def _end_of_day(self, number: int) -> datetime:
        """Return when that many days after the deadline are over, the grace included."""
        grace = timedelta(minutes=self.grace_minutes)
        if number == 0:
            return _moment(self.due, self.clock) + grace
        shown = self.due.astimezone(self.clock) if self.due.tzinfo else self.due
        return _moment(shown.replace(tzinfo=None) + number * A_DAY, self.clock) + grace


def late(entry: Entry, deadline: Deadline | None) -> Entry:
    """Return the entry with what being late costs: nothing where there is no rule or no time is known."""
    days = deadline.days_late(entry.identity.submitted) if deadline and entry.identity.submitted else 0
    counts = deadline is not None and entry.graded
    penalty = deadline.penalty(days, entry.score, entry.max_score) if deadline and counts else 0.0
    return replace(entry, late_days=days, penalty=penalty)


def late_by_unknown(entry: Entry) -> bool:
    """Whether the entry is late and nobody knows by how much: this costs nothing, but a person should look."""
    return entry.identity.late and entry.identity.submitted is None


def _moment(time: datetime, clock: tzinfo) -> datetime:
    """Return a time in UTC; one without an offset is what the clock shows, the later one where it shows it twice."""
    if time.tzinfo is not None:
        return _in_utc(time)
    return max(_in_utc(time.replace(tzinfo=clock, fold=0)), _in_utc(time.replace(tzinfo=clock, fold=1)))


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:  # the first or last day of the calendar
        return time.replace(tzinfo=UTC)
