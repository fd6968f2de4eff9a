"""The reader: tokens in, a tree out, by recursive descent; the declared names decide what a letter means."""

from __future__ import annotations

from fractions import Fraction

from grader.proofs.atoms import Scripts
from grader.proofs.cursor import OPENING, Options, closing, split_at
from grader.proofs.dots import without_dots
from grader.proofs.forms import Forms
from grader.proofs.names import GREEK, Names, read_base, script
from grader.proofs.tokens import ACCENTS, Token, Unreadable
from grader.proofs.tree import Add, At, Call, Const, Div, Grid, Mul, Neg, Node, Num, Pow, Sym, Transpose

_DOTS = Sym("…")
_TIMES = {"cdot": ".", ".": ".", "times": "", "*": ""}
_ENTRYWISE = {"odot", "circ"}
_FUNCTION_COMMANDS = frozenset(
    ["exp", "log", "ln", "sin", "cos", "tan", "tanh", "sinh", "cosh", "max", "min", "arctan", "lg"]
)
_STARTING = (
    frozenset(["frac", "sqrt", "sum", "prod", "partial", "nabla", "mathbb", "{"])
    | _FUNCTION_COMMANDS
    | GREEK
    | ACCENTS.keys()
)


QED = ("blacksquare", "square", "Box", "qed", "∎", "■", "□")


class Reader(Forms):
    """Expressions, terms and factors."""

    def expression(self) -> Node:
        """Read a sum of terms; dots inside one stand for the terms between."""
        self.deeper()
        terms = [self._signed_term()]
        while self.peek() is not None and (self.sees("+") or self.sees("-")):
            terms.append(self._signed_term())
        self.depth -= 1
        if any(_is_dots(term) for term in terms):
            return without_dots(terms, _DOTS)
        return terms[0] if len(terms) == 1 else Add(tuple(terms))

    def _signed_term(self) -> Node:
        negative = False
        while self.sees("+") or self.sees("-"):
            negative ^= self.sees("-")
            self.at += 1
        if self.takes("dots"):
            return _DOTS
        term = self.term()
        return Neg(term) if negative else term

    def term(self) -> Node:
        """Read a product; `⊙` binds loosest."""
        node = self._product()
        while (token := self.peek()) is not None and token.kind == "command" and token.text in _ENTRYWISE:
            self.at += 1
            node = Mul(node, self._product(), "o")
        return node

    def _product(self) -> Node:
        node = self._signed_factor()
        while (token := self.peek()) is not None:
            if token.text in _TIMES and token.kind in ("mark", "command"):
                if token.text == "." and self.peek(1) is None:
                    break
                self.at += 1
                if token.text == "." and self.takes("*"):
                    node = Mul(node, self._signed_factor(), "o")
                    continue
                node = Mul(node, self._signed_factor(), _TIMES[token.text])
            elif token.text == "/" and token.kind == "mark":
                self.at += 1
                node = Div(node, self._product() if self.options.slash_tail else self._signed_factor())
            elif self._starts_factor(token):
                node = _times(node, self.factor())
            else:
                break
        return node

    def _signed_factor(self) -> Node:
        if self.takes("-"):
            return Neg(self.factor())
        return self.factor()

    def _starts_factor(self, token: Token) -> bool:
        if token.kind in ("letter", "word", "number", "begin"):
            return True
        if token.kind == "mark":
            return token.text in ("(", "[", "{", "(abs") or (token.text == "|" and not self.bars)
        if token.kind == "command":
            if token.text == "|":
                return not self.bars
            return token.text in _STARTING
        return False

    def factor(self) -> Node:
        """Read one factor."""
        self.deeper()
        node = self._bare_factor()
        self.depth -= 1
        return node

    def _bare_factor(self) -> Node:
        token = self.peek()
        if token is None:
            raise Unreadable("a factor is missing at the end")
        if token.kind == "number":
            return self._number()
        if token.kind == "begin":
            self.at += 1
            return self.dressed(self.environment(token.text), self.scripts())
        if token.kind == "mark" or (token.kind == "command" and token.text in ("{", "|")):
            return self._mark(token)
        if token.kind == "command":
            return self._command(token)
        if token.kind == "text":
            raise Unreadable(f"the words {token.text!r} stand where a formula was expected")
        return self.after_name(self.name())

    def _number(self) -> Node:
        token = self.tokens[self.at]
        if len(token.text) > 60:
            raise Unreadable("a number is too long")
        following = self.peek(1)
        if token.text == "1" and following is not None:
            if following.text == "^" and (after := self.peek(2)) and after.text in ("T", "top", "{"):
                inside, behind = script(self.tokens, self.at + 2)
                if len(inside) == 1 and inside[0].text in ("T", "top"):
                    self.at = behind
                    return Transpose(Const("ones"))
            if following.text in ("{", "[", "_") and (node := self._ones()) is not None:
                return node
        self.at += 1
        return self.dressed(Num(Fraction(token.text)), self.scripts())

    def _ones(self) -> Node | None:
        """`1{i = j}`, `1[i = j]`, `1_{i = j}` (the font of the 1 was dropped)."""
        start = self.at
        self.at += 1
        if self.takes("_"):
            inside, self.at = script(self.tokens, self.at)
        else:
            end = closing(self.tokens, self.at)
            inside, self.at = self.tokens[self.at + 1 : end], end + 1
        if end_missing := len(split_at(inside, {"=", "neq", "<", ">", "le", "ge"})) < 2:
            self.at = start
        return None if end_missing else self._indicator_of(inside)

    def _mark(self, token: Token) -> Node:
        if token.text == "(abs":
            return self._absolute("abs)", "abs")
        if token.text == "|":
            double = token.kind == "command" or (self.sees("|", 1) and not self.sees("|", 2))
            return self._norm(token) if double else self._absolute("|", "abs")
        if token.text not in OPENING:
            raise Unreadable(f"{token.text} was not expected")
        base, behind = read_base(self.tokens, self.at) if token.text == "{" and token.kind == "mark" else ("", 0)
        if base and behind > self.at + 1:
            return self.after_name(self.name())
        if token.text == "[" and (iverson := self._iverson()) is not None:
            return iverson
        if token.kind == "command" and self.sees("{") and (following := self.peek(1)) and following.kind == "begin":
            self.at += 1
            return self._bare_factor()
        return self._group(OPENING[token.text])

    def _group(self, close: str) -> Node:
        self.at += 1
        bars, self.bars = self.bars, 0
        node = self.expression()
        self.bars = bars
        if self.peek() is None and close != "}":
            self.remark(f"a closing {close} is missing: read as if it stood at the end")
            return node
        self.needs(close)
        return self.dressed(node, self.scripts())

    def _iverson(self) -> Node | None:
        end = closing(self.tokens, self.at)
        inside = self.tokens[self.at + 1 : end] if end > 0 else []
        if len(split_at(inside, {"=", "neq"})) > 1:
            self.at = end + 1
            return self._indicator_of(inside)
        return None

    def _absolute(self, close: str, name: str) -> Node:
        self.at += 1
        self.bars += 1
        node = self.expression()
        self.bars -= 1
        self.needs(close)
        return self.dressed(Call(name, (node,)), self.scripts())

    def _norm(self, token: Token) -> Node:
        width = 1 if token.kind == "command" else 2
        self.at += width
        self.bars += 1
        node = self.expression()
        self.bars -= 1
        for _ in range(width):
            self.needs("|")
        found = self.scripts()
        name = "norm1" if found.sub and found.sub[0].text == "1" else "norm"
        found.sub = None
        return self.dressed(Call(name, (node,)), found)

    def _command(self, token: Token) -> Node:  # noqa: C901, PLR0911
        name = token.text
        if name in ("sum", "prod"):
            self.at += 1
            return self.big(name)
        if name == "Sigma" and self.sees("_", 1) and not self.names.known("Sigma"):
            self.at += 1
            return self.big("sum")
        if name == "frac":
            self.at += 1
            return self.dressed(self.fraction(), self.scripts())
        if name == "sqrt":
            return self._root()
        if name == "partial":
            self.at += 1
            return self.slashed_derivative("partial")
        if name == "nabla":
            self.at += 1
            return self.gradient()
        if name in _FUNCTION_COMMANDS:
            self.tokens = [*self.tokens[: self.at], Token("word", name), *self.tokens[self.at + 1 :]]
            return self.name()
        if name == "delta" and not self.sees("_", 1) and (node := self._small_delta()) is not None:
            return node
        return self.after_name(self.name())

    def _small_delta(self) -> Node | None:
        """`δC/δw` for a partial derivative."""
        for place in range(self.at + 1, min(len(self.tokens) - 1, self.at + 10)):
            if self.tokens[place].text == "/" and self.tokens[place + 1].text == "delta":
                self.at += 1
                return self.slashed_derivative("delta")
            if self.tokens[place].text in ("+", "-", "="):
                return None
        return None

    def _root(self) -> Node:
        self.at += 1
        degree: Node = Num(Fraction(2))
        if self.sees("["):
            end = closing(self.tokens, self.at)
            degree, self.at = self.whole(self.tokens[self.at + 1 : end]), end + 1
        inside, self.at = script(self.tokens, self.at)
        return self.dressed(Pow(self.whole(inside), Div(Num(Fraction(1)), degree)), self.scripts())


def _times(left: Node, right: Node) -> Node:
    """A product written side by side; the row of ones goes with what is behind it, `v^T 1` is a product with ones."""
    if isinstance(left, Transpose) and right == Num(Fraction(1)):
        return Mul(left, Const("ones"))
    if isinstance(left, Mul) and left.right == Transpose(Const("ones")):
        return Mul(left.left, Mul(left.right, right), left.sign)
    return Mul(left, right)


def _is_dots(node: Node) -> bool:
    return node == _DOTS


def read(tokens: list[Token], names: Names, options: Options | None = None) -> tuple[Node, tuple[str, ...]]:
    """Return the tree of one side of a claim, and the remarks of a charitable reading; raises Unreadable."""
    while tokens and tokens[-1].text in (".", ",", ";", "!", "quad", "qquad", "&", *QED):
        tokens = tokens[:-1]
    tokens = _without_spaces(tokens)
    if not tokens:
        raise Unreadable("one side is empty")
    reader = Reader(tokens=tokens, names=names, options=options or Options())
    try:
        node = reader.expression()
    except (RecursionError, ZeroDivisionError, ValueError, IndexError) as exc:
        raise Unreadable("the formula is too involved to read") from exc
    if reader.at != len(reader.tokens):
        raise Unreadable(f"{reader.tokens[reader.at].text} was not expected")
    return node, tuple(reader.remarks)


def _without_spaces(tokens: list[Token]) -> list[Token]:
    """Drop wide spaces and alignment marks outside `cases` and matrices."""
    out, depth = [], 0
    for token in tokens:
        depth += {"begin": 1, "end": -1}.get(token.kind, 0)
        if depth or token.text not in ("quad", "qquad", "&"):
            out.append(token)
    return out


__all__ = ["At", "Grid", "Reader", "Scripts", "read"]
