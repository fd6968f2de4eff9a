"""A batch: many submissions graded, each for itself, and summed up whatever happens."""

from grader.batch.room import require_writable
from grader.batch.run import Outcome, Summary, attempt, run_batch, write_summary, written

__all__ = ["Outcome", "Summary", "attempt", "require_writable", "run_batch", "write_summary", "written"]
