"""Every block of every page is run, in the order of the page, in a folder that holds what the page starts from."""

import re

import pytest
from blocks import RUNNERS, Reader, blocks
from made import ROOT
from stages import STAGES, nothing

from grader.cli.commands import commands

PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
INSTALLS = (  # README's own two: the gate runs the second as it stands there
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[all]'"
    " && .venv/bin/grade submissions/alice.ipynb\n",
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[test]' && .venv/bin/pytest\n",
)
ADDS_DATA = {"docs/datasets.md"}  # where the user keeps data sets; trained references stay where they are
QUICK = {"python", "text", "toml"}


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def to_run(page):
    """Return the blocks of a page but README's two that install."""
    return [block for block in blocks(page) if block.text not in INSTALLS or page.name != "README.md"]


def case(page):
    slow = {block.kind for block in to_run(page)} - QUICK
    return pytest.param(page, id=name_of(page), marks=pytest.mark.slow if slow else ())


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """What every reader has: a cache they share, and a name."""
    return {"GRADE_CACHE": str(tmp_path_factory.mktemp("cache")), "USER": "tess", "LOGNAME": "tess"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_has_a_runner(page):
    without = [f"{name_of(page)}:{block.line}: {block.kind}" for block in to_run(page) if block.kind not in RUNNERS]

    assert without == []


@pytest.mark.parametrize("page", [case(page) for page in PAGES if to_run(page)])
def test_the_blocks_of_a_page_do_what_stands_there(page, tmp_path, shared):
    variables = shared | ({"XDG_CACHE_HOME": str(tmp_path / "user")} if name_of(page) in ADDS_DATA else {})
    begin = STAGES.get(name_of(page), nothing)(tmp_path, **variables) or tmp_path
    reader = Reader(begin, **variables)
    for block in to_run(page):
        reader.follow(block)
    reader.finish()


def test_readme_has_the_two_lines_that_install_as_the_gate_takes_them():
    found = [block.text for block in blocks(ROOT / "README.md") if "pip install" in block.text]

    assert tuple(found) == INSTALLS
    assert INSTALLS[0].rstrip("\n") in (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert INSTALLS[1].split(".venv && .venv/bin/")[1].rstrip("\n") in (ROOT / ".ci" / "run").read_text()


def test_a_page_that_is_set_up_is_there():
    assert set(STAGES) <= set(map(name_of, PAGES))


@pytest.mark.parametrize("command", ["new", "lint"])
def test_the_page_for_authors_names_every_option(command):
    page = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
    options = [name for option in commands.commands[command].params for name in option.opts if name.startswith("--")]

    assert [name for name in options if not re.search(rf"{name}\b", page)] == []
