"""Reading names: what a letter with its scripts stands for, decided by what was declared."""

from __future__ import annotations

from fractions import Fraction

from grader.proofs.cursor import Cursor, split_at
from grader.proofs.names import (
    FUNCTIONS,
    LETTERS,
    SCALAR_FUNCTIONS,
    SPELLINGS,
    all_labels,
    label_of,
    make_key,
    read_base,
    script,
)
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import At, Call, Const, Delta, Deriv, Letter, Node, Num, Pow, Size, Sym, Transpose, symbols

_NOT_COMPUTED = {
    "lim": "limits are not computed", "int": "integrals are not computed", "iint": "integrals are not computed",

    "arg": "arg max is not computed", "argmax": "arg max is not computed",
    "argmin": "arg min is not computed", "limsup": "limits are not computed",
    "forall": "a quantifier is not computed", "exists": "a quantifier is not computed",
    "infty": "infinity is not a number to compute with",
}  # fmt: skip
_TRANSPOSED = {"T", "top", "t", "'"}


class Scripts:
    """What stands below and above a name, and how many primes."""

    def __init__(self) -> None:
        self.sub: list[Token] | None = None
        self.sup: list[Token] | None = None
        self.more_sup: list[Token] | None = None
        self.primes = 0


class Atoms(Cursor):
    """The part of the reader that knows names."""

    def scripts(self) -> Scripts:
        """Step over the scripts that come next."""
        found = Scripts()
        while (token := self.peek()) is not None and token.text in ("_", "^", "'", "prime"):
            if token.text in ("'", "prime"):
                found.primes += 1
                self.at += 1
                continue
            if token.text == "_" and found.sub is not None:
                raise Unreadable("there are two subscripts in a row")
            if token.text == "^" and found.more_sup is not None:
                break
            inside, self.at = script(self.tokens, self.at + 1)
            self._keep(found, token.text, inside)
        return found

    def _keep(self, found: Scripts, sign: str, inside: list[Token]) -> None:
        primes = sum(token.text in ("prime", "'") for token in inside)
        if sign == "^" and primes and primes == len(inside):
            found.primes += primes
        elif sign == "_":
            found.sub = inside
        elif found.sup is None:
            found.sup = inside
        else:
            found.more_sup = inside

    def name(self) -> Node:
        """Read a symbol, function, size or index letter with its scripts."""
        start = self.at
        base, behind = read_base(self.tokens, self.at)
        if not base:
            token = self.peek()
            command = token.text if token and token.kind == "command" else ""
            raise Unreadable(
                _NOT_COMPUTED.get(command, f"\\{command} is not known") if command else "a factor is missing"
            )
        self.at = behind
        joined = self._joined(base)
        found = self.scripts()
        if base == "e" and found.sub is not None and found.sup and not self.names.known("e"):
            found.sup, found.sub = [*found.sup, Token("mark", "_"), *braced(found.sub)], None
            self.remark("the index is read as belonging to the exponent: put braces around it")
        special = self.special(base, found, start)
        if special is not None:
            return special
        if base == "e" and found.sub is None and found.sup and any(t.kind != "number" for t in found.sup):
            return self.dressed(Const("e"), found)
        key, found = self._resolved(joined or base, found)
        if key in self.names.functions or (not key and base in FUNCTIONS):
            return self.function(key or SPELLINGS.get(base, base), found)
        if key:
            return self.dressed(self._named(key, found), found)
        return self.dressed(self._unknown(base, found), found)

    def special(self, base: str, found: Scripts, start: int) -> Node | None:
        """Read names with a meaning of their own; None when this is none (overridden)."""
        raise NotImplementedError

    def function(self, key: str, found: Scripts) -> Node:
        """Read a function's argument (overridden)."""
        raise NotImplementedError

    def _joined(self, base: str) -> str:
        """`Whx`, `w1.X`: a label written beside its name, where the name alone means nothing."""
        token = self.peek()
        if self.names.known(base) or token is None or token.kind not in ("letter", "number", "word"):
            return ""
        if self.names.known(make_key(base, [token.text])) and ":" not in base:
            self.at += 1
            self.remark(f"{base}{token.text} is read as {base} with the label {token.text}")
            return make_key(base, [token.text])
        return ""

    def _resolved(self, base: str, found: Scripts) -> tuple[str, Scripts]:
        """Find the declared name; take the scripts that are its labels away from `found`."""
        sub, sup = found.sub, found.sup
        sub_label = label_of(sub) if sub else ""
        sup_label = label_of(sup) if sup else ""
        head, _, rest = base.partition("|")
        given = [rest] if rest else []
        for use_sub, use_sup in ((True, True), (True, False), (False, True)):
            labels = [*given, *([sub_label] if use_sub else []), *([sup_label] if use_sup else [])]
            if (use_sub and not sub_label) or (use_sup and not sup_label):
                continue
            key = self.names.known(make_key(head, labels))
            if key:
                found.sub = None if use_sub else sub
                found.sup = None if use_sup else sup
                return key, found
        return self._partly(head, given, found) or (self.names.known(make_key(head, given)), found)

    def _partly(self, head: str, given: list[str], found: Scripts) -> tuple[str, Scripts] | None:
        """`W_{h,ij}`, `W_{h_{ij}}`: a label first, indices behind it."""
        for cut in range(min(len(found.sub or []) - 1, 8), 0, -1):
            sub = found.sub or []
            label = label_of(sub[:cut])
            extra = [label_of(found.sup)] if found.sup else []
            for labels in ([*given, label, *extra], [*given, label]):
                key = self.names.known(make_key(head, labels))
                if key:
                    rest = [t for t in sub[cut:] if t.text not in ("_", "{", "}")]
                    found.sub = rest[1:] if rest and rest[0].text in (",", ";") else rest
                    found.sup = None if len(labels) > len(given) + 1 else found.sup
                    return key, found
        return None

    def _named(self, key: str, found: Scripts) -> Node:
        slots = len(self.names.symbols[key].shape)
        if found.sub is None:
            return Sym(key)
        if slots == 0:
            raise Unreadable(f"{self.names.symbols[key].latex} has no index")
        indices, found.sub = self.indices(found.sub, slots), None
        return At(Sym(key), indices) if indices else Sym(key)

    def indices(self, tokens: list[Token], slots: int) -> tuple[Node, ...]:
        """Read an index: letters side by side where there are several places, else split at commas."""
        tokens = [token for token in tokens if token.text not in ("{", "}") or token.kind != "mark"]
        if len(tokens) > 2 and tokens[0].text in "([" and tokens[-1].text in ")]":
            tokens = tokens[1:-1]
        parts = [part for part in split_at(tokens, {",", ";"}) if part]
        if len(parts) == 1 and slots > 1:
            parts = self._apart(parts[0], slots)
        if not 1 <= len(parts) <= slots:
            raise Unreadable(f"there are {len(parts)} indices where {slots} belong")
        return tuple(self.index(part) for part in parts)

    def _apart(self, tokens: list[Token], slots: int) -> list[list[Token]]:
        if len(tokens) == slots:
            return [[token] for token in tokens]
        if len(tokens) == 1 and tokens[0].kind == "number" and len(tokens[0].text) == slots:
            return [[Token("number", digit)] for digit in tokens[0].text]
        if len(tokens) == 2 and tokens[0].kind in ("letter", "number"):
            return [[tokens[0]], [tokens[1]]]
        return [tokens]

    def index(self, tokens: list[Token]) -> Node:
        """Read one index."""
        token = tokens[0] if tokens else None
        if len(tokens) == 1 and token is not None:
            if token.kind == "number":
                return Num(Fraction(token.text))
            if token.text in self.names.sizes and token.text not in self.bound:
                return Size(token.text)
            if token.kind == "letter" or (token.kind == "command" and token.text in self.bound):
                return Letter(token.text)
        if len(tokens) == 3 and tokens[1].text in "+-" and tokens[0].kind == "letter":
            return self._shifted(tokens)
        raise Unreadable(f"the index {label_of(tokens)} is not understood")

    def _shifted(self, tokens: list[Token]) -> Node:
        raise Unreadable(f"a shifted index such as {label_of(tokens)} is not computed")

    def _unknown(self, base: str, found: Scripts) -> Node:
        """An undeclared name: an index letter, a size, or a letter that must be true for every value."""
        token = Token("letter", base)
        if found.sub is None and (self.is_letter(token) or base in self.names.sizes):
            return Size(base) if base in self.names.sizes and base not in self.bound else Letter(base)
        if base == "e" and found.sub is None:
            return Const("e")
        if base == "pi":
            return Const("pi")
        indices: tuple[Node, ...] = ()
        labels: list[str] = []
        if found.sub is not None:
            marks = [t for t in found.sub if t.text not in (",", "{", "}")]
            if marks and all(self.is_letter(t) or t.text in LETTERS for t in marks) and len(marks) <= 2:
                indices = self.indices(found.sub, len(marks))
            else:
                labels.append(label_of(found.sub))
        if found.sup and (found.sup[0].text in ("(", "[") or label_of(found.sup) in all_labels(self.names)):
            labels.append(label_of(found.sup))
            found.sup = None
        found.sub = None
        symbol = Sym("?" + make_key(base, labels))
        return At(symbol, indices) if indices else symbol

    def dressed(self, node: Node, found: Scripts) -> Node:
        """Put what is left of the scripts on a node: an index, a transposition, a power."""
        if found.primes:
            node = self._primed(node, found.primes)
        if found.sub is not None:
            node = At(node, self.indices(found.sub, 2 if len(found.sub) > 1 else 1))
        before = node
        for sup in (found.sup, found.more_sup):
            if sup is not None:
                if isinstance(node, Pow) and node is not before:
                    raise Unreadable("there are two powers in a row")
                node = self._raised(node, sup)
        return node

    def _primed(self, node: Node, primes: int) -> Node:
        if primes == 1 and isinstance(node, Sym) and not node.key.startswith("?"):
            return Transpose(node)
        variable = self._variable_in(node)
        if variable and primes <= 3:
            for _ in range(primes):
                node = Deriv(node, Sym(variable))
            return node
        raise Unreadable("a prime stands at something that is no function")

    def _variable_in(self, node: Node) -> str:
        """Return what a prime behind brackets is by: the declared variable, or the only one that is there."""
        if self.names.variable:
            return self.names.variable if not self.names.symbols[self.names.variable].shape else ""
        found = [self.names.symbols[key] for key in symbols(node) if key in self.names.symbols]
        free = [name.key for name in found if name.definition is None and not name.shape]
        return free[0] if len(free) == 1 else ""

    def _raised(self, node: Node, sup: list[Token]) -> Node:
        if len(sup) == 1 and sup[0].text in _TRANSPOSED and sup[0].text not in self.names.symbols:
            return Transpose(node)
        if len(sup) == 1 and sup[0].text in ("*", "star"):
            raise Unreadable("a star above a name is not declared")
        if sup and sup[0].text == "(" and len(sup) == 3:
            raise Unreadable(f"the label {label_of(sup)} is not declared")
        return Pow(node, self.whole(sup))

    def kronecker(self, tokens: list[Token]) -> Node | None:
        """Return Kronecker's delta when these are two indices."""
        marks = [token for token in tokens if token.text not in (",", "{", "}", "=")]
        alike = all(token.kind in ("letter", "number") for token in marks)
        if len(marks) == 1 and marks[0].kind == "number" and len(marks[0].text) == 2:
            marks, alike = [Token("number", digit) for digit in marks[0].text], True
        if len(marks) == 2 and alike:
            return Delta(self.index([marks[0]]), self.index([marks[1]]))
        return None


def braced(tokens: list[Token]) -> list[Token]:
    """Return the tokens as a group."""
    return [Token("mark", "{"), *tokens, Token("mark", "}")]


def called(name: str, args: tuple[Node, ...], primes: int = 0) -> Node:
    """Return a call; softmax of an entry is the entry of softmax."""
    return Call(name, args, primes)


__all__ = ["SCALAR_FUNCTIONS", "Atoms", "Scripts", "called"]
