"""Where the reader stands in the tokens, and how it asks what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.proofs.names import Names
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import Node

MAX_DEPTH = 40
RELATIONS = {
    "=": "=", "<": "<", ">": ">", "neq": "!=", "le": "<=", "ge": ">=", "equiv": "=", "approx": "~", "in": "in",
    "coloneqq": ":=", "propto": "propto", "sim": "in",
}  # fmt: skip
OPENING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an ambiguous spelling is read; the first reading is the usual one, the others leave a remark."""

    wide_sum: bool = False
    greedy: bool = False
    slash_tail: bool = False


REMARKS = {
    "wide_sum": "read with the sum reaching to the end: put brackets around what is summed",
    "greedy": "read with the function taking all that follows: put brackets around its argument",
    "slash_tail": "read with everything behind / in the denominator: put brackets around it",
}


@dataclass(slots=True)
class Cursor:
    """Tokens and a place in them; the grammar is built on top."""

    tokens: list[Token]
    names: Names
    options: Options = field(default_factory=Options)
    at: int = 0
    depth: int = 0
    bars: int = 0
    bound: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def peek(self, ahead: int = 0) -> Token | None:
        """Return a token further on, None at the end."""
        place = self.at + ahead
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def sees(self, text: str, ahead: int = 0) -> bool:
        """Whether a mark or command of this text comes next."""
        token = self.peek(ahead)
        return token is not None and token.text == text and token.kind in ("mark", "command")

    def takes(self, text: str) -> bool:
        """Step over a mark or command if it comes next."""
        if self.sees(text):
            self.at += 1
            return True
        return False

    def needs(self, text: str) -> None:
        """Step over a mark, or stop reading."""
        if not self.takes(text):
            found = self.peek()
            raise Unreadable(f"{text} was expected" + (f" before {found.text}" if found else " at the end"))

    def deeper(self) -> None:
        """Count one level of nesting; stop when there are too many."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("brackets are nested too deeply")

    def remark(self, text: str) -> None:
        """Note a charitable reading, once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def is_letter(self, token: Token | None) -> bool:
        """Whether a token is an index letter here."""
        if token is None or token.kind not in ("letter", "command"):
            return False
        if token.text in self.bound:
            return True
        return token.text in self.names.index_sizes and not self.names.known(token.text)

    def expression(self) -> Node:
        """Read a sum of terms."""
        raise NotImplementedError

    def term(self) -> Node:
        """Read a product, entry-by-entry products included."""
        raise NotImplementedError

    def factor(self) -> Node:
        """Read one factor with its scripts."""
        raise NotImplementedError

    def sub(self, tokens: list[Token]) -> Cursor:
        """Return a reader of the same kind for a part."""
        reader = type(self)(tokens=tokens, names=self.names, options=self.options)
        reader.depth, reader.bound, reader.remarks = self.depth, list(self.bound), self.remarks
        reader.deeper()
        return reader

    def whole(self, tokens: list[Token]) -> Node:
        """Read a part as one expression."""
        reader = self.sub(tokens)
        node = reader.expression()
        if reader.at != len(reader.tokens):
            raise Unreadable(f"{reader.tokens[reader.at].text} was not expected")
        return node


def split_at(tokens: list[Token], marks: set[str]) -> list[list[Token]]:
    """Split tokens at marks or commands outside all brackets and environments."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += _step(token)
        if depth <= 0 and token.kind in ("mark", "command") and token.text in marks:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _step(token: Token) -> int:
    if token.kind in ("begin", "end"):
        return 1 if token.kind == "begin" else -1
    if token.kind not in ("mark", "command"):
        return 0
    return 1 if token.text in ("(", "[", "{", "(abs") else -1 if token.text in (")", "]", "}", "abs)") else 0


def closing(tokens: list[Token], at: int) -> int:
    """Return the place of the bracket that closes the one at `at`; -1 when there is none."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += _step(tokens[place])
        if depth == 0:
            return place
    return -1
