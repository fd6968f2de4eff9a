"""Which cells belong to which question.

A cell's metadata say it best: `{"grader": {"question": "q4"}}`, nbgrader's `grade_id`, or a tag `q4`. Else
headings do: in text cells their headings and first line, in code cells the comments at the top. A heading is
a number behind a word such as Question, Q, Part, Task or Aufgabe, or a number alone ("4. Backpropagation").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from grader.notebook.fences import take_apart

_WORDS = {
    "question": "questions?|ques|qn|q|frage|pregunta",
    "answer": "answers?|ans|antwort",
    "solution": "solutions?|sol|lösung",
    "part": "parts?|teil",
    "exercise": "exercises?|exercice|ex|aufgabe|übung",
    "task": "tasks?",
    "problem": "problems?|prob",
}
_NUMBERS = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten eleven twelve",
        "i ii iii iv v vi vii viii ix x xi xii",
        "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    )
    for number, word in enumerate(words.split(), start=1)
}
_BEFORE = (
    r"(?:(?:my|the|an?|to|for|of|on|zu|code|answers?|ans|solutions?|sol|implementation|work|homework|assignment|hw)"
    r"(?:\s*\d+\b)?[-–—:|,.\s]*)*"
)
_AFTER = r"(?P<sub>(?:\.\d+)*(?:\s?[.]?[a-z]\b|\s*\([a-z\d]+\)|[a-z]\))?)(?![^\W_])\s*(?P<rest>.*)"
_WORDED = re.compile(
    rf"{_BEFORE}\b(?P<word>{'|'.join(_WORDS.values())})(?:\s*[.:#_-]|\s+(?:no|nr|number|nummer)\b\.?)*\s*"
    rf"(?P<number>\d{{1,3}}|(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b){_AFTER}",
    re.IGNORECASE | re.DOTALL,
)
_BARE = re.compile(
    r"(?P<number>\d{1,3})(?:(?:\.\d+)*(?:[a-z]|\s?\([a-z\d]+\))?)"
    r"(?:[.)\]:]*\s*$|(?:[.)\]:]+\s*|\s+[-–—]+\s+|\s+(?=[A-ZÄÖÜ(]))(?P<rest>[^\s\d].*))",
    re.DOTALL,
)
_GOES_ON = re.compile(r"(?:of|and|or|is|was|are|were|in|from|for|to|we|i|has|have|that|which|with|asks?|says)\b")
_ITEM = re.compile(r"\s*(?:#+\s*)?\d{1,3}[.)]\s+\S")
_MARKUP = re.compile(r"<[^<>]{0,200}>|[*`$]+|(?<!\w)_+|_+(?!\w)|\[(?=[^\]]*\]\()|\]\([^)]*\)")
_ATX = re.compile(r"\s{0,3}(#{1,6})(?!#)\s*(.*?)\s*#*\s*$")
_BOLD = re.compile(r"\s*(?:[-*+]\s+)?(\*\*|__|<(?:b|u|strong|center|font)\b[^<>]*>).*(?:\*\*|__|</\w+>)[:.\s]*$", re.I)
_HTML = re.compile(r"\s*<h([1-6])\b.*", re.IGNORECASE)
_BOLD_LEVEL, _PLAIN_LEVEL = 7, 8
_MAX_LINE = 200  # characters of a line that are looked at; a heading is shorter


@dataclass(frozen=True, kw_only=True)
class _Start:
    """Something that may start a question; `level` 1 is the largest heading, a bare number has no `word`."""

    number: int
    letter: str
    word: str
    level: int


@dataclass(frozen=True, kw_only=True)
class _State:
    """Where we are: the question, the start that opened it, and whether its own parts are being counted."""

    question: str = ""
    start: _Start | None = None
    counts_parts: bool = False


def split_questions(node: NotebookNode, question_ids: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the indices of the cells of each question, those before the first question under "".

    Every cell is in exactly one place. A cell that names two questions belongs to the first, the next
    cells to the last.
    """
    numbers = _numbers_of(question_ids)
    found: dict[str, list[int]] = {"": [], **{each: [] for each in question_ids}}
    state = _State()
    for index, cell in enumerate(node.cells):
        marked = _marked(cell, question_ids)
        if marked:
            start = _Start(number=_number_of(marked), letter="", word="question", level=0)
            state = _State(question=marked, start=start)
            found[marked].append(index)
            continue
        owner = ""
        for start in _starts(cell):
            following = _next_state(state, start, numbers)
            owner = owner or (following.question if _moved(state, following) else "")
            state = following
        found[owner or state.question].append(index)
    return {key: tuple(cells) for key, cells in found.items()}


def _numbers_of(question_ids: Sequence[str]) -> Mapping[tuple[int, str], str]:
    """Return the id for each (number, letter); a number without its letter means the first such question."""
    numbers: dict[tuple[int, str], str] = {}
    for each in question_ids:
        found = re.search(r"(\d{1,6})([a-z]?)$", each.lower())
        if found:
            numbers.setdefault((int(found[1]), found[2]), each)
            numbers.setdefault((int(found[1]), ""), each)
    return numbers


def _number_of(question_id: str) -> int:
    found = re.search(r"\d{1,6}", question_id)
    return int(found[0]) if found else 0


def _marked(cell: NotebookNode, question_ids: Sequence[str]) -> str:
    """Return the question a cell's metadata name, or an empty string."""
    own = cell.metadata.get("grader", {})
    given = own.get("question") if isinstance(own, dict) else None
    other = cell.metadata.get("nbgrader", {})
    grade_id = other.get("grade_id") if isinstance(other, dict) else None
    tags = cell.metadata.get("tags", [])
    names = [given, *(tags if isinstance(tags, list) else [])]
    for name in names:
        plain = name.strip().lower() if isinstance(name, str) else ""
        short = re.sub(r"^question[-:_ ]*", "", plain)
        for each in question_ids:
            if plain and each.lower() in (plain, short, f"q{short}"):
                return each
    return _in_grade_id(grade_id, question_ids) if isinstance(grade_id, str) else ""


def _in_grade_id(grade_id: str, question_ids: Sequence[str]) -> str:
    """Find the question in names such as q4, cell-q4, q4_part2, q4a or question-4."""
    plain = re.sub(r"question[-_ ]?(?=\d)", "q", grade_id.lower())
    for each in sorted(question_ids, key=len, reverse=True):
        if re.search(rf"(?<![a-z0-9]){re.escape(each.lower())}(?!\d)", plain):
            return each
    return ""


def _next_state(state: _State, start: _Start, numbers: Mapping[tuple[int, str], str]) -> _State:
    """Return the state after `start`: a question's own parts, counted 1, 2, 3 under it, start nothing."""
    question = numbers.get((start.number, start.letter)) or numbers.get((start.number, ""))
    if question is None:
        return state
    now = state.start
    if now is None or start.level <= now.level or (start.word and start.word == now.word):
        return _State(question=question, start=start)
    if question == state.question:
        return replace(state, counts_parts=state.counts_parts or not start.word)
    if start.number > now.number and not state.counts_parts:
        return _State(question=question, start=start)
    return replace(state, counts_parts=True)


def _moved(before: _State, after: _State) -> bool:
    return after.start is not before.start


def _starts(cell: NotebookNode) -> Iterator[_Start]:
    return _starts_in_code(cell.source) if cell.cell_type == "code" else _starts_in_text(cell.source)


def _starts_in_text(text: str) -> Iterator[_Start]:
    lines = [line and line[:_MAX_LINE] for line in take_apart(text).outside]
    items = sum(1 for line in lines if line and _ITEM.match(line) and not _ATX.match(line))
    first = True
    for number, line in enumerate(lines):
        if not line or not line.strip():
            continue
        following = lines[number + 1] if number + 1 < len(lines) else None
        heading, level = _heading(line, following)
        if level < _PLAIN_LEVEL or first:
            bare = level < _PLAIN_LEVEL or items <= 1
            yield from _start(heading, level, bare=bare)
        first = False


def _heading(line: str, following: str | None) -> tuple[str, int]:
    """Return a line without its marks, and its level: 1 to 6 for headings, then bold, then plain lines."""
    if atx := _ATX.match(line):
        return atx[2], len(atx[1])
    if html := _HTML.match(line):
        return line, int(html[1])
    if following and re.fullmatch(r"\s{0,3}(=+|-{2,})\s*", following):
        return line, 1 if "=" in following else 2
    return line, _BOLD_LEVEL if _BOLD.match(line) else _PLAIN_LEVEL


def _starts_in_code(source: str) -> Iterator[_Start]:
    """Look at the comments before the first statement; bare numbers count in the first of them only."""
    comments = list(_comments(source))
    items = sum(1 for comment in comments if _ITEM.match(comment))
    for number, comment in enumerate(comments):
        yield from _start(comment, _PLAIN_LEVEL, bare=number == 0 and items <= 1)


def _comments(source: str) -> Iterator[str]:
    for line in source.split("\n"):
        plain = line.strip()
        if not plain or plain.startswith("%%"):
            continue
        text = re.match(r"""(?:#[\s#%=*+-]*|[rf]?(?:\"{3}|'{3})\s*)(.*)""", plain[:_MAX_LINE])
        if text is None:
            return
        if text[1]:
            yield text[1]
        if not plain.startswith("#"):
            return


def _start(line: str, level: int, *, bare: bool) -> Iterator[_Start]:
    plain = re.sub(r"^[^\w]+", "", _MARKUP.sub("", line)).strip()
    found = _WORDED.match(plain)
    if found:
        number = found["number"].lower()
        if level < _PLAIN_LEVEL or not _goes_on(found["rest"], spelled=not number.isdecimal()):
            value = _NUMBERS.get(number) or int(number)
            yield _Start(number=value, letter=_letter(found["sub"]), word=_word(found["word"]), level=level)
        return
    found = _BARE.match(plain) if bare else None
    if found and (level < _PLAIN_LEVEL or not (found["rest"] or "A")[0].islower()):
        yield _Start(number=int(found["number"]), letter="", word="", level=level)


def _goes_on(rest: str, *, spelled: bool) -> bool:
    """Say whether the line begins a sentence ("Part 2 of the data", "part I trained") and is no heading."""
    return bool(_GOES_ON.match(rest)) or (spelled and rest[:1].islower())


def _letter(sub: str) -> str:
    found = re.search(r"[a-z]", sub.lower())
    return found[0] if found else ""


def _word(word: str) -> str:
    plain = word.lower()
    return next(family for family, words in _WORDS.items() if re.fullmatch(words, plain))
