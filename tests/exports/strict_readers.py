"""What Canvas, Moodle and Gradescope do with our files, written from their description and from nothing of ours.

Each reader refuses whatever the program behind it would refuse or misunderstand.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field

SHOWN = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}


# --- Canvas -----------------------------------------------------------------------------------------------------------


@dataclass
class CanvasCourse:
    """Who is in a course (id, SIS id, login, name) and its assignments by number; an import fills `scores`."""

    students: list[tuple[str, str, str, str]]
    assignments: dict[str, str]
    scores: dict[tuple[str, str], str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def take(self, data: bytes) -> None:
        """Import a gradebook; AssertionError for what Canvas would not take."""
        text = data.decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        delimiter = ";" if first.count(";") > first.count(",") else ","
        header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        assert "Student" in header[0]
        assert header[1] == "ID"
        last = max(place for place, name in enumerate(header) if "Section" in name)
        columns = self._columns(header, last)
        for row in rows:
            if all(cell.strip() in ("", "Muted", "Manual Posting") for cell in row):
                continue
            if "Points Possible" in row[0]:
                columns = {place: name for place, name in columns.items() if "(read only)" not in row[place]}
                continue
            self._take_row(dict(zip(header, row, strict=True)), row, columns, delimiter)

    def _columns(self, header: list[str], last: int) -> dict[int, str]:
        columns = {}
        for place in range(last + 1, len(header)):
            name = header[place]
            if re.search(r"(Current|Final|Override) (Score|Points|Grade|Status)", name):
                continue
            numbered = re.search(r"\((\d+)\)\s*$", name)
            by_title = [number for number, title in self.assignments.items() if title == name]
            if numbered and numbered[1] in self.assignments:
                columns[place] = numbered[1]
            elif by_title:
                columns[place] = by_title[0]
            else:
                self.made.append(name)
                columns[place] = name
        return columns

    def _take_row(self, own: dict[str, str], row: list[str], columns: dict[int, str], delimiter: str) -> None:
        student = self._student(own)
        for place, assignment in columns.items():
            value = row[place].strip()
            if value in ("", "-"):
                continue
            if delimiter == ";":
                value = value.replace(",", ".")
            assert value.upper() == "EX" or re.fullmatch(r"-?\d+\.\d\d", value), value
            self.scores[student, assignment] = value

    def _student(self, own: dict[str, str]) -> str:
        for place, name in enumerate(("ID", "SIS User ID", "SIS Login ID")):
            value = own.get(name, "")
            found = [student for student in self.students if value and student[place] == value]
            if found:
                return found[0][0]
        first_last = own["Student"]
        found = [student for student in self.students if first_last in (student[3], _sortable(student[3]))]
        assert len(found) == 1, f"nobody, or several, are called {first_last!r}"
        return found[0][0]


def _sortable(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}"


# --- Moodle -----------------------------------------------------------------------------------------------------------


def moodle_takes(data: bytes) -> dict[str, tuple[str, str]]:
    """Return grade and comment by participant's number, as Moodle's import reads a worksheet."""
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    assert len(set(header)) == len(header)
    for name in ("Identifier", "Grade", "Last modified (grade)"):
        assert header.count(name) == 1, name
    taken = {}
    for row in rows:
        own = dict(zip(header, row, strict=True))
        participant = re.fullmatch(r"Participant (\d+)", own["Identifier"])
        assert participant, own["Identifier"]
        assert participant[1] not in taken
        if own.get("Grade can be changed") == "No":
            continue
        grade = own["Grade"].replace(",", ".")
        assert grade == "" or re.fullmatch(r"\d+\.\d\d", grade), grade
        if grade and own.get("Maximum grade"):
            assert float(grade) <= float(own["Maximum grade"].replace(",", "."))
        taken[participant[1]] = (grade, own.get("Feedback comments", ""))
    return taken


def moodle_gives(name: str) -> tuple[str, str] | None:
    """Return to which participant a file of a feedback zip goes, and what it is called there."""
    found = re.search(r"(?:^|/)[^/_]*_(\d+)_(?:assignsubmission|assignfeedback)_[a-z]+(?:_[^/]*)?/(.+)$", name)
    return (found[1], found[2]) if found else None


def canvas_gives(name: str) -> tuple[str, str]:
    """Return user and attachment of a file of a re-uploaded zip: the first two tokens that are all digits."""
    user, attachment, *_ = [token for token in name.split("_") if token.isdecimal()]
    return user, attachment


# --- a spreadsheet that cuts elsewhere --------------------------------------------------------------------------------

CUTS = (",", ";", "\t", ",;\t")


def formulas(content: str) -> list[str]:
    """Return the pieces that start a formula where lines are cut at a separator and quotes keep nothing together."""
    lines = content.removeprefix("\ufeff").splitlines()
    pieces = {piece for cuts in CUTS for line in lines for piece in re.split(f"[{cuts}]", line)}
    return sorted(
        piece for piece in pieces if re.match("[=+\\-@＝＋－＠]", "".join(re.findall(r'[^\s"\u200b]', piece)))
    )


# --- Gradescope -------------------------------------------------------------------------------------------------------

TOP = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": str,
    "output_format": FORMATS,
    "test_output_format": FORMATS,
    "test_name_format": FORMATS,
    "visibility": SHOWN,
    "stdout_visibility": SHOWN,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "status": {"passed", "failed"},
    "name": str,
    "name_format": FORMATS,
    "number": str,
    "output": str,
    "output_format": FORMATS,
    "tags": list,
    "visibility": SHOWN,
    "extra_data": dict,
}


def gradescope_takes(text: str) -> dict:
    """Return a results.json when every field is as Gradescope wants it."""
    content = json.loads(text, parse_constant=lambda name: _refuse(f"{name} is no JSON"))
    _fields(content, TOP)
    tests = content.get("tests", [])
    assert "score" in content or all("score" in test for test in tests)
    assert "score" in content or tests
    for test in tests:
        _fields(test, TEST)
        assert all(isinstance(tag, str) for tag in test.get("tags", []))
        assert re.fullmatch(r"\d+(\.\d+)*", test.get("number", "1"))
        assert "score" not in test or "max_score" in test
    return content


def total_is_shown(content: dict) -> bool:
    """Tell whether the student sees the total: only when they see every test."""
    default = content.get("visibility", "visible")
    return all(test.get("visibility", default) == "visible" for test in content.get("tests", []))


def _fields(thing: dict, rules: dict) -> None:
    for name, value in thing.items():
        assert name in rules, name
        rule = rules[name]
        assert value in rule if isinstance(rule, set) else isinstance(value, rule), (name, value)
        assert not isinstance(value, bool), name


def _refuse(reason: str) -> None:
    raise AssertionError(reason)
