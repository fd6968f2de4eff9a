"""docs/classes.md says what is so: the layouts, the columns of a roster and the bounds of zip files."""

import re
from pathlib import Path

import pytest
from submissions_made import collected, lay

from grader.submissions import Roster
from grader.submissions.unpacking import DOWNLOAD, OWN

PAGE = (Path(__file__).parents[2] / "docs" / "classes.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| [^-]", line)
]
FIELDS = {
    "id": "id",
    "login": "id",
    "email": "email",
    "name": "name",
    "section": "section",
    "Canvas user": "canvas_user",
    "Moodle participant": "moodle_participant",
}


def headings():
    """Return (field of the identity, heading) for what the table of the roster's columns names."""
    for kind, said, *_ in ROWS:
        if kind in FIELDS:
            for heading in re.split(r", |; or | and ", said.partition("; `ID`")[0].partition(": `")[0]):
                if heading != "…":
                    yield FIELDS[kind], heading.removesuffix(" in a file of Canvas")


@pytest.mark.parametrize(("field", "heading"), list(headings()), ids=lambda value: value)
def test_every_heading_the_page_names_is_found(tmp_path, field, heading):
    path = tmp_path / "roster.csv"
    path.write_text(f"{heading.upper()},surname\n7,Ray\n")
    (person,) = Roster.read(path).people

    assert getattr(person.identity, field) == ("7 Ray" if heading == "first name" else "7")


def test_the_page_names_every_kind_of_column():
    assert {field for field, _ in headings()} == set(FIELDS.values())


EXAMPLES = {
    "folder per student": ("s1234", "Alice Smith"),
    'Canvas, "Download Submissions"': ("smithalice_12345",),
    'Moodle, "Download all submissions"': ("Alice Smith",),
    "nbgrader": ("alice",),
}


@pytest.mark.parametrize("layout", EXAMPLES)
def test_the_examples_of_the_layouts_are_recognised(tmp_path, layout):
    (said,) = [row[1] for row in ROWS if row[0] == layout]
    names = re.findall(r"`([^`]*\.ipynb)`", said)
    folder = lay(tmp_path / "class", *names)

    assert EXAMPLES[layout] == tuple(
        sorted((one.student for one in collected(folder).submissions), key=EXAMPLES[layout].index)
    )


def test_the_bounds_of_zip_files_are_the_ones_in_the_page():
    page = " ".join(PAGE.split())

    assert f"{OWN.files:,} files and {OWN.total_bytes // 10**6} MB" in page
    assert f"{DOWNLOAD.files:,} files and {DOWNLOAD.total_bytes // 10**9} GB" in page
    assert f"above {OWN.small_bytes // 10**6} MB not more than a hundred times" in page
    assert (100, 100) == (OWN.ratio, DOWNLOAD.ratio)
