"""Places for gradebooks: a file, and where a server is installed, a database of PostgreSQL."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from grader.gradebook import open_book

NOBODY = 65534
NUMBERS = itertools.count()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def place(request, tmp_path):
    """Where a new gradebook can be: a file or a URL."""
    return tmp_path / "gradebook.db" if request.param == "sqlite" else request.getfixturevalue("database")


@pytest.fixture
def book(place):
    """A new gradebook, open."""
    with open_book(place) as book:
        yield book


@pytest.fixture
def database(server):
    """The URL of an empty schema of a PostgreSQL server."""
    name = f"book{next(NUMBERS)}"
    with psycopg.connect(host=server, user="grader", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"postgresql+psycopg://grader@/postgres?host={server}&options=-csearch_path%3D{name}"


@pytest.fixture(scope="session")
def server():
    """The folder of the socket of a PostgreSQL server that runs while the tests do."""
    if not (shutil.which("initdb") and shutil.which("postgres")):
        pytest.skip("no PostgreSQL server is installed: no initdb or no postgres in PATH")
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("PostgreSQL refuses to run as root, and there is no setpriv to run it as somebody else")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path has to be short
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        data = folder / "data"
        options = ["--username=grader", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(unprivileged("initdb", "-D", data, *options), check=True, capture_output=True, cwd=folder)
        with running(unprivileged("postgres", "-D", data, "-k", folder, "-h", "", "-F"), folder):
            yield str(folder)
    finally:
        shutil.rmtree(folder)


def unprivileged(*command):
    """Return the command so that root runs it as nobody."""
    user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*(["setpriv", *user] if os.geteuid() == 0 else []), *map(str, command)]


@contextlib.contextmanager
def running(command, folder):
    """Run a server until the block ends."""
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            wait_for(folder, process)
            yield
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing has to be kept
            process.wait(30)


def wait_for(folder, process):
    """Return when the server answers."""
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host=str(folder), user="grader", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError((folder / "log").read_text()) from None
            time.sleep(0.1)
