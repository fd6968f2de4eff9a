"""Submissions: which notebooks there are, whose they are, and what their reports are called."""

from grader.submissions.finding import find_notebooks
from grader.submissions.naming import Submission, named, safe_name

__all__ = ["Submission", "find_notebooks", "named", "safe_name"]
