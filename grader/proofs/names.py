"""What the letters mean: the declared names, and those the student adds while writing."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.proofs.tokens import ACCENTS, GREEK_LETTERS, Token, Unreadable
from grader.proofs.tree import Node

SCALAR_FUNCTIONS = frozenset(
    [
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "tanh",
        "sinh",
        "cosh",
        "sqrt",
        "sigmoid",
        "relu",
        "softplus",
        "abs",
        "sign",
        "step",
        "arctan",
        "floor",
        "ceil",
    ]
)
_OTHER_FUNCTIONS = frozenset(["softmax", "diag", "trace", "H", "KL", "CE", "onehot", "Var", "Cov"])
SPELLINGS = {
    "ln": "log", "Log": "log", "lg": "log", "Softmax": "softmax", "SoftMax": "softmax", "softMax": "softmax",
    "softmax": "softmax", "Sigmoid": "sigmoid", "sgn": "sign", "sig": "sigmoid", "logistic": "sigmoid", "ReLU": "relu",
    "Relu": "relu", "RELU": "relu", "Tanh": "tanh", "KL": "KL", "DKL": "KL", "Diag": "diag", "tr": "trace",
    "Tr": "trace", "CE": "CE", "Exp": "exp", "atan": "arctan", "Softplus": "softplus",
    "var": "Var", "VAR": "Var", "Variance": "Var", "cov": "Cov", "Kov": "Cov",
}  # fmt: skip
FUNCTIONS = frozenset(SCALAR_FUNCTIONS | _OTHER_FUNCTIONS | set(SPELLINGS)) - {"H"}
BIG_WORDS = frozenset({"max", "min", "sum", "prod", "arg", "argmax", "argmin"})
LETTERS = frozenset("ijklm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A symbol somebody introduced: its key, shape in numbers, domain, and definition if it has one."""

    key: str
    latex: str
    shape: tuple[int, ...] = ()
    domain: str = "real"
    letters: tuple[str, ...] = ()
    definition: Node | None = None
    origin: str = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function: built in, a random smooth one, or defined by a body with a parameter; `at` is its usual argument."""

    key: str
    latex: str
    kind: str = "smooth"
    parameter: str = ""
    body: Node | None = None
    at: Node | None = None


@dataclass(slots=True)
class Names:
    """All names in force; grows as the student defines more."""

    sizes: dict[str, int]
    index_sizes: dict[str, int]
    symbols: dict[str, Name] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    words: frozenset[str] = FUNCTIONS | BIG_WORDS
    variable: str = ""
    distributions: frozenset[str] = frozenset()
    variances: dict[str, Node] = field(default_factory=dict)
    is_random: bool = False

    def known(self, key: str) -> str:
        """Return the canonical key when the name is a symbol or a function, else an empty text."""
        key = self.aliases.get(key, key)
        return key if key in self.symbols or key in self.functions else ""

    def bases(self) -> set[str]:
        """Return what names begin with, labels left out."""
        return {key.split("|")[0] for key in [*self.symbols, *self.functions, *self.aliases]}

    def labels_of(self, base: str) -> list[tuple[str, ...]]:
        """Return the label sets that go with a base."""
        keys = [*self.symbols, *self.functions, *self.aliases]
        return [tuple(k.split("|")[1:]) for k in keys if k.split("|")[0] == base]


def all_labels(names: Names) -> frozenset[str]:
    """Return every label that stands at some declared name."""
    return frozenset(
        label for key in [*names.symbols, *names.functions, *names.aliases] for label in key.split("|")[1:]
    )


def make_key(base: str, labels: list[str]) -> str:
    """Return the key of a base with labels, wherever they were written."""
    return "|".join([base, *sorted(label for label in labels if label)])


def label_of(tokens: list[Token]) -> str:
    """Return the text of a label without its brackets: `(L-1)`, `[1]` and `{L-1}` alike."""
    text = "".join(token.text for token in tokens if token != Token("mark", "{") and token != Token("mark", "}"))
    while len(text) > 1 and (text[0], text[-1]) in {("(", ")"), ("[", "]"), ("<", ">")}:
        text = text[1:-1]
    return text.replace(" ", "")


def read_base(tokens: list[Token], at: int) -> tuple[str, int]:
    """Return the base of the name at a place (`y`, `hat:y`, `sigma`) and the place behind it; empty: no name there."""
    if at >= len(tokens):
        return "", at
    token = tokens[at]
    if token.kind in ("letter", "word"):
        return token.text, at + 1
    if token.kind == "command" and (token.text in ACCENTS or token.text == "mathbb"):
        inner, behind = _braced_base(tokens, at + 1, numbers=True)
        accent = ACCENTS.get(token.text, "bb")
        return (f"{accent}:{inner}", behind) if inner else ("", at)
    if token.kind == "command" and token.text in GREEK:
        return token.text, at + 1
    if token == Token("mark", "{"):
        inner, behind = _braced_base(tokens, at)
        return (inner, behind) if inner else ("", at)
    return "", at


def _braced_base(tokens: list[Token], at: int, *, numbers: bool = False) -> tuple[str, int]:
    depth = 0
    while at + depth < len(tokens) and tokens[at + depth] == Token("mark", "{"):
        depth += 1
    inner, behind = read_base(tokens, at + depth) if depth < 4 else ("", at)
    if not inner and numbers and at + depth < len(tokens) and tokens[at + depth].kind == "number":
        inner, behind = tokens[at + depth].text, at + depth + 1
    closing = tokens[behind : behind + depth]
    if not inner or any(token != Token("mark", "}") for token in closing) or len(closing) < depth:
        return "", at
    return inner, behind + depth


GREEK = frozenset(GREEK_LETTERS.values()) | {"Sigma", "ell"}


def script(tokens: list[Token], at: int) -> tuple[list[Token], int]:
    """Return the tokens of the script that starts at a place (a group or one token), and the place behind it."""
    if at >= len(tokens):
        raise Unreadable("nothing follows a _ or ^")
    if tokens[at] == Token("mark", "{"):
        depth = 0
        for place in range(at, len(tokens)):
            depth += {"{": 1, "}": -1}.get(tokens[place].text, 0) if tokens[place].kind == "mark" else 0
            if depth == 0:
                return tokens[at + 1 : place], place + 1
        raise Unreadable("a brace { is not closed")
    if tokens[at].kind == "command" and tokens[at].text in ACCENTS:
        return tokens[at : script(tokens, at + 1)[1]], script(tokens, at + 1)[1]
    if tokens[at].text in "()[]&,+=" and tokens[at].kind == "mark":
        return _bracketed(tokens, at)
    if tokens[at] == Token("command", "frac"):
        behind = script(tokens, script(tokens, at + 1)[1])[1]
        return tokens[at:behind], behind
    return [tokens[at]], at + 1


def _bracketed(tokens: list[Token], at: int) -> tuple[list[Token], int]:
    """`a^(L)`: a script in round brackets, as people write who forget the braces."""
    if tokens[at].text not in "([":
        raise Unreadable(f"a _ or ^ is followed by {tokens[at].text}")
    close = ")" if tokens[at].text == "(" else "]"
    for place in range(at, min(len(tokens), at + 12)):
        if tokens[place] == Token("mark", close):
            return tokens[at : place + 1], place + 1
    raise Unreadable("a bracket in a script is not closed")


def parse_name(tokens: list[Token]) -> tuple[str, str]:
    """Return key and base of a declared name such as `W_h`, `a^{(L-1)}`, `\\hat{y}`; raises Unreadable."""
    base, at = read_base(tokens, 0)
    labels: list[str] = []
    while base and at < len(tokens) and tokens[at].text in ("_", "^"):
        inside, at = script(tokens, at + 1)
        labels.append(label_of(inside))
    if not base or at != len(tokens):
        raise Unreadable("this is not a name")
    return make_key(base, labels), base
