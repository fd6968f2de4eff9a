"""From tokens to a tree: the longest expression that begins at a place, words beside its numbers passed over."""

from __future__ import annotations

from collections.abc import Sequence

from grader.arithmetic.numbers import Style, read_number, scaled
from grader.arithmetic.tokens import Token, closings
from grader.arithmetic.trees import Operand, Operation, Tree, Unread
from grader.arithmetic.words import LISTED, UNSURE

MAX_DEPTH = 40
MAX_TOKENS = 400
_BEGINS = ("number", "open", "fraction", "root")
_FUNCTIONS = {"sqrt": "root", "floor": "floor", "ceil": "ceil"}
_ROUNDING = {"⌊": "floor", "⌈": "ceil"}
_LOW, _HIGH = ("+", "-"), ("*", "/", "//")


class Parser:
    """Reads expressions in one line; `doubt` says why what was read last may be meant otherwise."""

    def __init__(self, tokens: Sequence[Token], style: Style) -> None:
        self.tokens, self.style = tokens, style
        self.closing = closings(list(tokens))
        self.doubt = ""
        self.end = len(tokens)

    def longest(self, start: int, end: int) -> tuple[Tree, int] | None:
        """Return the longest expression from `start`, and where it ends; None where there is none."""
        self.doubt, self.end = "", min(end, start + MAX_TOKENS)
        return self._sum(start, 0)

    def _kind(self, at: int) -> str:
        return self.tokens[at].kind if at < self.end else ""

    def _sign(self, at: int, among: Sequence[str]) -> str:
        return self.tokens[at].text if self._kind(at) == "op" and self.tokens[at].text in among else ""

    def _sum(self, at: int, depth: int) -> tuple[Tree, int] | None:
        if depth > MAX_DEPTH:
            raise Unread("the brackets are nested too deep")
        minus = self._sign(at, _LOW)
        found = self._product(at + 1 if minus else at, depth)
        if found is None:
            return None
        tree, at = found
        if minus == "-":
            tree = Operation("neg", (tree,))
        while sign := self._sign(at, _LOW):
            after = self._product(at + 1, depth)
            if after is None:
                self._open(at)
                break
            tree, at = Operation(sign, (tree, after[0])), after[1]
        return tree, at

    def _product(self, at: int, depth: int) -> tuple[Tree, int] | None:
        found = self._power(at, depth)
        if found is None:
            return None
        tree, at = found
        while following := self._sign(at, _HIGH) or self._beside(at):
            after = self._power(at + (following != "beside"), depth)
            if after is None:
                self._open(at)
                break
            quotient = Operation("/" if following in ("/", "//") else "*", (tree, after[0]))
            tree, at = Operation("floor", (quotient,)) if following == "//" else quotient, after[1]
        return tree, at

    def _beside(self, at: int) -> str:
        """Return `of` behind a percentage as ×, and tell whether numbers beside each other are a product."""
        if self._kind(at) == "word" and self.tokens[at].text in ("of", "von") and self.tokens[at - 1].text == "%":
            return "*" if self._kind(at + 1) in _BEGINS else ""
        if self._kind(at) not in _BEGINS:
            return ""
        if self.tokens[at].tight and self._kind(at) == "open" and self._kind(at - 1) in ("number", "close"):
            return "beside"
        self.doubt = self.doubt or "two numbers stand beside each other without a sign"
        return "beside" if self.style.loose else ""

    def _open(self, at: int) -> None:
        """Note that the sign at a place has no number behind it."""
        following = self.tokens[at + 1].text if at + 1 < self.end else "nothing"
        self.doubt = f"it goes on with {following}, which is no number"

    def _power(self, at: int, depth: int) -> tuple[Tree, int] | None:
        minus = self._sign(at, _LOW)
        found = self._atom(at + 1 if minus else at, depth)
        if found is None:
            return None
        tree, at = found
        if self._sign(at, ("^",)):
            exponent = self._power(at + 1, depth + 1) if depth < MAX_DEPTH else None
            if exponent is None:
                self._open(at)
                return None
            tree, at = Operation("^", (tree, exponent[0])), exponent[1]
        if minus == "-":
            tree = Operation("neg", (tree,))
        return tree, self._after_words(at)

    def _atom(self, at: int, depth: int) -> tuple[Tree, int] | None:
        kind = self._kind(at)
        if kind == "number":
            return self._number(at)
        if kind == "open":
            return self._bracket(at, depth)
        if kind == "fraction":
            top = self._bracket(at + 1, depth)
            bottom = None if top is None else self._bracket(top[1], depth)
            return None if top is None or bottom is None else (Operation("/", (top[0], bottom[0])), bottom[1])
        named = _FUNCTIONS.get(self.tokens[at].text) if kind == "word" and self._kind(at + 1) == "open" else None
        if (kind == "root" or named) and depth < MAX_DEPTH:
            inside = self._atom(at + 1, depth + 1)
            return None if inside is None else (Operation(named or "root", (inside[0],)), inside[1])
        return None

    def _number(self, at: int) -> tuple[Tree, int] | None:
        token = self.tokens[at]
        number = read_number(token.text.replace(" ", ""), german=self.style.german)
        if number is None:
            return None
        end, written = at + 1, token.text
        digits = sum(ch.isdigit() for ch in written.lstrip("0.,"))
        rounded = number.decimal and digits >= 3
        if self._kind(end) == "unit":
            number = scaled(number, self.tokens[end].text, self.style)
            rounded = self.style.scale > 0 and self.tokens[end].text != "%"
            written += ("" if self.tokens[end].tight else " ") + self.tokens[end].text
            end += 1
        step = number.step if number.decimal else max(number.step, type(number.step)(1))
        return Operand(number.value, written, at, step if number.decimal else type(step)(0), rounded), end

    def _bracket(self, at: int, depth: int) -> tuple[Tree, int] | None:
        close = self.closing.get(at)
        if self._kind(at) != "open" or close is None or close >= self.end:
            return None
        found = self._sum(at + 1, depth + 1)
        if found is None or self._words_end(found[1]) != close:
            return None
        rounding = _ROUNDING.get(self.tokens[at].text)
        return (Operation(rounding, (found[0],)) if rounding else found[0]), close + 1

    def _words_end(self, at: int) -> int:
        """Return where words end that begin at a place."""
        while self._kind(at) == "word":
            at += 1
        return at

    def _after_words(self, at: int) -> int:
        """Return the place behind words and remarks in brackets if the expression goes on there, else the place."""
        place = at
        for _ in range(5):
            if self._kind(place) == "word" and self.tokens[place].text.lower() not in UNSURE | LISTED:
                place += 1
            elif self._is_remark(place, has_words=place > at):
                place = self.closing[place] + 1
            else:
                break
        goes_on = self._kind(place) == "op" or (self._kind(place) == "close" and place > at)
        return place if goes_on else at

    def _is_remark(self, at: int, *, has_words: bool) -> bool:
        """Tell whether a bracket is a remark: `25 (height times width) × 192`, `25 (5×5) × 192`."""
        close = self.closing.get(at, 0)
        if self._kind(at) != "open" or not at < close < self.end:
            return False
        if any(token.kind == "word" for token in self.tokens[at:close]):
            return True
        return not (has_words or self.tokens[at].tight or self.style.loose)
