"""Code as the tokens that remain when layout, comments and names are forgotten.

A scanner of our own rather than `tokenize` or Pygments: it reads code that no parser takes, cannot fail, and is fast
enough for thousands of notebooks.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

SHAPE = re.compile(
    r"""(?P<skip>[ \t\r\f]+|\\\r?\n|\#[^\n]*)
    |(?P<line>\n(?:[ \t]*[!%?][^\n]*)?|;)
    |(?P<text>[rRbBfFuUtT]{0,2}(?:"{3}(?:[^"\\]|\\.|"(?!""))*+(?:"{3}|\Z)|'{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3}|\Z)
        |"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?))
    |(?P<name>[^\W\d]\w*)
    |(?P<number>\.?\d(?:[eE][+-]|[\w.])*)
    |(?P<sign>\*\*=?|//=?|>>=?|<<=?|[-+*/%@&|^=<>!:]=|->|.)""",
    re.VERBOSE | re.DOTALL,
)
MAGIC = re.compile(r"\s*[!%?][^\n]*")
ASSIGNS = frozenset(("=", ":", ":=", "+=", "-=", "*=", "/=", "//=", "%=", "@=", "**="))
DEFINES = frozenset(("def", "class"))
BUILT_IN = frozenset(name for name in dir(builtins) if name.islower() and not name.startswith("_"))
KEYWORDS = frozenset(keyword.kwlist)
NAME, NUMBER, TEXT = "n", "0", "s"


@dataclass(slots=True)
class Token:
    """What stands at source[start:end]: its `word` as written, and the `kind` it counts as."""

    word: str
    kind: str
    start: int
    end: int


def tokens(sources: Sequence[str]) -> list[list[Token]]:
    """Return the tokens of each cell: names count as `n`, numbers as `0`, texts as `s`, all else as written.

    What a student cannot rename keeps its name: attributes (`np.sqrt`) and built-in functions that are called, unless
    the notebook defines something of that name. Comments, docstrings, magics, line ends and the commas and semicolons
    that a formatter adds or takes away are left out.
    """
    cells = [_Scanner(source).tokens() for source in sources]
    own = {word for cell in cells for word in _defined(cell)}
    for cell in cells:
        for before, token, after in _neighbours(cell):
            if token.kind == NAME and token.word not in own and (before == "." or _is_built_in(token.word, after)):
                token.kind = token.word
    return cells


@dataclass
class _Scanner:
    source: str
    found: list[Token] = field(default_factory=list)
    begun: int = 0  # how many tokens there were when the line began
    depth: int = 0

    def tokens(self) -> list[Token]:
        magic = MAGIC.match(self.source)
        for match in SHAPE.finditer(self.source, magic.end() if magic else 0):
            if match.lastgroup == "line":
                self._end_line()
            elif match.lastgroup == "sign":
                self._sign(match[0], match.start())
            elif match.lastgroup != "skip":
                self._word(match)
        self._end_line()
        return self.found

    def _end_line(self) -> None:
        if self.depth == 0:
            if len(self.found) == self.begun + 1 and self.found[-1].kind == TEXT:
                self.found.pop()  # a docstring, or a text that is used as a comment
            self.begun = len(self.found)

    def _sign(self, sign: str, start: int) -> None:
        if sign in "([{":
            self.depth += 1
        elif sign in ")]}":
            self.depth = max(0, self.depth - 1)
            if self.found and self.found[-1].kind == ",":
                self.found.pop()
        self.found.append(Token(sign, sign, start, start + len(sign)))

    def _word(self, match: re.Match[str]) -> None:
        word, start, end = match[0], match.start(), match.end()
        if match.lastgroup == "text":
            if len(self.found) > self.begun and self.found[-1].kind == TEXT:
                self.found[-1].end = end  # pieces of one text
                return
            word, kind = "", TEXT
        elif match.lastgroup == "number":
            kind = NUMBER
        else:
            kind = word if word in KEYWORDS else NAME
        self.found.append(Token(word, kind, start, end))


def _defined(cell: Sequence[Token]) -> set[str]:
    """Return the names that a cell defines or assigns, attributes among them."""
    found = {token.word for before, token, after in _neighbours(cell) if before in DEFINES or after in ASSIGNS}
    own = zip(cell, cell[1:], cell[2:], strict=False)
    return found | {name.word for it, dot, name in own if it.word == "self" and dot.word == "."}


def _is_built_in(word: str, after: str) -> bool:
    return after == "(" and word in BUILT_IN


def _neighbours(cell: Sequence[Token]) -> Iterator[tuple[str, Token, str]]:
    """Yield each token between the words before and behind it."""
    words = ["", *(token.word for token in cell), ""]
    return zip(words, cell, words[2:], strict=False)
