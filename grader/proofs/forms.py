"""Reading functions, distributions, sums, derivatives, cases and matrices."""

from __future__ import annotations

from fractions import Fraction

from grader.proofs.atoms import Scripts
from grader.proofs.conditions import condition_of, rows_of
from grader.proofs.cursor import OPENING, closing, split_at
from grader.proofs.derivatives import Derivatives
from grader.proofs.names import BIG_WORDS, label_of, script
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import (
    At,
    Big,
    Call,
    Cases,
    Const,
    Div,
    Expect,
    Grid,
    Iverson,
    Mul,
    Node,
    Num,
    Size,
    Sym,
    free_letters,
)

_BARS = {",", "|", ":", ";"}


class Forms(Derivatives):
    """The part of the reader that knows functions and the big constructions."""

    def special(self, base: str, found: Scripts, start: int) -> Node | None:  # noqa: PLR0911
        """Read Kronecker's delta, Iverson brackets, expectations, KL and entropy, `max`, `d…/d…`."""
        label = label_of(found.sub) if found.sub else ""
        if self.names.known(base + ("|" + label if label else "")):
            return None
        if base in ("delta", "I", "bb:I", "bb:1", "1", "bb:[") and (node := self._indicator(base, found)):
            return self.dressed(node, found if node == Const("ones") else Scripts())
        if (node := self._moment(base, found)) is not None:
            return node
        if (base == "D" and "KL" in label) or base in ("KL", "DKL"):
            return self._divergence()
        if base in ("H", "CE") and self.sees("(") and self._distributions_follow():
            args = tuple(self.whole(part) for part in self._arguments(_BARS))
            return Call("H" if base == "H" else "CE", args)
        if base in BIG_WORDS:
            return self._extreme(base, found)
        if base == "d" and found.sub is None and found.sup is None and self._differential_follows():
            return self.slashed_derivative("d")
        return None

    def _moment(self, base: str, found: Scripts) -> Node | None:
        """Read an expectation, or a variance written with a letter."""
        if base in ("bb:E", "E", "word:E") and (self.names.is_random or found.sub is not None or self.sees("[")):
            return self._expectation(found)
        return self.function("Var", found) if base == "bb:V" and self.names.is_random else None

    def _indicator(self, base: str, found: Scripts) -> Node | None:
        if found.sub is not None and found.sup is None:
            return self._indicator_of(found.sub)
        if found.sub is None and (self.sees("(") or self.sees("[") or self.sees("{")) and found.sup is None:
            end = closing(self.tokens, self.at)
            node = self._indicator_of(self.tokens[self.at + 1 : end]) if end > 0 else None
            if node is not None:
                self.at = end + 1
            return node
        return Const("ones") if base == "bb:1" and found.sub is None else None

    def _indicator_of(self, inside: list[Token]) -> Node | None:
        while len(inside) > 2 and inside[0].text in OPENING and inside[-1].text in ")]}":
            inside = inside[1:-1]
        if (delta := self.kronecker(inside)) is not None:
            return delta
        if len(split_at(inside, _SIGNS)) < 2:
            return None
        condition = condition_of(self, inside)
        return Iverson(condition) if condition is not None else None

    def _expectation(self, found: Scripts) -> Node:
        """`E_{x~P}[…]`, `E_P[…]`: the sum over the entries of a distribution."""
        parts = [part for part in split_at(found.sub or [], {"sim", "in"}) if part]
        if self.names.is_random:
            raised = Scripts()
            raised.sup = found.sup
            return self.dressed(self.dressed(Call("E", (self._bracketed(),)), self.scripts()), raised)
        if not parts:
            raise Unreadable("the expectation does not say over which distribution")
        letter = parts[0][0].text if len(parts) == 2 and len(parts[0]) == 1 else None
        distribution = self.whole(_without_call(parts[-1]))
        if not isinstance(distribution, Sym) or distribution.key not in self.names.distributions:
            raise Unreadable("the expectation is over something that is no declared distribution")
        if letter:
            self.bound.append(letter)
        body = self._bracketed_or_term()
        if letter:
            self.bound.pop()
        return Expect(distribution, letter, body)

    def _bracketed(self) -> Node:
        """Read what stands in the brackets of an expectation."""
        token = self.peek()
        if token is None or token.text not in ("(", "[", "{"):
            return self.factor()
        end = closing(self.tokens, self.at)
        if end < 0:
            raise Unreadable("a bracket is not closed")
        inside, self.at = self.tokens[self.at + 1 : end], end + 1
        return self.whole(inside)

    def _bracketed_or_term(self) -> Node:
        token = self.peek()
        return self.factor() if token is not None and token.text in ("(", "[", "{") else self.term()

    def _divergence(self) -> Node:
        args = tuple(self.whole(_without_call(part)) for part in self._arguments(_BARS))
        if len(args) != 2:
            raise Unreadable("a divergence has two distributions")
        return Call("KL", args)

    def _distributions_follow(self) -> bool:
        end = closing(self.tokens, self.at)
        names = [t for t in self.tokens[self.at + 1 : end] if t.text not in _BARS and t.kind in ("letter", "word")]
        return bool(names) and all(self.names.known(t.text) in self.names.distributions for t in names)

    def _arguments(self, marks: set[str]) -> list[list[Token]]:
        """Step over a bracket; return what stands between the marks inside."""
        if not self.peek() or self.peek().text not in OPENING:  # type: ignore[union-attr]
            raise Unreadable("brackets were expected")
        end = closing(self.tokens, self.at)
        if end < 0:
            raise Unreadable("a bracket is not closed")
        inside, self.at = self.tokens[self.at + 1 : end], end + 1
        return [part for part in split_at(inside, marks) if part]

    def _extreme(self, base: str, found: Scripts) -> Node:
        """`max(a, b)`, `max_i z_i`."""
        if base.startswith("arg"):
            raise Unreadable("arg max is not computed")
        token = self.peek()
        if found.sub is None and token is not None and token.text in OPENING:
            parts = self._arguments({","})
            args = tuple(self.whole(part) for part in parts)
            node = Call(base, args) if len(args) > 1 else Big(base, None, None, None, None, args[0])
            return self.dressed(node, self.scripts())
        return self._over(base, found.sub, found.sup)

    def function(self, key: str, found: Scripts) -> Node:
        """Read a function with its argument; without one it stands at its usual argument, where that is declared."""
        declared = self.names.functions.get(key)
        token = self.peek()
        power, found.sup = found.sup, None
        index, found.sub = found.sub, None
        if token is not None and token.text in OPENING and not self._means_product(key):
            args = tuple(self.whole(part) for part in self._arguments({","}))
        elif declared is not None and declared.at is not None:
            args = (declared.at,)
        elif declared is not None and (token is None or token.text in (")", "+", "-", "}", "]")):
            raise Unreadable(f"{declared.latex} has no argument")
        else:
            args = (self.term() if self.options.greedy else self._short_argument(),)
        if not args:
            raise Unreadable("a function has no argument")
        return self._finished(key, args, found.primes, power, index)

    def _short_argument(self) -> Node:
        """What a function without brackets takes: one factor, and behind a number the next one too."""
        first = self.factor()
        token = self.peek()
        if isinstance(first, Num) and token is not None and token.kind == "letter":
            return Mul(first, self.factor())
        return first

    def _finished(
        self, key: str, args: tuple[Node, ...], primes: int, power: list[Token] | None, index: list[Token] | None
    ) -> Node:
        node: Node
        kind = self.names.functions[key].kind if key in self.names.functions else key
        if kind == "softmax" and len(args) == 1 and isinstance(args[0], At):
            self.remark("softmax of an entry is read as that entry of softmax")
            node = At(Call(key, (args[0].base,), primes), args[0].indices)
        else:
            node = Call(key, args, primes)
        if key == "log" and index is not None:
            node = Div(node, Call("log", (self.whole(index),)))
        elif index is not None:
            node = At(node, self.indices(index, 2 if len(index) > 1 else 1))
        if power is not None:
            return self._raised(node, power)
        return self.dressed(node, self.scripts())

    def _means_product(self, key: str) -> bool:
        """Whether brackets behind a function are a factor: `σ(1 - σ)`."""
        declared = self.names.functions.get(key)
        end = closing(self.tokens, self.at)
        if declared is None or declared.at is None or end < 0:
            return False
        name = self.tokens[self.at - 1]
        inside = self.tokens[self.at + 1 : end]
        return any(
            token == name and (place + 1 == len(inside) or inside[place + 1].text != "(")
            for place, token in enumerate(inside)
        )

    def after_name(self, node: Node) -> Node:
        """Brackets behind a symbol: `P(x)` is an entry, `L(y, z)` only says what L depends on."""
        if not self.sees("(") or not isinstance(node, Sym) or node.key.startswith("?"):
            return node
        end = closing(self.tokens, self.at)
        inside = self.tokens[self.at + 1 : end] if end > 0 else []
        name = self.names.symbols[node.key]
        if node.key in self.names.distributions and (letter := self._outcome(inside)):
            self.at = end + 1
            return At(node, (letter,))
        names_only = all(token.kind in ("letter", "word", "command") or token.text in ",;_^{}|" for token in inside)
        several = len(split_at(inside, {",", ";", "|"})) > 1
        if inside and names_only and name.definition is not None and (several or self._is_symbol(inside)):
            self.at = end + 1
        return node

    def _outcome(self, inside: list[Token]) -> Node | None:
        parts = split_at(inside, {"="})
        inside = parts[-1] if len(parts) == 2 else inside
        if len(inside) >= 3 and inside[1].text == "_":
            inside = script(inside, 2)[0]
        if len(inside) == 1 and (inside[0].kind in ("letter", "number")) and not self._is_declared(inside[0]):
            return self.index(inside)
        return None

    def _is_declared(self, token: Token) -> bool:
        return token.text not in self.bound and bool(self.names.known(token.text))

    def _is_symbol(self, inside: list[Token]) -> bool:
        try:
            return isinstance(self.whole(inside), Sym)
        except Unreadable:
            return False

    # -- sums --------------------------------------------------------------------------------------------------------

    def big(self, kind: str) -> Node:
        """Read a sum or product: bounds as they come, then the term behind it."""
        found = self.scripts()
        return self._over(kind, found.sub, found.sup)

    def _over(self, kind: str, low: list[Token] | None, high: list[Token] | None) -> Node:
        letters, start, condition = self._range(low or [])
        self.bound.extend(letters)
        test = condition_of(self, condition) if condition else None
        body = self.expression() if self.options.wide_sum else self.term()
        del self.bound[len(self.bound) - len(letters) :]
        if not letters:
            lone = free_letters(body) - set(self.bound)
            letter = min(lone) if len(lone) == 1 else None
            return Big(kind, letter, None, None, None, body)
        for place, letter in enumerate(reversed(letters)):
            first, last = self._bounds(start, high)
            body = Big(kind, letter, first, last, test if place == 0 else None, body)
        return body

    def _range(self, low: list[Token]) -> tuple[list[str], list[Token], list[Token]]:
        """Return the letters a sum runs over, its first value and its condition, from what stands below it."""
        letters: list[str] = []
        for part in split_at(low, {",", ";", ":", "|"}):
            signs = [place for place, token in enumerate(part) if token.text in _SIGNS]
            if len(part) == 1 and part[0].kind in ("letter", "command"):
                letters.append(part[0].text)
            elif not letters and signs == [1] and part[1].text in ("=", "in"):
                return [part[0].text], part[2:] if part[1].text == "=" else [], _rest(low)
            elif signs and not letters and part[0].kind == "letter":
                return [part[0].text], [], low
            elif signs:
                return letters, [], part
            elif part and letters == [] and len(part) == 2 and all(t.kind == "letter" for t in part):
                letters = [token.text for token in part]
            elif part:
                raise Unreadable("what stands below a sum is not understood")
        return letters, [], []

    def _bounds(self, start: list[Token], high: list[Token] | None) -> tuple[Node | None, Node | None]:
        """Return literal bounds; None and None where the sum runs over all there is, however sloppily that is said."""
        low = self.whole(start) if start else None
        if high is None or low is None:
            return None, self._size_of(high)
        if low in (Num(Fraction(0)), Num(Fraction(1))) and not _is_literal(high):
            return None, self._size_of(high)
        return low, self.whole(high)

    def _size_of(self, high: list[Token] | None) -> Node | None:
        for token in high or []:
            if token.text in self.names.sizes:
                return Size(token.text)
        return None

    # -- environments ------------------------------------------------------------------------------------------------

    def environment(self, name: str) -> Node:
        """Read `cases` and the matrices; the `\\begin` is already read."""
        start, depth = self.at, 1
        while depth and self.at < len(self.tokens):
            depth += {"begin": 1, "end": -1}.get(self.tokens[self.at].kind, 0)
            self.at += 1
        if depth:
            raise Unreadable(f"\\begin{{{name}}} is not ended")
        inside = self.tokens[start : self.at - 1]
        if name in ("cases", "dcases", "rcases"):
            return self._cases(inside)
        if name.endswith("matrix"):
            return self._grid(inside)
        if name == "array":
            inside = inside[script(inside, 0)[1] :] if inside and inside[0].text == "{" else inside
            before = self.tokens[start - 2].text if start >= 2 else ""
            return self._cases(inside) if before == "{" else self._grid(inside)
        if name in ("aligned", "split", "gathered", "alignedat"):
            return self.whole([token for token in inside if token.text not in ("&", "\\")])
        raise Unreadable(f"the environment {name} is not known")

    def _cases(self, inside: list[Token]) -> Node:
        rows = []
        for value, test in rows_of(inside):
            condition = condition_of(self, test) if test else None
            rows.append((self.whole(value), condition))
        if not rows:
            raise Unreadable("the cases are empty")
        return Cases(tuple(rows))

    def _grid(self, inside: list[Token]) -> Node:
        rows = [split_at(row, {"&"}) for row in split_at(inside, {"\\"}) if row]
        grid = tuple(tuple(self.whole(cell) for cell in row) for row in rows)
        if not grid or len({len(row) for row in grid}) != 1:
            raise Unreadable("the rows of a matrix differ in length")
        return Grid(grid)


_SIGNS = {"=", "neq", "<", ">", "le", "ge", "in"}


def _rest(low: list[Token]) -> list[Token]:
    parts = split_at(low, {",", ";", ":", "|"})
    return parts[1] if len(parts) > 1 else []


def _is_literal(tokens: list[Token]) -> bool:
    return bool(tokens) and all(token.kind == "number" or token.text in "^{}+-" for token in tokens)


def _without_call(tokens: list[Token]) -> list[Token]:
    """`P(x)` as the name of a distribution is P."""
    return tokens[:1] if len(tokens) == 4 and tokens[1].text == "(" and tokens[3].text == ")" else tokens
