"""A batch: many submissions graded, each for itself, and summed up whatever happens."""

from grader.batch.attempts import Grading, Settings
from grader.batch.outcomes import Outcome, Summary, failed
from grader.batch.reports import Reports
from grader.batch.room import require_writable
from grader.batch.run import attempt, class_entries, run_batch, write_class, written

__all__ = [
    "Grading",
    "Outcome",
    "Reports",
    "Settings",
    "Summary",
    "attempt",
    "class_entries",
    "failed",
    "require_writable",
    "run_batch",
    "write_class",
    "written",
]
