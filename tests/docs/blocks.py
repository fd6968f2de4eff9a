"""The blocks of a page, and a reader who does what stands there, in a folder of his own.

A comment before a block says what it is for, where its language does not:

    <!-- write: FILE -->            a file; `append` adds to one, `cell` adds a code cell to a notebook
    <!-- before VARIANTS: FILE -->  a variant, above the last line of its file
    <!-- check: ASSIGNMENT SAMPLE --> a check: collected in that assignment, and passed by that sample
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat
from made import ROOT, change, grade
from markdown_it import MarkdownIt

from grader.assignment import load

STEP = re.compile(r"<!-- ([a-zA-Z ]+): (.+?) -->\s*")
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
MASKS = {r"\d{4}-\d\d-\d\d \d\d:\d\d UTC": "TIME", r"\([0-9a-f]{8}\)": "(DIGEST)"}  # what is another one each time
HEAD = "import numpy as np\nimport pytest\n\nfrom grader.checks import NeedsReview, NotAttempted\n\n"
FRAME = ROOT / "tests" / "assignments" / "tiny"
PROGRAMS = {
    "python": lambda words: [sys.executable, *words],
    "unzip": lambda words: [sys.executable, "-m", "zipfile", "-e", *words, "."],
}


@dataclass(frozen=True)
class Block:
    """A block of a page; `step` and `place` are of the comment before it."""

    language: str
    text: str
    step: str
    place: str
    line: int

    @property
    def kind(self) -> str:
        """What decides how it is run."""
        return self.step or self.language


def blocks(page: Path) -> list[Block]:
    """Return every block of a page, also indented ones and those inside of lists."""
    found, comment = [], None
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type in ("fence", "code_block"):
            step, place = comment.groups() if comment else ("", "")
            found.append(Block(token.info.strip(), token.content, step, place, token.map[0] + 1))
        comment = STEP.fullmatch(token.content) if token.type == "html_block" else None
    return found


class Reader:
    """Follows a page block by block."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home, self.variables = home, dict(variables)
        self.cwd = home
        self.names: dict[str, object] = {}
        self.printed = ""
        self.checks: dict[str, str] = {}

    def follow(self, block: Block) -> None:
        """Do what a block says; what no runner is made for is an error."""
        RUNNERS[block.kind](self, block)

    def finish(self) -> None:
        """Run the examples of checks: those of one sample together, as a file of checks."""
        for place, text in self.checks.items():
            passes(text, *place.split(), self.home, self.variables)

    def path(self, block: Block) -> Path:
        return self.home / block.place

    # --- blocks that are written somewhere ---

    def write(self, block: Block) -> None:
        self.path(block).write_text(block.text, encoding="utf-8")

    def append(self, block: Block) -> None:
        path = self.path(block)
        path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{block.text}", encoding="utf-8")

    def add_cell(self, block: Block) -> None:
        node = nbformat.read(self.path(block), as_version=4)
        cell = nbformat.v4.new_code_cell(block.text.rstrip("\n"), metadata={"grader": {"question": "q3"}})
        node.cells.append(cell)
        nbformat.write(node, self.path(block))

    def add_variant(self, block: Block) -> None:
        change(self.path(block), ("VARIANTS = CATALOGUE", f"{block.text}\n\nVARIANTS = CATALOGUE"))

    def add_check(self, block: Block) -> None:
        self.checks[block.place] = self.checks.get(block.place, "") + f"{block.text}\n\n"

    # --- blocks that are run where they stand ---

    def type_in(self, block: Block) -> None:
        """Type commands; those after a `$` have to say what stands below them, the others to succeed."""
        for line, said in COMMAND.findall(block.text):
            out = self.typed(line, fails=": error: " in said or said.startswith("Error: ") or "to look at:" in said)
            assert says(said, out), f"$ {line}\n{out}"
        if not block.text.startswith("$ "):
            for line in filter(None, block.text.splitlines()):
                self.typed(line)

    def typed(self, line: str, *, fails: bool = False) -> str:
        """Type one command and return what it says."""
        program, *words = shlex.split(line, comments=True)
        if program == "export":
            self.variables |= dict(word.split("=", 1) for word in words)
            return ""
        if program == "cd":
            self.cwd = self.cwd / words[0]
            return ""
        code, out, err = self.run(program, words)
        assert bool(code) == fails, f"$ {line}\n{out}{err}"
        return out + err

    def run(self, program: str, words: list[str]) -> tuple[int, str, str]:
        if program == "grade":
            return grade(*words, cwd=self.cwd, **self.variables)
        assert program in PROGRAMS, f"Nobody knows how to type {program!r} here."
        done = subprocess.run(PROGRAMS[program](words), cwd=self.cwd, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def execute(self, block: Block) -> None:
        """Run Python; names stay for the next block."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(block.text, f"line {block.line}", "exec"), self.names)  # noqa: S102
        self.printed = printed.getvalue()

    def compare(self, block: Block) -> None:
        """Compare a text with what the Python before it printed."""
        assert says(block.text, self.printed), self.printed

    def load(self, block: Block) -> None:
        """Load a part of `assignment.toml` within one that is sound: keys above its tables, tables below them."""
        shutil.copytree(FRAME, self.home / FRAME.name, dirs_exist_ok=True)
        file = self.home / FRAME.name / "assignment.toml"
        sound = file.read_text(encoding="utf-8")
        below = block.text.startswith("[")
        file.write_text(f"{sound}\n{block.text}" if below else f"{block.text}\n{sound}", encoding="utf-8")
        try:
            load(file.parent)
        finally:
            file.write_text(sound, encoding="utf-8")


RUNNERS = {
    "write": Reader.write,
    "append": Reader.append,
    "cell": Reader.add_cell,
    "before VARIANTS": Reader.add_variant,
    "check": Reader.add_check,
    "console": Reader.type_in,
    "python": Reader.execute,
    "text": Reader.compare,
    "toml": Reader.load,
}


def passes(text: str, name: str, sample: str, home: Path, variables: dict[str, str]) -> None:
    """Grade a sample by checks that are an example, in the place of its assignment's own."""
    folder = home / "examples" / name
    shutil.copytree(ROOT / "assignments" / name, folder)
    for file in (folder / "checks").glob("test_*.py"):
        file.unlink()
    table = folder / "assignment.toml"
    table.write_text(only_for(text, table.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "checks" / "test_example.py").write_text(HEAD + text, encoding="utf-8")
    notebook = ROOT / "submissions" / f"{sample}.ipynb"
    words = ("--json", "--assignments", folder.parent, "--assignment", name)
    code, out, err = grade(notebook, *words, cwd=home, **variables)
    assert code == 0, err
    verdicts = {
        check["id"]: check["status"]
        for question in json.loads(out)["questions"]
        for check in question["checks"]
        if check["id"].startswith("test_")
    }
    assert verdicts == dict.fromkeys(re.findall(r"^def (test_\w+)", text, re.MULTILINE), "passed")


def only_for(text: str, table: str) -> str:
    """Return an assignment.toml with nothing but the questions of these checks, worth what the checks give."""
    head = table[: table.index("[[questions]]")]
    if "trained" not in text:  # else the solution's own models would be trained for nothing
        head = re.sub(r"(?m)^training = .*\n", "", head)
    points: Counter[str] = Counter()
    for question, worth in re.findall(r'\.check\("(q\d+)", points=(\d+)', text):
        points[question] += int(worth)
    return head + "".join(f'[[questions]]\nid = "{q}"\ntitle = "{q}"\npoints = {n}\n' for q, n in points.items())


def says(text: str, said: str) -> bool:
    """Whether a text is what a block says it is; a terminal's width, and with it line breaks, do not count."""
    parts = re.split("(…)", plain(text))
    return re.fullmatch("".join(".*" if part == "…" else re.escape(part) for part in parts), plain(said)) is not None


def plain(text: str) -> str:
    """Return words with one blank between them, without what differs from one time to the next."""
    for pattern, mask in MASKS.items():
        text = re.sub(pattern, mask, text)
    return " ".join(re.sub("─+", "─", text).split())
