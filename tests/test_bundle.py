"""An unpacked bundle is used as it was released, or not at all."""

import hashlib

import pytest

from grader import __version__, bundle
from grader.bundle import Bundle, Points
from grader.errors import AssignmentError, UsageError

TOML = """
name = "hw"
title = "Homework"
notebook = "hw.ipynb"
record = "record.zip"
[[questions]]
id = "q1"
title = "One"
points = 2
"""
CHECK = '''
import pytest


@pytest.mark.check("q1", points=2)
def test_one(check):
    """One"""
'''


@pytest.fixture
def unpacked(tmp_path):
    """Return the folder of a small bundle."""
    files = {"assignment.toml": TOML, "checks/test_q1.py": CHECK, "record.zip": "record", "hw.ipynb": "{}"}
    for name, text in files.items():
        path = tmp_path / "hw" / bundle.FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    describe(tmp_path / "hw", files=files)
    return tmp_path / "hw"


def describe(folder, files=None, **changes):
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in (files or {}).items()}
    made = Bundle(
        schema_version=bundle.SCHEMA,
        assignment="hw",
        title="Homework",
        notebook="hw.ipynb",
        grader=__version__,
        seed=7,
        points={"q1": Points(public=2, total=2)},
        files=digests,
    )
    text = made.sealed.model_copy(update=changes).model_dump_json()
    (folder / bundle.FOLDER / bundle.FILE).write_text(text, encoding="utf-8")


def test_a_bundle_is_opened_with_its_assignment(unpacked):
    found, assignment = bundle.opened(unpacked)

    assert (found.seed, found.points["q1"].public) == (7, 2)
    assert (assignment.name, assignment.record, assignment.folder) == ("hw", "record.zip", unpacked / "selfcheck")


def test_it_may_be_named_from_where_one_is_and_by_a_link(unpacked, monkeypatch):
    monkeypatch.chdir(unpacked.parent)
    (unpacked.parent / "link").symlink_to("hw")

    assert bundle.opened(unpacked.relative_to(unpacked.parent))[0].assignment == "hw"
    assert bundle.opened(unpacked.parent / "link")[0].assignment == "hw"


def test_it_is_found_from_inside_and_not_from_beside(unpacked):
    inner = unpacked / "selfcheck" / "checks"

    assert bundle.near(inner) == unpacked
    assert bundle.near(unpacked) == unpacked
    assert bundle.near(unpacked.parent) is None
    assert bundle.near(unpacked / "nowhere") is None


def test_a_file_with_the_name_of_its_folder_does_not_hide_it(unpacked):
    (unpacked / "notes").mkdir()
    (unpacked / "notes" / bundle.FOLDER).write_text("mine")

    assert bundle.near(unpacked / "notes") == unpacked


@pytest.mark.parametrize("name", ["assignment.toml", "checks/test_q1.py", "record.zip", "hw.ipynb"])
def test_a_file_that_was_changed_or_is_missing_is_named(unpacked, name):
    file = unpacked / "selfcheck" / name
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(UsageError, match=f"{name}: was changed since it was released.*Unpack the bundle again"):
        bundle.opened(unpacked)

    file.unlink()
    with pytest.raises(UsageError, match=f"{name}: cannot be read .*Unpack the bundle again"):
        bundle.opened(unpacked)


@pytest.mark.parametrize("change", [{"seed": 5}, {"points": {"q1": Points(public=2, total=4000)}}, {"title": "Other"}])
def test_a_description_that_was_changed_says_so(unpacked, change):
    files = {name: (unpacked / bundle.FOLDER / name).read_text() for name in ("assignment.toml", "checks/test_q1.py")}
    describe(unpacked, files=files, **change)

    with pytest.raises(UsageError, match=r"bundle\.json: was changed since it was released.*Unpack the bundle again"):
        bundle.opened(unpacked)


def test_a_check_that_was_added_is_not_run(unpacked):
    (unpacked / "selfcheck" / "checks" / "conftest.py").write_text("raise SystemExit", encoding="utf-8")

    with pytest.raises(UsageError, match=r"conftest\.py: does not belong to the bundle"):
        bundle.opened(unpacked)


@pytest.mark.parametrize("change", [{"schema_version": bundle.SCHEMA + 1}, {"grader": "999.0.0", "extras": ("keras",)}])
def test_a_bundle_of_a_newer_grader_says_what_to_install(unpacked, change):
    describe(unpacked, **change)

    with pytest.raises(UsageError, match=r"newer than yours.*Install that one: pip install"):
        bundle.opened(unpacked)


@pytest.mark.parametrize("text", ["", "{}", '{"schema_version": "new"}', "[1]"])
def test_a_description_that_is_none_says_so(unpacked, text):
    (unpacked / bundle.FOLDER / bundle.FILE).write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=r"bundle\.json: this is no bundle's description any more"):
        bundle.read(unpacked)


def test_what_is_no_bundle_says_so(tmp_path):
    with pytest.raises(UsageError, match=r"bundle\.json: cannot be read"):
        bundle.read(tmp_path)


def test_a_broken_assignment_is_the_authors_error(unpacked):
    broken = "name = 1"
    (unpacked / "selfcheck" / "assignment.toml").write_text(broken, encoding="utf-8")
    describe(unpacked, files={"assignment.toml": broken})

    with pytest.raises(AssignmentError):
        bundle.opened(unpacked)


def test_the_line_that_installs_it_names_its_extras_in_quotes(unpacked):
    found = bundle.read(unpacked)

    assert found.install == f'pip install "homework-grader>={__version__}"'
    assert found.model_copy(update={"extras": ("keras", "optuna")}).install == (
        f'pip install "homework-grader[keras,optuna]>={__version__}"'
    )
