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
CALLABLE = frozenset((NAME, TEXT, ")", "]"))


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
    the notebook defines them itself. Comments, docstrings, magics, line ends, brackets that only group and
    whatever else a formatter adds or takes away are left out.
    """
    cells = [_Scanner(source).tokens() for source in sources]
    defined = {word for cell in cells for word in _defined(cell)}
    attributes = {word for cell in cells for word in _attributes(cell)}
    for cell in cells:
        for before, token, after in _neighbours(cell):
            if token.kind == NAME and token.word not in defined:
                given = token.word not in attributes if before == "." else after == "(" and token.word in BUILT_IN
                token.kind = token.word if given else NAME
    return cells


@dataclass
class _Scanner:
    source: str
    found: list[Token] = field(default_factory=list)
    begun: int = 0  # how many tokens there were when the line began
    open: list[bool] = field(default_factory=list)  # brackets that are not closed yet: whether each is kept

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
        if not self.open:
            if len(self.found) == self.begun + 1 and self.found[-1].kind == TEXT:
                self.found.pop()  # a docstring, or a text that is used as a comment
            self.begun = len(self.found)

    def _sign(self, sign: str, start: int) -> None:
        if sign in ")]}" and self.found and self.found[-1].kind == ",":
            self.found.pop()
        if sign in "([{":
            self.open.append(sign != "(" or self._is_call())
            kept = self.open[-1]
        else:
            kept = self.open.pop() if sign in ")]}" and self.open else True
        if kept:
            self.found.append(Token(sign, sign, start, start + len(sign)))

    def _is_call(self) -> bool:
        """Tell whether an opening bracket calls or defines something: those that only group tell nothing."""
        return len(self.found) > self.begun and self.found[-1].kind in CALLABLE

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


def _defined(cell: Sequence[Token]) -> Iterator[str]:
    """Yield the names of functions and classes, and of what Python has that a cell gives another meaning."""
    for before, token, after in _neighbours(cell):
        if before in DEFINES or (after in ASSIGNS and before != "." and token.word in BUILT_IN):
            yield token.word


def _attributes(cell: Sequence[Token]) -> Iterator[str]:
    """Yield the attributes a cell assigns; of `self`, all."""
    for it, dot, name, behind in zip(cell, cell[1:], cell[2:], [*cell[3:], None], strict=False):
        if dot.word == "." and (it.word == "self" or (behind is not None and behind.word in ASSIGNS)):
            yield name.word


def _neighbours(cell: Sequence[Token]) -> Iterator[tuple[str, Token, str]]:
    """Yield each token between the words before and behind it."""
    words = ["", *(token.word for token in cell), ""]
    return zip(words, cell, words[2:], strict=False)
