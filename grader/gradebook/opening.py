"""Opening the database of a gradebook, and what can go wrong with one, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from grader.errors import GradebookError
from grader.gradebook.versions import is_current, migrate

WAIT_S = 30  # for another program that is writing
WRITES, MIGRATES = "writes", "migrates"  # options of a connection
LOCK = 0x67726164  # a number of ours: who writes to a PostgreSQL book holds it
WAYS_OUT = {
    "not a database": "Choose another file with --book, or move this one away and a new one is made.",
    "malformed": "The file is damaged: restore a copy of it, or move it away and grade again (a new one is made).",
    "locked": "Another program is writing to it. Try again when it is done.",
    "unable to open": "Choose a place that can be written to with --book.",
    "readonly": "Make the file and its folder writable, or choose another place with --book.",
    "full": "Make room on the disk and try again: what was kept before is untouched.",
}
OTHER_WAY_OUT = "Check that the database runs and that --book names it rightly."


class Database:
    """The database of one gradebook; `name` is how messages call it, without a password."""

    def __init__(self, place: str | Path) -> None:
        self._url = _url(place)
        self.path = _path(self._url)
        self.name = str(self.path) if self.path else self._url.render_as_string(hide_password=True)
        self._engine = self._made()

    def prepare(self) -> None:
        """Make the tables, or bring them to our version."""
        self._make_folder()
        with self.reading() as connection:
            if is_current(connection):
                return
        with self.writing(migrates=True) as connection:
            migrate(connection, self.name)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection whose queries see one state of the book."""
        with self._in_words(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, migrates: bool = False) -> Iterator[sa.Connection]:
        """Give a connection that is the only one to write; what it wrote is kept whole, or not at all."""
        options = {WRITES: True, MIGRATES: migrates}
        with self._in_words(), self._engine.execution_options(**options).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _made(self) -> sa.Engine:
        sqlite = self._url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"connect_args": {"timeout": WAIT_S}} if sqlite else {"pool_pre_ping": True}
        with self._in_words():
            try:
                engine = sa.create_engine(self._url, **options)
            except NoSuchModuleError as error:
                raise _wrong_url(self.name) from error
            except ImportError as error:
                raise GradebookError(
                    f"{self.name}: the driver {error.name!r} is not installed. For PostgreSQL install grade with its "
                    "extra [postgresql]; else choose a file with --book."
                ) from error
        if sqlite:
            sa.event.listen(engine, "connect", _leave_transactions_to_us)
            sa.event.listen(engine, "begin", _begin)
        return engine

    def _make_folder(self) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"{self.name}: its folder cannot be made ({error.strerror}). Choose another place with --book."
            raise GradebookError(message) from error

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Raise GradebookError for what the database complains of."""
        try:
            yield
        except SQLAlchemyError as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            reason = (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")
            way_out = next((way for mark, way in WAYS_OUT.items() if mark in reason.lower()), OTHER_WAY_OUT)
            raise GradebookError(f"{self.name}: {reason}. {way_out}") from error


def _url(place: str | Path) -> URL:
    """Return the URL of a database that is named by its URL or, for SQLite, by its file."""
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite", database=str(place))
    try:
        return make_url(place)
    except (ArgumentError, ValueError) as error:
        raise _wrong_url(place.partition("://")[0] + "://…") from error


def _path(url: URL) -> Path | None:
    """Return the file of an SQLite database."""
    is_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    return Path(url.database) if is_file and url.database and not url.database.startswith("file:") else None


def _wrong_url(name: str) -> GradebookError:
    return GradebookError(
        f"{name}: no gradebook can be named like that. Write a file's path, or a URL as in "
        "postgresql+psycopg://user@host/database."
    )


def _leave_transactions_to_us(connection: Any, record: Any) -> None:
    """Make tables part of a transaction, too: Python's driver begins one only before INSERT and the like."""
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    """Begin a transaction. SQLite changes a table by making it anew: until that is done, references lead nowhere."""
    options = connection.get_execution_options()
    connection.exec_driver_sql(f"PRAGMA foreign_keys = {'OFF' if options.get(MIGRATES) else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")
