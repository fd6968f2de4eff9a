"""docs/authoring.md, followed step by step in an empty folder: every block is run or written where it says."""

import re
import shlex

import nbformat
import pytest
from made import ROOT, change, grade

from grader.cli.commands import commands

PAGE = ROOT / "docs" / "authoring.md"
BLOCK = re.compile(r"(?:<!-- ([a-zA-Z ]+): (\S+) -->\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks():
    """Return (what to do, where, language, text) of every block."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def append(path, text):
    path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{text}", encoding="utf-8")


def add_cell(path, text):
    node = nbformat.read(path, as_version=4)
    node.cells.append(nbformat.v4.new_code_cell(text.rstrip("\n"), metadata={"grader": {"question": "q3"}}))
    nbformat.write(node, path)


STEPS = {
    "append": append,
    "write": lambda path, text: path.write_text(text, encoding="utf-8"),
    "cell": add_cell,
    "before VARIANTS": lambda path, text: change(path, ("VARIANTS = CATALOGUE", f"{text}\n\nVARIANTS = CATALOGUE")),
}


def run(session, folder):
    """Type the commands of a console block, and require that they say what stands there, line by line."""
    for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE):
        program, *words = shlex.split(command)
        code, out, err = grade(*words, cwd=folder)
        assert program == "grade"
        assert code == (": error: " in said), out + err
        pattern = "".join(".*" if part == "…" else re.escape(part) for part in re.split("(…)", plain(said)))
        assert re.fullmatch(pattern, plain(out + err), re.DOTALL), plain(out + err)


def plain(text):
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def test_every_block_is_run_or_written_somewhere():
    for step, _, language, _ in blocks():
        assert (language == "console") == (step == "")
        assert not step or step in STEPS


@pytest.mark.slow
def test_the_page_leads_from_nothing_to_a_graded_homework(tmp_path):
    for step, place, language, text in blocks():
        if language == "console":
            run(text, tmp_path)
        else:
            STEPS[step](tmp_path / place, text)


@pytest.mark.parametrize("command", ["new", "lint"])
def test_the_page_names_every_option(command):
    page = PAGE.read_text(encoding="utf-8")
    options = [name for option in commands.commands[command].params for name in option.opts if name.startswith("--")]

    assert [name for name in options if name not in page] == []
