"""The files a notebook names: beside it, where it finds them and they have to be handed in, and elsewhere."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.notebook.pieces import parse, pieces

MAX_NAME = 200
MAX_FITTING = 200  # files that one name with `*` stands for
MAX_MODULES = 100  # of the student's own that are read
MAGIC = re.compile(r"[^#]*[!%]")  # a line that may be one for the shell or for IPython
STARS, NAMED = re.compile(r"\*+"), re.compile(r"\w")
OF_FOLDERS = frozenset({"Path", "PurePath", "join", "listdir", "scandir", "walk"})
BETWEEN = re.compile(r"[\s'\"<>|;&=()]+")


def named_files(node: NotebookNode, folder: Path, assignment: Assignment) -> tuple[Path, ...]:
    """Return the files (or folders) beside a notebook that its code names and that were not handed out.

    One that is named with its folder, as in "pictures/one.png", brings that folder along. So does a package that is
    imported; and what the student's own modules name counts as well.
    """
    given = {file.name for file in assignment.attached} | {"selfcheck", assignment.notebook}
    tops: set[str] = set()
    waiting, read = [set(_texts(node))], 0
    while waiting:
        new = set().union(*(_tops(folder, text) for text in waiting.pop())) - given - tops
        tops |= new
        for module in _modules(folder / name for name in sorted(new)):
            if read < MAX_MODULES:
                waiting.append(_named_in(module))
            read += 1
    found = (folder / name for name in sorted(tops))
    return tuple(path for path in found if not path.is_symlink() and path.suffix != ".ipynb")


def _modules(tops: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of modules, and those in folders: modules are imported from one without an `__init__.py`, too."""
    for top in tops:
        with contextlib.suppress(OSError):  # a folder nobody may look into
            if top.is_dir():
                yield from sorted(islice(top.rglob("*.py"), MAX_MODULES))
            elif top.suffix == ".py":
                yield top


def _named_in(module: Path) -> set[str]:
    """Return what a module names; nothing where it cannot be read."""
    try:
        tree = parse(module.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return set() if isinstance(tree, str) else set(_texts_in(tree))


def named_elsewhere(node: NotebookNode, folder: Path, beside: Iterable[Path] = ()) -> dict[str, Path]:
    """Return what a notebook's code, and its modules `beside` it, name that lies in other folders, by how they say it.

    That are files and folders with an absolute path, and files with one that leads out of `folder`.
    """
    texts = sorted(set(_texts(node)).union(*map(_named_in, _modules(beside))))
    return {text: path for text in texts if len(text) <= MAX_NAME and (path := _outside(folder, text)) is not None}


def _outside(folder: Path, text: str) -> Path | None:
    before, wildcard, _ = text.partition("*")
    try:
        place = Path(before).expanduser()
        place = place.parent if wildcard and not before.endswith("/") else place
        if place.is_absolute():
            return place if place.exists() and place != Path(place.anchor) else None
        return folder / place if ".." in place.parts and (folder / place).is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _texts(node: NotebookNode) -> Iterator[str]:
    """Yield what the cells of a notebook may name."""
    for source in (cell.source for cell in node.cells if cell.cell_type == "code"):
        for line in filter(MAGIC.match, source.split("\n")):
            yield from (word.removeprefix("./") for word in BETWEEN.split(line))
        for piece in pieces(source):
            if piece.tree is not None:
                yield from _texts_in(piece.tree)


def _texts_in(tree: ast.AST) -> Iterator[str]:
    """Yield the strings in code that could be a file's name; and the modules it imports."""
    for each in ast.walk(tree):
        yield from (text.replace("\\", "/").removeprefix("./") for text in _strings_of(each))
        if isinstance(each, ast.Import):
            for alias in each.names:
                yield from _places(alias.name)
        elif isinstance(each, ast.ImportFrom) and each.module and not each.level:
            for name in (each.module, *(f"{each.module}.{alias.name}" for alias in each.names)):
                yield from _places(name)


def _strings_of(node: ast.AST) -> Iterator[str]:
    """Yield the string that a node is, with `*` for what is put into it; or the folder it names, with a slash."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name | ast.Attribute):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name in OF_FOLDERS and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            yield f"{node.args[0].value}/"


def _places(module: str) -> Iterator[str]:
    """Yield where a module may be: its own file, or those of the packages it is in."""
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        place = "/".join(parts[:count])
        yield from (f"{place}.py", f"{place}/__init__.py")


def _tops(folder: Path, text: str) -> set[str]:
    """Return what lies in a folder and a text names: a file, files that fit its `*`, or the folder they are in."""
    text = STARS.sub("*", text)
    parts = PurePosixPath(text).parts
    if not parts or len(text) > MAX_NAME or not text.isprintable() or PurePosixPath(text).is_absolute():
        return set()
    if ".." in parts or ":" in parts[0]:
        return set()
    try:
        return set(_there(folder, text))
    except (OSError, ValueError, NotImplementedError):
        return set()


def _there(folder: Path, text: str) -> Iterator[str]:
    before, wildcard, _ = text.partition("*")
    top = PurePosixPath(text).parts[0]
    if "/" in before:
        of_folder = wildcard or text.endswith("/")
        if (folder / text).is_file() or (of_folder and (folder / before.rpartition("/")[0]).is_dir()):
            yield top
    elif wildcard and NAMED.search(text):
        fitting = (path for path in folder.glob(text) if path.is_file())
        yield from (path.relative_to(folder).parts[0] for path in islice(fitting, MAX_FITTING))
    elif (folder / text).is_file():
        yield top
