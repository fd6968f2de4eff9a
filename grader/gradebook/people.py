"""Finding a student or an assignment by what a person types."""

from __future__ import annotations

import sqlalchemy as sa

from grader.errors import UsageError, did_you_mean
from grader.gradebook.tables import assignments, storable, students, submissions


def student_key(connection: sa.Connection, word: str) -> str:
    """Return the key of the student that is meant: by key, else by id, e-mail address or name if only one has it.

    Raises UsageError that offers near names.
    """
    word = storable(word.strip())
    columns = [students.c[name] for name in ("key", "university_id", "email", "name")]
    rows = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(students.c.id))]
    if any(row[0] == word for row in rows):
        return word
    found = [row[0] for row in rows if word and word.casefold() in (text.casefold() for text in row)]
    if len(found) == 1:
        return str(found[0])
    if found:
        raise UsageError(f"{len(found)} students are called {word!r}: {', '.join(found)}. Use one of these.")
    near = did_you_mean(word, dict.fromkeys(text for row in rows for text in row if text))
    raise UsageError(f"No student {word!r} in the gradebook.{near} All of them: grade book")


def assignment_names(connection: sa.Connection, student: str | None = None) -> list[str]:
    """Return the assignments something was handed in for, of a student or at all."""
    query = sa.select(assignments.c.name).join(submissions, submissions.c.assignment_id == assignments.c.id).distinct()
    if student is not None:
        query = query.join(students, students.c.id == submissions.c.student_id).where(students.c.key == student)
    return sorted(connection.execute(query).scalars())


def require_assignment(connection: sa.Connection, name: str) -> None:
    """Raise UsageError, with the near name, unless something was handed in for this assignment."""
    names = assignment_names(connection)
    if storable(name) not in names:
        listed = ", ".join(filter(None, names)) or "none yet"
        raise UsageError(f"No assignment {name!r} in the gradebook.{did_you_mean(name, names)} There are: {listed}.")
