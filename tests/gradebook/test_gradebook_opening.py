"""Opening gradebooks: new ones, older and newer ones, several at once, and what is none."""

import contextlib
import os
import shutil
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import NOBODY
from gradebook_made import entry

from grader import __version__
from grader.errors import GradebookError
from grader.gradebook import open_book, versions
from grader.gradebook.opening import Database
from grader.gradebook.tables import METADATA


def engine_of(place):
    return sa.create_engine(str(place) if "://" in str(place) else f"sqlite:///{place}", poolclass=sa.NullPool)


def test_migrations_make_the_tables_that_the_program_uses(place):
    with open_book(place):
        pass
    with engine_of(place).connect() as connection:
        options = {"version_table": versions.VERSION_TABLE}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    assert found == []


def test_the_latest_version_is_that_of_the_scripts():
    assert ScriptDirectory(versions.SCRIPTS).get_current_head() == versions.LATEST


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer))
    with op.batch_alter_table("students") as students:
        students.drop_column("section")
"""


def test_an_older_book_is_brought_to_our_version_and_then_is_too_new_for_the_old_program(place, tmp_path, monkeypatch):
    with open_book(place) as book:
        book.record([entry("ada"), entry("bob")])
    with monkeypatch.context() as newer:
        scripts = Path(shutil.copytree(versions.SCRIPTS, tmp_path / "migrations"))
        (scripts / "versions" / "v0002_later.py").write_text(NEXT)
        newer.setattr(versions, "SCRIPTS", scripts)
        newer.setattr(versions, "LATEST", "0002")
        with open_book(place) as book:
            assert ["tiny"] == book.assignments()
    with engine_of(place).connect() as connection:
        assert {"later", "students", "verdicts"} <= set(sa.inspect(connection).get_table_names())
        assert ["ada", "bob"] == sorted(connection.execute(sa.text("SELECT key FROM students")).scalars())

    with pytest.raises(GradebookError, match="has version 0002"):
        open_book(place).__enter__()


def test_a_book_that_was_interrupted_while_it_was_made_is_made_anew(place, monkeypatch):
    def stop(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr("alembic.op.create_index", stop)
        with pytest.raises(KeyboardInterrupt):
            open_book(place).__enter__()
    with engine_of(place).connect() as connection:
        assert [] == sa.inspect(connection).get_table_names()
    with open_book(place) as book:
        assert 1 == book.record([entry()])


def test_a_book_keeps_what_is_in_it(place):
    with open_book(place) as book:
        book.record([entry()])
    with open_book(place) as book:
        assert book.entries() == [entry()]


def test_an_empty_file_becomes_a_book(tmp_path):
    (tmp_path / "book.db").touch()
    with open_book(tmp_path / "book.db") as book:
        assert book.entries() == []


def test_a_new_book_makes_its_folder(tmp_path):
    with open_book(tmp_path / "a" / "é %20 b" / "book.db") as book:
        book.record([entry()])

    assert (tmp_path / "a" / "é %20 b" / "book.db").is_file()


def test_a_book_can_be_in_memory():
    with open_book("sqlite://") as book:
        book.record([entry()])

        assert book.entries() == [entry()]


def test_many_may_make_the_same_book_at_once(place):
    def record(name):
        with open_book(place) as book:
            return book.record([entry(name)])

    names = [f"s{number}" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(record, names)) == [1] * 6
    with open_book(place) as book:
        assert names == [one.student for one in book.entries()]


# --- what is no book of ours ----------------------------------------------------------------------------------------


def test_a_book_of_a_newer_program_is_left_alone(place):
    with open_book(place) as book:
        book.record([entry()])
    with engine_of(place).begin() as connection:
        table = sa.table(versions.VERSION_TABLE, sa.column("version_num"))
        connection.execute(sa.update(table).values(version_num="9999"))

    message = rf"has version 9999, and grade {__version__} knows versions up to {versions.LATEST}.*Update grade"
    with pytest.raises(GradebookError, match=message) as caught, open_book(place):
        pass
    assert str(caught.value).startswith(str(place).partition("?")[0])


def test_a_database_of_another_program_is_left_alone(place):
    with engine_of(place).begin() as connection:
        connection.execute(sa.text("CREATE TABLE bookmarks (id INTEGER)"))

    with pytest.raises(GradebookError, match=r"belongs to another program \(it has the tables bookmarks"):
        open_book(place).__enter__()
    with engine_of(place).connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["bookmarks"]


NO_BOOKS = {
    "text": (b"student,points\nada,3\n" * 50, "file is not a database. Choose another file"),
    "cut off": (None, "The file is damaged"),
}


@pytest.mark.parametrize(("content", "message"), NO_BOOKS.values(), ids=NO_BOOKS.keys())
def test_a_file_that_is_no_database_is_named_and_kept(tmp_path, content, message):
    path = tmp_path / "book.db"
    if content is None:
        with open_book(path) as book:
            book.record([entry(f"s{number}") for number in range(200)])
        content = path.read_bytes()[:20_000]
    path.write_bytes(content)

    with pytest.raises(GradebookError, match=message) as caught, open_book(path) as book:
        book.entries()
    assert str(caught.value).startswith(f"{path}: ")
    assert path.read_bytes() == content


def test_a_folder_is_no_book(tmp_path):
    with pytest.raises(GradebookError, match=r"unable to open database file\. Choose a place"):
        open_book(tmp_path).__enter__()


def test_a_book_that_is_not_there_can_be_asked_for(tmp_path):
    with pytest.raises(GradebookError, match=r"no gradebook here\. A batch makes one"):
        open_book(tmp_path / "book.db", create=False).__enter__()
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def unprivileged():
    """Be somebody who may not write everywhere: root may."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def read_only():
    """A folder nobody may write in; whoever runs the tests keeps pytest's own folders to himself."""
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        folder = Path(outer) / "reports"
        folder.mkdir()
        yield folder
        folder.chmod(0o755)


def test_a_new_book_in_a_read_only_folder(read_only):
    read_only.chmod(0o555)
    with unprivileged(), pytest.raises(GradebookError, match=r"unable to open database file\. Choose a place"):
        open_book(read_only / "book.db").__enter__()


def test_a_new_folder_in_a_read_only_folder(read_only):
    read_only.chmod(0o555)
    with unprivileged(), pytest.raises(GradebookError, match=r"its folder cannot be made \(Permission denied"):
        open_book(read_only / "new" / "book.db").__enter__()


def test_a_read_only_book_can_be_read(read_only):
    with open_book(read_only / "book.db") as book:
        book.record([entry()])
    (read_only / "book.db").chmod(0o444)
    read_only.chmod(0o555)
    with unprivileged(), open_book(read_only / "book.db") as book:
        assert book.entries() == [entry()]
        with pytest.raises(GradebookError, match=r"readonly database\. Make the file and its folder writable"):
            book.record([entry("bob")])


def test_a_book_that_another_program_writes_to(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.gradebook.opening.WAIT_S", 0.1)
    path = tmp_path / "book.db"
    with open_book(path) as book, contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError, match=r"database is locked\. Another program is writing"):
            book.record([entry()])
        other.rollback()

        assert book.record([entry()]) == 1


def test_a_full_disk_leaves_what_was_kept(tmp_path):
    path = tmp_path / "book.db"
    with open_book(path) as book:
        book.record([entry()])
    database = Database(path)
    try:
        with pytest.raises(GradebookError, match=r"full\. Make room on the disk"), database.writing() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.exec_driver_sql("CREATE TABLE more (x)")
            connection.exec_driver_sql("INSERT INTO more VALUES (zeroblob(1000000))")
    finally:
        database.close()
    with open_book(path) as book:
        assert book.entries() == [entry()]


# --- URLs -----------------------------------------------------------------------------------------------------------

WRONG = {
    "no such database": ("oracel://host/book", "no gradebook can be named like that"),
    "no such driver": ("postgresql+pg9000://host/book", "no gradebook can be named like that"),
    "no URL": ("postgresql://host:port:5/x y", "no gradebook can be named like that"),
    "nobody answers": ("postgresql+psycopg://me:secret@127.0.0.1:1/book", "Connection refused.* Check that"),
}


@pytest.mark.parametrize(("url", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_url_is_told_without_its_password(url, message):
    with pytest.raises(GradebookError, match=message) as caught:
        open_book(url).__enter__()
    assert "secret" not in str(caught.value)


def test_a_driver_that_is_not_installed_is_named_with_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(GradebookError, match=r"install grade with its extra \[postgresql\]"):
        open_book("postgresql+psycopg://host/book").__enter__()
