"""`grade new` and `grade lint`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from grader.assignment import FILE, known
from grader.authoring import Finding, Level, lint, make
from grader.cli.places import FOLDER, assignments_root, require_folder
from grader.cli.speak import Output, in_line, say, visible
from grader.errors import UnknownAssignment, UsageError
from grader.kernels.sandbox import require_sandbox


def make_assignment(name: str, title: str | None, root: Path | None) -> int:
    """Make an assignment, say what was made and what is next, and return the exit code."""
    require_folder()
    files = make(name, title, root or Path(FOLDER))
    output = Output()
    for file in files:
        output.put(visible(_seen_from_here(file)))
    output.require_taken()
    right = next(file for file in files if file.match(f"{name}-right.ipynb"))
    folder = next(file for file in files if file.name == FILE).parent
    say(f"Made {name}. Grade a sample of it: grade {_seen_from_here(right)}")
    say(f"After every change: grade lint {_seen_from_here(folder)}")
    return 0


def lint_assignments(words: Sequence[str], *, quick: bool, sealed: bool, as_json: bool) -> int:
    """Print what is found in the assignments named; return 0 when there are no errors among it, else 1."""
    require_folder()
    folders = list(dict.fromkeys(folder for word in words for folder in assignment_folders(word)))
    if sealed and not quick:
        require_sandbox()
    with Console(stderr=True).status("") as status:  # shows nothing where stderr is not a terminal
        found = {
            folder: lint(folder, quick=quick, sealed=sealed, tell=lambda text: status.update(in_line(text)))
            for folder in folders
        }
    output = Output()
    if as_json:
        plain = [{"assignment": folder.name, **each.plain()} for folder, every in found.items() for each in every]
        output.put(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        for finding in (finding for every in found.values() for finding in every):
            _show(finding, output)
        for folder, every in found.items():
            output.put(visible(_summed_up(folder.name, every)))
    output.require_taken()
    return int(any(finding.level is Level.ERROR for every in found.values() for finding in every))


def assignment_folders(word: str) -> Iterator[Path]:
    """Yield the assignments a word means: a folder of one, a folder of several, or a name."""
    path = Path(os.path.realpath(word)) if word else Path()
    if word and (path / FILE).is_file():
        yield path
    elif word and path.is_dir() and known(path):
        yield from known(path).values()
    elif word and os.path.lexists(word):
        raise UsageError(f"{word}: no assignment: there is no {FILE} in it. Make one: grade new NAME")
    else:
        folders = known(assignments_root(Path.cwd()))
        if word not in folders:
            raise UnknownAssignment.among(word, folders)
        yield folders[word]


def _show(finding: Finding, output: Output) -> None:
    """Print what is wrong in one line, and the way out in the next."""
    output.put(visible(f"{in_line(finding.place)}: {finding.level.value}: {finding.what} [{finding.rule}]"))
    output.put(f"  {visible(finding.remedy)}")


def _summed_up(name: str, findings: Sequence[Finding]) -> str:
    counts = [
        f"{count} {word if count == 1 else f'{word}s'}"
        for level, word in ((Level.ERROR, "error"), (Level.NOTE, "note"))
        if (count := sum(finding.level is level for finding in findings))
    ]
    return f"{name}: {', '.join(counts) or 'nothing to mend'}"


def _seen_from_here(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)
