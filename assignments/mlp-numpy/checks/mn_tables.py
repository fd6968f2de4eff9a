"""Reading a comparison of accuracies, wherever it stands: in a DataFrame, dicts, a printed or a Markdown table.

Every number comes with the words around it (names of row, column and variable); the words say whose network it belongs
to, and which activation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

ACTIVATIONS = {
    "relu": re.compile(r"re ?lu", re.IGNORECASE),
    "sigmoid": re.compile(r"sigmoid|logistic|sigm\b", re.IGNORECASE),
    "linear": re.compile(r"linear|identity", re.IGNORECASE),
    "tanh": re.compile(r"tanh", re.IGNORECASE),
}
SKLEARN = re.compile(
    r"sk(?![a-z])|skl|scikit|mlp ?c(lassifier|\b)|mlpclf|\bclf|\btheirs?\b|library|builtin", re.IGNORECASE
)
MINE = re.compile(
    r"\b(mine|my|own|our|ours|me|nn|ann|mlp|self|manual|meine?s?)\b|myneural|mynn|my ?network|scratch|custom"
    r"|implement|numpy|eigene|neural ?net",
    re.IGNORECASE,
)
NOT_TEST = re.compile(r"loss|time|sec|epoch|\btrain|\bval|iter|precision|recall|f1|diff|lr\b|rate", re.IGNORECASE)
TEST = re.compile(r"test|acc|score", re.IGNORECASE)
BEST = re.compile(
    r"\bbest|winner|\bwins?\b|won\b|highest|better|outperform|superior|top\b|beste|gewinn|sieger|most accurate",
    re.IGNORECASE,
)
NOT_BEST = re.compile(
    r"\b(?:not|isn.t|never|nicht|kein\w*) (?:the |das |die |der )?(?:best|better|winner|top|superior)", re.IGNORECASE
)
CLAUSE = re.compile(r"[;,]|\b(?:while|whereas|but|worst|however)\b", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?\s*%?(?![\w])")
RULE = re.compile(r"^[\s|:+=-]*$")
OWNERS = ("mine", "sklearn")
NAMES = {"mine": "your own", "sklearn": "scikit-learn's"}

Key = tuple[str, str]


@dataclass(frozen=True)
class Cell:
    """A number and the words around it, the nearest last."""

    words: tuple[str, ...]
    number: float

    @property
    def text(self) -> str:
        """The words as one text, `my_scores` as two words."""
        return " ".join(plain(word) for word in self.words)


@dataclass
class Comparison:
    """Accuracies by owner and activation, each in 0..1, and where they were read."""

    source: str
    values: dict[Key, float] = field(default_factory=dict)

    def best(self) -> list[Key]:
        """Return whose are the largest, several where they are equal."""
        largest = max(self.values.values())
        return [key for key, value in self.values.items() if value >= largest - 1e-9]


def plain(word: str) -> str:
    """Return a name with its parts as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_.]", " ", str(word))


def activation_of(text: str) -> str | None:
    """Return the activation a text names, the last one of several; None without one."""
    found = [(match.end(), name) for name, pattern in ACTIVATIONS.items() for match in pattern.finditer(text)]
    return max(found)[1] if found else None


def owner_of(text: str) -> str | None:
    """Return whose network a text names."""
    if SKLEARN.search(text):
        return "sklearn"
    return "mine" if MINE.search(text) else None


def comparisons(tables: Iterable[Sequence], texts: Iterable[tuple[str, str]]) -> Comparison:
    """Return the comparison that says most: of the variables' tables, and of texts (where, text)."""
    read = [
        table_of(f"`{name}`", name, [Cell((name, *words), number) for words, number in cells]) for name, cells in tables
    ]
    read += [table_of(where, "", list(lines(text))) for where, text in texts]
    read.sort(key=lambda one: (len(one.values), one.source == "`comparison`"), reverse=True)
    if not read:
        return Comparison("")
    best = read[0]
    for other in read[1:]:
        if len(best.values) >= 2 * len(ACTIVATIONS):
            break
        best.values.update({key: value for key, value in other.values.items() if key not in best.values})
    return best


def table_of(source: str, name: str, cells: Sequence[Cell]) -> Comparison:
    """Read cells as a comparison."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        about = activation_of(cell.text)
        if about is not None and 0 <= cell.number <= 100:
            groups.setdefault(about, []).append(cell)
    values: dict[Key, float] = {}
    for activation, group in groups.items():
        owned = {owner: [c for c in group if owner_of_cell(c, name) == owner] for owner in OWNERS}
        unnamed = [c for c in group if owner_of_cell(c, name) is None]
        if not any(owned.values()) and len(unnamed) == 2:
            owned = {"mine": unnamed[:1], "sklearn": unnamed[1:]}
        for owner, found in owned.items():
            if found:
                values[owner, activation] = chosen(found).number
    return Comparison(source, as_shares(values))


def owner_of_cell(cell: Cell, name: str) -> str | None:
    """Return whose a number is: by its row and column, else by the variable's name."""
    nearest = " ".join(plain(word) for word in cell.words[1 if name else 0 :])
    return owner_of(nearest) or owner_of(plain(name))


def chosen(cells: Sequence[Cell]) -> Cell:
    """Return the cell of several that is a test accuracy."""
    for wanted in (lambda t: TEST.search(t) and not NOT_TEST.search(t), lambda t: not NOT_TEST.search(t)):
        fitting = [cell for cell in cells if wanted(cell.text)]
        if fitting:
            return fitting[-1]
    return cells[-1]


def as_shares(values: dict[Key, float]) -> dict[Key, float]:
    """Return percentages as shares."""
    return {key: value / 100 for key, value in values.items()} if any(v > 1.5 for v in values.values()) else values


# --- texts -----------------------------------------------------------------------------------------------


def lines(text: str) -> Iterable[Cell]:
    """Yield the numbers of a printed or Markdown table, or of sentences, with their words."""
    header: list[str] = []
    section = ""
    for line in text.splitlines():
        if RULE.match(line):
            continue
        found = list(NUMBER.finditer(line))
        if not found:
            header = columns_of(line)
            section = line if heads_a_section(line) else section
            continue
        for cell in of_line(line, found, header):
            yield cell if owner_of(cell.text) else Cell((section, *cell.words), cell.number)


def heads_a_section(line: str) -> bool:
    """Tell whether a line says whose the numbers below it are, and nothing else."""
    said = plain(line)
    return bool(SKLEARN.search(said)) != bool(MINE.search(said)) and activation_of(said) is None


def of_line(line: str, found: Sequence[re.Match], header: Sequence[str]) -> Iterable[Cell]:
    """Yield the numbers of one line: with the header of their column where there are as many, and the words before."""
    numbers = [m for m in found if not re.fullmatch(r"\s*\d{1,2}\s*", line[: m.end()]) or len(found) == 1]
    heads = list(header)[-len(numbers) :] if len(header) >= len(numbers) > 0 else [""] * len(numbers)
    named = [owner_of(plain(head)) or activation_of(plain(head)) for head in heads]
    start = line[: numbers[0].start()] if numbers else ""
    before = 0
    for match, head, useful in zip(numbers, heads, named, strict=True):
        words = line[before : match.start()]
        before = match.end()
        yield Cell((start, head if useful or "acc" in head.lower() else "", words), value_of(match.group()))


def columns_of(line: str) -> list[str]:
    """Return the heads of columns: between bars, or two spaces, or one where that is all there is."""
    stripped = line.strip().strip("|")
    for separator in (r"\|", r"\t| {2,}", r" "):
        parts = [part.strip() for part in re.split(separator, stripped) if part.strip()]
        if len(parts) > 1:
            return parts
    return [stripped] if stripped else []


def value_of(text: str) -> float:
    """Return the number that is written."""
    stripped = text.strip()
    return float(stripped.rstrip("% ")) / 100 if stripped.endswith("%") else float(stripped)


# --- the winner ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claim:
    """What somebody said is best; either part may be missing. `typed`: the words stand in the notebook as they are."""

    said: str
    owner: str | None
    activation: str | None
    typed: bool = False

    def names(self, key: Key) -> bool:
        """Tell whether this may be what was meant."""
        return self.owner in (None, key[0]) and self.activation in (None, key[1])


def claim_in(texts: Iterable[tuple[str, str]], sentences: Iterable[str], source: str) -> Claim | None:
    """Return the first claim: of variables called best (name, text), then of the last sentence that says so.

    `source` is all that was typed, by which claims that were typed are told from those that were computed.
    """
    claim = _claim_in(texts, sentences)
    return None if claim is None else replace(claim, typed=claim.said in " ".join(source.split()))


def _claim_in(texts: Iterable[tuple[str, str]], sentences: Iterable[str]) -> Claim | None:
    for name, text in texts:
        if BEST.search(plain(name)) and (claim := read_claim(text)):
            return claim
    saying = [one for one in sentences if BEST.search(one) and not NOT_BEST.search(one)]
    found = [claim for sentence in saying if (claim := read_claim(sentence))]
    whole = [claim for claim in found if claim.activation is not None]
    return (whole or found or [None])[-1]


def read_claim(text: str) -> Claim | None:
    """Return what a text says is best: what is named nearest behind the word, else before it."""
    word = BEST.search(text)
    parts = parts_of(text, word) if word else [text]
    for part in parts:
        activation, owner = first_activation(part), owner_of(plain(part))
        if activation is not None or (owner is not None and part is parts[-1]):
            both = re.search(SKLEARN, part) and MINE.search(part)
            return Claim(" ".join(text.split())[:300], None if both else owner, activation)
    return None


def parts_of(text: str, word: re.Match[str]) -> list[str]:
    """Return the parts of a sentence that say what is best, the likeliest first."""
    behind, before = CLAUSE.split(text[word.end() :], maxsplit=1)[0], text[: word.start()]
    compares = word.group().lower() in {"better", "superior"} or word.group().lower().startswith("outperform")
    named = re.match(r"\s*(with|war|is|was|are|:|=|model|activation|accuracy|network|one|result|\()", behind)
    return [before, behind, text] if compares or named is None else [behind, before, text]


def first_activation(text: str) -> str | None:
    """Return the activation a text names first."""
    found = [(match.start(), name) for name, pattern in ACTIVATIONS.items() for match in pattern.finditer(text)]
    return min(found)[1] if found else None


def typed(values: Iterable[float], source: str) -> bool:
    """Tell whether all numbers of a table stand in what was typed: then they are not from this run."""
    known = {float(m.group().strip().rstrip("% ")) for m in NUMBER.finditer(source)}
    return all(any(abs(value * scale - one) < 1e-9 for one in known for scale in (1, 100)) for value in values)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of prose, without the rows of tables."""
    kept = [line for line in text.splitlines() if line.count("|") < 2]
    return [part.strip() for part in re.split(r"(?<=[.!?;])\s+|\n+", "\n".join(kept)) if part.strip()]
