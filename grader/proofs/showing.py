"""A tree as LaTeX again: what the student is shown as "we read this line as"."""

from __future__ import annotations

from grader.proofs.names import GREEK, Names
from grader.proofs.tree import (
    Add,
    At,
    Big,
    Call,
    Cases,
    Compare,
    Const,
    Delta,
    Deriv,
    Div,
    Every,
    Expect,
    Grid,
    Iverson,
    Letter,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Size,
    Sym,
    Transpose,
)  # fmt: skip

_SIGNS = {"=": "=", "!=": r"\neq", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}
_COMMANDS = frozenset(["exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "max", "min", "arctan"])


def show(node: Node, names: Names) -> str:
    """Return LaTeX that reads back as the same tree."""
    return Shower(names).text(node)


class Shower:
    """Writes trees, with brackets where they are needed."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def text(self, node: Node) -> str:  # noqa: PLR0911, PLR0912, C901
        """Return a node as LaTeX."""
        match node:
            case Num(value):
                return str(value) if value.denominator == 1 else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
            case Const(name):
                return {"pi": r"\pi", "ones": r"\mathbb{1}"}.get(name, name)
            case Sym(key):
                return self.symbol(key)
            case Letter(name) | Size(name):
                return name if len(name) == 1 else "\\" + name
            case At(base, indices):
                return f"{self._indexed(base)}_{{{','.join(self.text(index) for index in indices)}}}"
            case Delta(left, right):
                return rf"\delta_{{{self.text(left)},{self.text(right)}}}"
            case Add(terms):
                return self._sum(terms)
            case Neg(body):
                return "-" + self._tight(body)
            case Mul(left, right, sign):
                return self._product(left, right, sign)
            case Div(top, bottom):
                return rf"\frac{{{self.text(top)}}}{{{self.text(bottom)}}}"
            case Pow(base, exponent):
                return f"{self._base(base)}^{{{self.text(exponent)}}}"
            case Transpose(body):
                return rf"{self._base(body)}^{{\top}}"
            case Deriv(body, by):
                return rf"\frac{{\partial}}{{\partial {self.text(by)}}}{self._bracketed(body)}"
            case _:
                return self._more(node)

    def _more(self, node: Node) -> str:  # noqa: PLR0911, C901
        match node:
            case Call(name, args, primes):
                return self._call(name, args, primes)
            case Big():
                return self._big(node)
            case Compare(left, sign, right):
                return f"{self.text(left)} {_SIGNS[sign]} {self.text(right)}"
            case Every(parts):
                return ", ".join(self.text(part) for part in parts)
            case Iverson(condition):
                return rf"\mathbb{{1}}[{self.text(condition)}]"
            case Cases(rows):
                return self._cases(rows)
            case Expect(distribution, letter, body):
                below = rf"{letter} \sim {self.text(distribution)}" if letter else self.text(distribution)
                return rf"\mathbb{{E}}_{{{below}}}\left[{self.text(body)}\right]"
            case Grid(rows):
                lines = r" \\ ".join(" & ".join(self.text(cell) for cell in row) for row in rows)
                return rf"\begin{{pmatrix}}{lines}\end{{pmatrix}}"
            case _:
                return "?"

    def symbol(self, key: str) -> str:
        """Return a name's spelling as its author wrote it."""
        known = self.names.symbols.get(key) or self.names.functions.get(key)
        if known is not None and known.latex != key:
            return known.latex
        base, *labels = key.lstrip("?").split("|")
        accent, _, inner = base.rpartition(":")
        text = f"\\{inner}" if inner in GREEK else inner if len(inner) == 1 else rf"\text{{{inner}}}"
        if accent:
            text = rf"\mathbb{{{text}}}" if accent == "bb" else rf"\{accent}{{{text}}}"
        return text + (f"_{{{','.join(labels)}}}" if labels else "")

    def _sum(self, terms: tuple[Node, ...]) -> str:
        out = self._bracketed(terms[0]) if isinstance(terms[0], Add) else self.text(terms[0])
        for term in terms[1:]:
            out += f" - {self._tight(term.body)}" if isinstance(term, Neg) else f" + {self._tight(term)}"
        return out

    def _tight(self, node: Node) -> str:
        return self._bracketed(node) if isinstance(node, Add | Neg) else self.text(node)

    def _product(self, left: Node, right: Node, sign: str) -> str:
        entrywise = sign == "o"
        a = self._bracketed(left) if self._needs(left, entrywise=entrywise, last=False) else self.text(left)
        b = self._bracketed(right) if self._needs(right, entrywise=entrywise, last=True) else self.text(right)
        if isinstance(right, Num) or (isinstance(right, Div | Pow) and b[0].isdigit()):
            b = f"({b})"
        return a + {"": r" ", ".": r" \cdot ", "o": r" \odot "}[sign] + b

    def _needs(self, node: Node, *, entrywise: bool, last: bool) -> bool:
        if isinstance(node, Add | Neg):
            return True
        if isinstance(node, Big | Expect):
            return True
        if isinstance(node, Deriv):
            return False
        if isinstance(node, Mul):
            return last or (node.sign == "o" and not entrywise)
        return False

    def _base(self, node: Node) -> str:
        if isinstance(node, Sym):
            text = self.text(node)
            return text if "^" not in text and "'" not in text else rf"\left({text}\right)"
        if isinstance(node, Const) or (isinstance(node, Num) and node.value.denominator == 1 and node.value >= 0):
            return self.text(node)
        if isinstance(node, At) and isinstance(node.base, Sym):
            text = self.text(node)
            return text if "^" not in text else rf"\left({text}\right)"
        if isinstance(node, Letter | Size):
            return self.text(node)
        return self._bracketed(node)

    def _indexed(self, node: Node) -> str:
        text = self.text(node)
        return text if isinstance(node, Sym) and "_" not in text and "^" not in text else rf"\left({text}\right)"

    def _bracketed(self, node: Node) -> str:
        return rf"\left({self.text(node)}\right)"

    def _call(self, name: str, args: tuple[Node, ...], primes: int) -> str:
        inside = ", ".join(self.text(arg) for arg in args)
        if name in ("norm", "norm1"):
            return rf"\|{inside}\|" + ("_1" if name == "norm1" else "")
        if name == "E":
            return rf"\mathbb{{E}}\left[{inside}\right]"
        if name == "abs":
            return rf"\left|{inside}\right|"
        if name in _COMMANDS:
            head = f"\\{name}"
        elif name in self.names.functions:
            head = self.symbol(name)
        else:
            head = rf"\text{{{name}}}" if name not in ("H", "KL") else {"H": "H", "KL": r"\text{KL}"}[name]
        return head + "'" * primes + rf"\left({inside}\right)"

    def _big(self, node: Big) -> str:
        below = node.letter or ""
        if node.letter and node.low is not None and node.high is not None:
            below = f"{node.letter}={self.text(node.low)}"
        if node.condition is not None:
            below += ", " + self.text(node.condition)
        above = f"^{{{self.text(node.high)}}}" if node.high is not None and node.low is not None else ""
        command = f"\\{node.kind}" + (f"_{{{below}}}" if below else "") + above
        return (
            command + " " + (self._bracketed(node.body) if isinstance(node.body, Add | Neg) else self.text(node.body))
        )

    def _cases(self, rows: tuple[tuple[Node, Node | None], ...]) -> str:
        lines = [
            f"{self.text(value)} & " + (rf"\text{{if }} {self.text(test)}" if test is not None else r"\text{otherwise}")
            for value, test in rows
        ]
        return r"\begin{cases}" + r" \\ ".join(lines) + r"\end{cases}"
