"""The version of a gradebook: which this program knows, which a book has, and the way from one to the other."""

from __future__ import annotations

from pathlib import Path

import alembic.command
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from grader import __version__
from grader.errors import GradebookError

SCRIPTS = Path(__file__).with_name("migrations")
VERSION_TABLE = "gradebook_version"
LATEST = "0001"  # of the scripts; read from here, since Alembic takes a moment to look at them


def is_current(connection: sa.Connection) -> bool:
    """Whether there is nothing to be done before the book can be used."""
    return _version(connection) == LATEST


def migrate(connection: sa.Connection, name: str) -> None:
    """Bring a book to our version, a new one from nothing.

    Raises GradebookError for one that a newer program wrote, and for a database that is no gradebook.
    """
    version = _version(connection)
    tables = sa.inspect(connection).get_table_names()
    if version is None and tables:
        listed = ", ".join(sorted(tables)[:3])
        raise GradebookError(
            f"{name}: this database belongs to another program (it has the tables {listed}). "
            "Choose another file or an empty database with --book."
        )
    config = _config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise GradebookError(
            f"{name}: this gradebook has version {version}, and grade {__version__} knows versions up to {LATEST}: "
            "a newer program wrote it. Update grade, or choose another gradebook with --book. Nothing was changed."
        )
    alembic.command.upgrade(config, "head")


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
