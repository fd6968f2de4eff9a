"""Which of several notebooks of one student is meant; what is left out is said, and what is unclear stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from grader.submissions.entrynames import is_litter
from grader.submissions.layouts import Layout, attempt, student_file, text_of
from grader.submissions.places import Looks, is_plain
from grader.submissions.sorting import Handed


@dataclass(frozen=True, kw_only=True)
class Named:
    """A notebook by its student's own name for it; of two attempts at one `base` the later has the larger `age`."""

    path: Path
    stem: str
    base: str
    age: tuple[int, int]


def own_stem(handed: Handed, notebook: Path) -> str:
    """Return what a student called a notebook, without what a download put before it."""
    return _own(handed, notebook)[0]


def own_names(handed: Handed, notebook: Path) -> dict[str, Path]:
    """Return what a student handed in beside a notebook, by the student's own names for it.

    A file handed in again has two names: with the number Canvas added, and without where no other is called so.
    """
    files = [path for path in (*handed.notebooks, *handed.zips, *handed.others) if path != notebook]
    named: dict[str, Path] = {}
    first: dict[str, Path] = {}
    for path in files:
        name, number = student_file(path.name, handed.layout)
        if not is_plain(path) or is_litter(name) or name in {"..", "."}:
            continue
        named[name] = path
        base, again = attempt(Path(name).stem)
        if number and again:
            first[base + Path(name).suffix] = path
    return first | named


def newest_zips(handed: Handed) -> Handed:
    """Return the work without the zip files that were handed in again."""
    newest = _newest(_named(handed, handed.zips), _Usual([]))
    return replace(handed, zips=tuple(one.path for one in newest))


def choose(work: Sequence[Handed], looks: Looks, assignment: str = "") -> list[Handed]:
    """Return the work with the notebooks that are meant, as far as that is clear.

    Of a notebook handed in again in Canvas the newest is, and of notebooks of several names those that others of the
    class handed in too, or the one called like the assignment.
    """
    classes: dict[tuple[Path, str, bool], list[Handed]] = {}
    for handed in work:
        classes.setdefault(handed.population, []).append(handed)
    usual = {key: _Usual(own) for key, own in classes.items()}
    return [_chosen(handed, usual[handed.population], assignment, looks) for handed in work]


class _Usual:
    """What the notebooks of a class are called."""

    def __init__(self, work: Sequence[Handed]) -> None:
        named = [_named(handed, handed.notebooks) for handed in work if handed.notebooks]
        self._size = len(named)
        self._bases = Counter(base for own in named for base in {one.base for one in own})
        self._pairs = Counter(
            pair for own in named for pair in combinations(sorted({one.stem for one in own}), 2) if len(own) <= 50
        )

    def has(self, base: str) -> bool:
        """Return whether at least half of the class, and more than one, have a notebook of this name."""
        return self._bases[base] > 1 and 2 * self._bases[base] >= self._size

    def parts(self, stems: Sequence[str]) -> bool:
        """Return whether most of the class handed in these names together, so that none replaces another."""
        return all(2 * self._pairs[pair] > self._size > 1 for pair in combinations(sorted(stems), 2))


def _chosen(handed: Handed, usual: _Usual, assignment: str, looks: Looks) -> Handed:
    if len(handed.notebooks) < 2:
        return handed
    newest = _newest(_named(handed, handed.notebooks), usual)
    titles = {title.casefold() for title in (assignment, handed.assignment) if title}
    kept = [one for one in newest if usual.has(one.base) or one.base in titles] or newest
    paths = tuple(one.path for one in kept)
    who, taken = handed.owner.student, ", ".join(text_of(path.name) for path in paths)
    if left := [text_of(path.name) for path in handed.notebooks if path not in paths]:
        looks.note(f"{who} handed in {len(handed.notebooks)} notebooks: {taken} is graded, not {', '.join(left)}.")
    if len(paths) > 1:
        looks.note(f"{who} has {len(paths)} notebooks, and each is graded under a report of its own: {taken}.")
    return replace(handed, notebooks=paths)


def _named(handed: Handed, files: Sequence[Path]) -> list[Named]:
    named = []
    for path in files:
        stem, number = _own(handed, path)
        base, again = attempt(stem) if number else (stem, 0)
        named.append(Named(path=path, stem=stem.casefold(), base=base.casefold(), age=(again, number)))
    return named


def _own(handed: Handed, file: Path) -> tuple[str, int]:
    """Return the student's own name for a file without its ending, and the number Canvas gave the file."""
    layout = handed.layout if file.parent == handed.root else Layout.FLAT
    name, number = student_file(file.name, layout)
    return Path(name).stem, number


def _newest(named: Sequence[Named], usual: _Usual) -> list[Named]:
    """Return the notebooks without those that were handed in again."""
    attempts: dict[str, list[Named]] = {}
    for one in named:
        attempts.setdefault(one.base, []).append(one)
    kept = set()
    for own in attempts.values():
        canvas = any(one.age != (0, 0) for one in own)
        again = canvas and not usual.parts(sorted({one.stem for one in own}))
        kept |= {max(own, key=lambda one: one.age)} if again else set(own)
    return [one for one in named if one in kept]
