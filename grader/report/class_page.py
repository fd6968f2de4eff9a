"""The page of a whole class: one file that needs nothing else and reads well without its script."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from grader.entries import Entry, Identity
from grader.report import class_charts as charts
from grader.report.class_rows import lateness, rows
from grader.report.class_sections import MAX_NAMES, Section, address, called, people, person, sections
from grader.report.class_statistics import APART, ENOUGH, ORDER, STATUS_WORDS, Suspicion, least_useful
from grader.report.page import environment
from grader.report.words import plural

TEMPLATES = Path(__file__).parent / "templates"
COMMONEST = 10  # misconceptions that are not folded away
TALL = 40  # rows from which on a table scrolls in a box of its own
HUGE = 1000  # rows from which on a browser is spared measuring each of them


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two submissions that look alike: who they are, how much is shared, and where both are shown."""

    first: str
    second: str
    share: float
    link: str


def class_html(
    entries: Sequence[Entry],
    *,
    missing: Sequence[Identity] = (),
    similar: Sequence[tuple[str, str, float, str]] = (),
    title: str = "",
) -> str:
    """Return the page of a class: what it came to, what needs a person, and everybody with a link to the report.

    `missing` are those on the roster nothing is there from. `similar` has (student, student, share from 0 to 1, link
    to both side by side). Without a `title` the page is called after its assignment.
    """
    parts = sections(entries)
    script = _file("class.js")
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            title=title or _title(parts),
            sections=parts,
            entries=entries,
            missing=[_absent(one) for one in missing],
            similar=_pairs(similar, entries),
            css=_file("report.css") + _file("class.css"),
            script=script,
            script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            charts=charts,
            rows=rows,
            people=people,
            person=person,
            lateness=lateness,
            least_useful=least_useful,
            constants={
                "ENOUGH": ENOUGH,
                "APART": APART,
                "COMMONEST": COMMONEST,
                "MAX_NAMES": MAX_NAMES,
                "TALL": TALL,
                "HUGE": HUGE,
            },
            kinds=[(key, STATUS_WORDS[key]) for key in ORDER],
            became=charts.BECAME,
            everybody_passes=Suspicion.EVERYBODY,
            disagrees=Suspicion.DISAGREES,
        )
    )


def _title(parts: Sequence[Section]) -> str:
    return parts[0].title if len(parts) == 1 else plural(len(parts), "assignment") if parts else "Grading"


def _absent(identity: Identity) -> tuple[str, str]:
    """Return how somebody without a submission is shown: the name, and what else is known."""
    known = [called(one) for one in (identity.name, identity.id, identity.email, identity.section) if one]
    return (known[0], ", ".join(known[1:])) if known else ("somebody without a name", "")


def _pairs(similar: Sequence[tuple[str, str, float, str]], entries: Sequence[Entry]) -> list[Pair]:
    """Return the pairs that look alike, the most alike first, by the names of the class."""
    names = {entry.student: person(entry).name for entry in entries}
    pairs = [
        Pair(first=names.get(one, called(one)), second=names.get(two, called(two)), share=share, link=_place(link))
        for one, two, share, link in similar
    ]
    return sorted(pairs, key=lambda pair: -pair.share)


def _place(link: str) -> str:
    path, mark, anchor = link.partition("#")
    return address(path) + mark + quote(anchor)


@cache
def _file(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - our own file
