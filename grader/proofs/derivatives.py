"""Reading derivatives: `\\frac{∂a}{∂b}`, `∂a/∂b`, `d/dx[…]`, `δC/δw`, `∂_j`, `∇`, twice and mixed."""

from __future__ import annotations

from grader.proofs.atoms import Atoms
from grader.proofs.cursor import OPENING
from grader.proofs.names import script
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import At, Deriv, Div, Node, Num, Pow, Sym, Transpose

_D_LIKE = {"partial", "d", "delta"}


class Derivatives(Atoms):
    """The part of the reader that knows derivatives."""

    def fraction(self) -> Node:
        """Read `\\frac`, which may be a derivative."""
        token = self.peek()
        if token is not None and token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            apart = [Token("number", digit) for digit in token.text]
            self.tokens = [*self.tokens[: self.at], *apart, *self.tokens[self.at + 1 :]]
        top, self.at = script(self.tokens, self.at)
        bottom, self.at = script(self.tokens, self.at)
        if not top or not bottom:
            raise Unreadable("a fraction lacks a part")
        if _is_differential(top, bottom):
            return self._quotient(top, bottom)
        return Div(self.whole(top), self.whole(bottom))

    def _quotient(self, top: list[Token], bottom: list[Token]) -> Node:
        rest = top[1:]
        if rest and rest[0].text == "^":
            rest = rest[script(rest, 1)[1] :]
        variables = self._variables(bottom)
        body = self.whole(rest) if rest else self._operand()
        return derived(body, variables)

    def _operand(self) -> Node:
        token = self.peek()
        if token is None:
            raise Unreadable("nothing follows a derivative")
        if token.text in OPENING and token.kind == "mark":
            return self.factor()
        return self.term()

    def _variables(self, bottom: list[Token]) -> list[Node]:
        """Read `∂x ∂y`, `∂x^2`: what is derived by, once for each time."""
        reader = self.sub(bottom)
        found: list[Node] = []
        while reader.at < len(bottom):
            if bottom[reader.at].text not in _D_LIKE:
                raise Unreadable("the denominator of a derivative is not understood")
            reader.at += 1
            found.extend(_repeated(reader.factor()))
        if not found or len(found) > 4:
            raise Unreadable("the denominator of a derivative is not understood")
        return found

    def _differential_follows(self) -> bool:
        """Whether `d…/d…` starts here: a slash and a d come soon."""
        for place in range(self.at, min(len(self.tokens) - 1, self.at + 14)):
            token = self.tokens[place]
            if token.text == "/" and self.tokens[place + 1].text == "d":
                return True
            if token.kind == "mark" and token.text in "+-=":
                return False
        return False

    def slashed_derivative(self, sign: str) -> Node:
        """`∂a / ∂b`, `dL/dz`, with the first sign already read; `∂_j f` where the variable is declared."""
        if self.takes("^"):
            self.at = script(self.tokens, self.at)[1]
        if self.sees("_"):
            inside, self.at = script(self.tokens, self.at + 1)
            return derived(self._operand(), [self._variable_of(inside)])
        body = self.factor() if not self.sees("/") else None
        self.needs("/")
        token = self.peek()
        if token is None or token.text != sign:
            raise Unreadable("a derivative says not by what")
        self.at += 1
        variable = self.factor()
        return derived(body if body is not None else self._operand(), _repeated(variable))

    def _variable_of(self, inside: list[Token]) -> Node:
        if len(inside) == 1 and not self.names.known(inside[0].text):
            if not self.names.variable:
                raise Unreadable("it is not declared what the derivative is by")
            return At(Sym(self.names.variable), (self.index(inside),))
        return self.whole(inside)

    def gradient(self) -> Node:
        """`\\nabla_z L`."""
        if not self.takes("_"):
            if not self.names.variable:
                raise Unreadable("it is not declared what the gradient is by")
            return derived(self._gradient_body(), [Sym(self.names.variable)])
        inside, self.at = script(self.tokens, self.at)
        return derived(self._gradient_body(), [self.whole(inside)])

    def _gradient_body(self) -> Node:
        return self.factor()


def _is_differential(top: list[Token], bottom: list[Token]) -> bool:
    sign = bottom[0].text
    if sign not in _D_LIKE or top[0].text not in _D_LIKE or len(bottom) < 2:
        return False
    if sign != top[0].text and {sign, top[0].text} != {"partial", "d"}:
        return False
    return sign == "partial" or (bottom[1].text != "_" and (len(top) == 1 or top[1].text != "_"))


def _repeated(node: Node) -> list[Node]:
    """`∂x^2` is twice by x."""
    if isinstance(node, Pow) and isinstance(node.exponent, Num) and node.exponent.value in (2, 3):
        return [node.base] * int(node.exponent.value)
    return [node]


def derived(body: Node, variables: list[Node]) -> Node:
    """Return the derivative by each variable in turn."""
    for variable in reversed(variables):
        inner = variable.body if isinstance(variable, Transpose) else variable
        base = inner.base if isinstance(inner, At) else inner
        if not isinstance(base, Sym):
            raise Unreadable("a derivative is by something that is no variable")
        node: Node = Deriv(body, inner)
        body = Transpose(node) if isinstance(variable, Transpose) else node
    return body
