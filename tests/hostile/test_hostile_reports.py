"""What attacks leave in pages, tables and on the terminal, seen with a browser's and a terminal's eyes.

The page must not run anything, must not ask anybody for anything, and must be there within seconds.
"""

import contextlib
import csv
import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest
from hostile_attack import HONEST, attempt, replaced
from hostile_reports import ATTACKS, AWAY, RUN
from notebooks import part_of
from rich.console import Console

from grader.assignment import load
from grader.cli.speak import in_line
from grader.config import GradeOptions
from grader.entries import Identity, entry_of
from grader.exports.table import gradebook_csv
from grader.grading import grade
from grader.report import class_html, html
from grader.report.terminal import show

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PAGE_S = 20
STARTS = ("=", "+", "-", "@", "\t", "\r", "\N{FULLWIDTH EQUALS SIGN}")  # of a formula
FORMULAS = [attack for attack in ATTACKS if attack.name.startswith("formula_")]
needs_browser = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here to open reports in")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def result_of(school):
    """Return the result of an attack; each is graded once."""
    kept = {}

    def result_of(attack):
        if attack.name not in kept:
            kept[attack.name] = attempt(attack, school).result
        return kept[attack.name]

    return result_of


@pytest.fixture
def opened(tmp_path, school):
    """Open a page in a browser, with all that is folded away unfolded; return what became of it."""

    def opened(page):
        path = tmp_path / "page.html"
        path.write_text(re.sub("<details(?! open)", "<details open", page), encoding="utf-8")
        command = [
            *(BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"),
            *("--no-first-run", "--disable-background-networking", "--window-size=1200,20000", "--timeout=8000"),
            *(f"--user-data-dir={tmp_path / 'profile'}", path.as_uri()),
        ]
        variables = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        heard = len(school.ears.heard)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=variables, start_new_session=True
        ) as browser:
            try:
                dom, _ = browser.communicate(timeout=PAGE_S)
            except subprocess.TimeoutExpired:
                pytest.fail(f"the page hangs the browser: it is not there after {PAGE_S} s")
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(browser.pid, signal.SIGKILL)
        return dom, school.ears.heard[heard:]

    return opened


@needs_browser
def test_the_browser_runs_and_fetches_where_a_page_lets_it(opened, school):
    page = f"<html><body><script>{RUN}</script><img src='{AWAY}/control'></body></html>"
    dom, heard = opened(replaced(page, school.names))

    assert 'data-yes="ran"' in dom
    assert "tcp" in heard


@needs_browser
@pytest.mark.parametrize(
    "attack", part_of([a for a in ATTACKS if a not in FORMULAS], every=3), ids=lambda attack: attack.name
)
def test_a_report_runs_and_fetches_nothing(attack, result_of, opened):
    dom, heard = opened(html(result_of(attack)))

    assert 'data-yes="ran"' not in dom
    assert "<title>ran" not in dom
    assert heard == []
    assert dom.rstrip().endswith("</html>")
    assert "of 17 points" in dom


@needs_browser
def test_a_list_of_hostile_names_runs_and_fetches_nothing(result_of, opened):
    whose = [Identity(id=attack.name, name=result_of(attack).student) for attack in ATTACKS]
    entries = [entry_of(result_of(attack), name="x", identity=one) for attack, one in zip(ATTACKS, whose, strict=True)]
    dom, heard = opened(class_html(entries, missing=whose))

    assert 'data-yes="ran"' not in dom
    assert "<title>ran" not in dom
    assert heard == []


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_report_is_made_within_seconds_and_of_bounded_size(attack, result_of):
    result = result_of(attack)
    started = time.perf_counter()
    page = html(result)

    assert time.perf_counter() - started < 10
    assert len(page) < 20_000_000


@pytest.mark.parametrize("attack", FORMULAS, ids=lambda attack: attack.name)
def test_no_field_of_the_gradebook_is_a_formula(attack, result_of):
    entries = [entry_of(result_of(one), name="x", identity=Identity()) for one in (attack, HONEST)]
    rows = list(csv.reader(io.StringIO(gradebook_csv(entries).removeprefix("\ufeff"))))

    assert [len(row) for row in rows] == [len(rows[0])] * 3
    assert [
        field for row in rows for field in row if field.strip()[:1] in tuple("=+-@\t\r\N{FULLWIDTH EQUALS SIGN}")
    ] == []
    assert rows[2][3] == "15"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_code_reaches_the_terminal(attack, result_of):
    written = io.StringIO()
    show(result_of(attack), Console(file=written, width=100, force_terminal=False))

    steering = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
    assert steering.findall(written.getvalue()) == []
    assert steering.findall(in_line(result_of(attack).submission)) == []


def test_results_as_json_are_whole(result_of):
    for attack in ATTACKS:
        read = json.loads(result_of(attack).model_dump_json())

        assert read["max_score"] == 17


# --- files that are too much to read ------------------------------------------------------------------------------

MEASURED = """
import resource, sys
from pathlib import Path
from grader.assignment import load
from grader.config import GradeOptions
from grader.entries import Identity, entry_of
from grader.grading import grade
assignment = load(Path(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
result = grade(Path(sys.argv[1]), assignment, GradeOptions(seed=3))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(grown // 1024)
print(result.error)
"""


def test_a_notebook_of_two_gigabytes_is_refused_with_a_sentence(tmp_path, school):
    path = tmp_path / "mallory.ipynb"
    path.write_bytes(b'{"cells": [')
    os.truncate(path, 2 * 2**30)  # sparse: it takes no room on the disk
    folder = school.folder / "assignments" / "tiny"
    started = time.perf_counter()
    with school.surroundings():
        variables = os.environ | {"PYTHONPATH": f"{school.names['project']}:{school.names['reference_folder']}"}
        command = [sys.executable, "-c", MEASURED, str(path), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, env=variables, check=True)
    grown_mb, sentence = done.stdout.splitlines()

    assert time.perf_counter() - started < 15
    assert int(grown_mb) < 100
    assert sentence.startswith("mallory.ipynb has 2147 MB, more than the 200 MB that are read. Clear its outputs")


DAMAGED = {
    "a list in a list in a list": (b"[" * 5_000_000, "nested far too deeply"),
    "a number without end": (b'{"nbformat": 1' + b"0" * 5_000_000, "mallory.ipynb"),
    "commas without end": (b'{"cells": [' + b"," * 5_000_000, "mallory.ipynb"),
    "quotation marks without end": (b'{"cells": ["' + b'\\"' * 5_000_000, "mallory.ipynb"),
    "an archive": (b"PK\x03\x04" + bytes(1000), "is a zip archive"),
    "nothing": (bytes(1_000_000), "mallory.ipynb"),
}


@pytest.mark.parametrize(("content", "sentence"), DAMAGED.values(), ids=DAMAGED)
def test_a_file_made_to_be_hard_to_read_is_refused_within_seconds(content, sentence, tmp_path, school):
    path = tmp_path / "mallory.ipynb"
    path.write_bytes(content)
    started = time.perf_counter()
    with school.surroundings():
        result = grade(path, load(school.folder / "assignments" / "tiny"), GradeOptions(seed=3))

    assert time.perf_counter() - started < 10
    assert sentence in result.error
    assert result.score == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 8 * 2**20
