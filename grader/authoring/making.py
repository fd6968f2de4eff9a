"""`grade new`: an assignment that grades at once, for its author to change.

The templates are whole files in which @NAME@, @MODULE@ and @TITLE@ stand for what they say; notebooks are written down
as their cells, one below the other.
"""

from __future__ import annotations

import importlib.util
import json
import keyword
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path

from grader.authoring.notebooks import code, notebook, text
from grader.errors import OutputError, UsageError

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_NAME = 50
CELL = re.compile(r"^%% (markdown|code) (\S+)\n", re.MULTILINE)


def make(name: str, title: str | None, root: Path) -> list[Path]:
    """Make the assignment `name` below the folder `root` and return its files; nothing is ever overwritten.

    Its solution comes into `reference/` and its samples into `submissions/`, both beside `root`. Raises UsageError for
    a name that cannot be one or is taken, OutputError where files cannot be written; then nothing is left behind.
    """
    title = name.replace("-", " ").capitalize() if title is None else title
    _require_name(name)
    _require_title(title)
    root = Path(os.path.realpath(root))  # what is beside it is beside where a link leads
    files = {Path(os.path.normpath(root / place)): content for place, content in _contents(name, title)}
    _require_free(name, root, files)
    shared = root.parent / "reference" / "variants.py"
    if not _importable("reference.variants") and not os.path.lexists(shared):  # there is no checkout of the grader here
        files[shared] = _template("catalogue.py")
    write_new(files)
    return list(files)


def _require_name(name: str) -> None:
    if not NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise UsageError(
            f"{name!r} cannot be the name of an assignment: it begins with a letter and has small letters, digits and "
            f"single hyphens, at most {MAX_NAME} of them. For example: grade new my-homework"
        )
    if keyword.iskeyword(_module(name)):
        raise UsageError(f"{name!r} is a word of Python, so no module can be called that. Choose another name.")


def _require_title(title: str) -> None:
    if not title.strip() or not title.isprintable():
        raise UsageError(f"{title!r} cannot be a title: a title is one line of text.")


def _require_free(name: str, root: Path, files: Mapping[Path, str]) -> None:
    """Raise UsageError when something of that name is there: a folder, a file, or a module of an installed package."""
    folder = root / name
    taken = next((path for path in (folder, *files) if os.path.lexists(path)), None)
    if taken is not None:
        raise UsageError(f"{taken} is there already, and nothing is overwritten. Choose another name, or move it away.")
    module = f"reference.{_module(name)}"
    if place := _importable(module):
        raise UsageError(f"There is a module {module} already ({place}), so choose another name.")


def _importable(module: str) -> str:
    """Return the file of a module below `reference`, "" where there is none."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:  # there is no package of solutions at all yet
        return ""
    return "" if spec is None else str(spec.origin)


def write_new(files: Mapping[Path, str | bytes]) -> None:
    """Write all files, or none; OutputError when they cannot be written, or one is there already."""
    folders = {above for path in files for above in path.parents if not os.path.lexists(above)}
    done: list[Path] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                done.append(path)
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
    except BaseException as error:
        for written in done:
            written.unlink(missing_ok=True)
        for folder in sorted(folders, reverse=True):  # the inner ones first
            with suppress(OSError):
                folder.rmdir()
        if not isinstance(error, OSError):
            raise
        message = f"{path}: cannot be written ({error.strerror}). Choose another place with --assignments DIR."
        raise OutputError(message) from error


def _contents(name: str, title: str) -> Iterator[tuple[str, str]]:
    """Yield every file by its place, as seen from the folder of assignments, with its content."""
    words = {
        "NAME": name,
        "MODULE": _module(name),
        "TITLE": title,
        "QUOTED_TITLE": json.dumps(title, ensure_ascii=False),
    }

    def filled(template: str) -> str:
        return re.sub(r"@([A-Z_]+)@", lambda match: words[match[1]], _template(template))

    master = filled("master.cells")
    yield f"{name}/assignment.toml", filled("assignment.toml")
    yield f"{name}/{name}.ipynb", _notebook(name, master)
    yield f"{name}/checks/test_q1_loss.py", filled("checks_q1.py")
    yield f"{name}/checks/test_q2_gradient.py", filled("checks_q2.py")
    yield f"../reference/{words['MODULE']}.py", filled("reference.py")
    yield f"../reference/{words['MODULE']}_variants.py", filled("variants.py")
    for sample in ("right", "wrong"):
        yield f"../submissions/{name}-{sample}.ipynb", _notebook(name, master, filled(f"{sample}.cells"))
        yield f"../submissions/{name}-{sample}.toml", filled(f"{sample}.toml")


def _template(name: str) -> str:
    return resources.files("grader.authoring").joinpath("templates", f"{name}.in").read_text(encoding="utf-8")


def _notebook(name: str, cells: str, answers: str = "") -> str:
    """Return a notebook of these cells, those of the same name replaced by the answers."""
    replaced = {cell: source for _, cell, source in _cells(answers)}
    made = []
    for kind, cell, source in _cells(cells):
        question = cell.partition("-")[0]
        metadata = {"grader": {"question": question}} if question.startswith("q") else {}
        made.append((code if kind == "code" else text)(cell, replaced.get(cell, source), metadata))
    return notebook(name, made)


def _cells(written: str) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, name, source) for every cell that is written down."""
    parts = CELL.split(written)[1:]
    for kind, cell, source in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield kind, cell, source.strip("\n")


def _module(name: str) -> str:
    return name.replace("-", "_")
