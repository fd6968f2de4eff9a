"""Submissions: which notebooks there are, whose they are, and what their reports are called."""

from grader.submissions.collecting import Collection, Refused, Unmatched, collect
from grader.submissions.finding import find_notebooks
from grader.submissions.naming import Submission, named, safe_name
from grader.submissions.roster import Roster

__all__ = [
    "Collection",
    "Refused",
    "Roster",
    "Submission",
    "Unmatched",
    "collect",
    "find_notebooks",
    "named",
    "safe_name",
]
