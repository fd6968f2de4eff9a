"""From the text of a formula to tokens: Unicode becomes LaTeX, what only decorates is dropped, words are found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MAX_TOKENS = 4_000


class Unreadable(Exception):
    """A formula, or a part of one, that cannot be read; the message says why, for the student."""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a formula; `kind` is letter, word, number, command, mark, text, begin or end."""

    kind: str
    text: str


_PLAIN = {
    "∂": r"\partial ", "∑": r"\sum ", "∏": r"\prod ", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "∙": r"\cdot ",
    "•": r"\cdot ", "⊙": r"\odot ", "∘": r"\circ ", "≠": r"\neq ", "≤": r"\le ", "≥": r"\ge ", "∈": r"\in ",
    "⇒": r"\Rightarrow ", "→": r"\to ", "⟹": r"\Rightarrow ", "∴": r"\therefore ", "≡": r"\equiv ", "≈": r"\approx ",
    "−": "-", "–": "-", "′": "'", "’": "'", "∇": r"\nabla ", "√": r"\sqrt ", "‖": r"\|", "∥": r"\|",
    "½": r"\frac{1}{2}", "…": r"\dots ", "⋯": r"\dots ", "𝔼": r"\mathbb{E}", "ℝ": r"\mathbb{R}", "⊤": r"\top ",
    "ℓ": r"\ell ", "∞": r"\infty ", "⇔": r"\Rightarrow ", "∀": r"\forall ", "∗": "*", "÷": "/", "∝": r"\propto ",
    "≔": ":=",
    "✓": " ", "✔": " ", "∎": " ", "□": " ", "■": " ", "\u00a0": " ", "\u2009": " ",

    "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ",
    "ϵ": r"\epsilon ", "ϕ": r"\phi ", "Π": r"\prod ", "₋": "_{-}",
}  # fmt: skip
GREEK_LETTERS = dict(
    zip(
        "αβγδεζηθικλμνξπρσςτυφχψωΓΔΘΛΞΦΨΩ",
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "pi",
            "rho",
            "sigma",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Phi",
            "Psi",
            "Omega",
        ],
        strict=True,
    )
)
_SUBSCRIPT = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₊", "0123456789aehijklmnoprstuvx+", strict=True))
_SUPERSCRIPT = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ᵀⁿⁱᴸˡ⁺⁻ˣᶻ⁽⁾", "0123456789TniLl+-xz()", strict=True))
_ACCENT = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u20d7": "vec", "\u0307": "dot", "\u0305": "bar"}
FONTS = frozenset(
    [
        "mathbf",
        "boldsymbol",
        "bm",
        "mathit",
        "mathsf",
        "mathcal",
        "vec",
        "overrightarrow",
        "pmb",
        "bold",
        "mathscr",
        "mathtt",
        "mathnormal",
        "mathfrak",
    ]
)
ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde"}
_DROPPED = frozenset(
    [
        "left",
        "right",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "limits",
        "nolimits",
        "nonumber",
        "notag",
        "middle",
        "mathop",
        "mathrel",
        "mathbin",
        "ensuremath",
        "hfill",
        "noindent",
        "hline",
        "checkmark",
        "square",
        "blacksquare",
        "Box",
        "qed",
    ]
)
SPACES = {"quad", "qquad"}
_NARROW = {",", ";", ":", "!", " ", "enspace", "thinspace", "medspace", "space", ">", "smallskip"}
_WITH_ARGUMENT = {"label", "tag", "color", "hspace", "vspace", "phantom", "hphantom", "vphantom", "mathstrut"}
_UNWRAPPED = {"boxed", "fbox", "cancel", "bcancel", "mathstrut", "smash", "colorbox", "underline"}
_TEXT = {"text", "mbox", "textrm", "textbf", "textit", "operatorname", "mathrm", "rm", "texttt", "textsf", "hbox"}
_RENAMED = {
    "lt": "<", "gt": ">", "ne": "neq", "leq": "le", "geq": "ge", "leqslant": "le", "geqslant": "ge", "dfrac": "frac",
    "tfrac": "frac", "cfrac": "frac", "implies": "Rightarrow", "Longrightarrow": "Rightarrow", "iff": "Rightarrow",
    "Leftrightarrow": "Rightarrow", "Longleftrightarrow": "Rightarrow", "rightarrow": "to", "longrightarrow": "to",
    "ast": "*", "cdots": "dots", "ldots": "dots", "dotsc": "dots", "dotsb": "dots", "dotsm": "dots", "lVert": "|",
    "rVert": "|", "Vert": "|", "lvert": "(abs", "rvert": "abs)", "vert": "|", "mid": "|", "parallel": "|",
    "triangleq": "coloneqq", "varepsilon": "epsilon", "varphi": "phi", "varsigma": "sigma", "intercal": "top",
    "colon": ":", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "owns": "in", "hadamard": "odot",
    "overbrace": "underbrace", "bigcirc": "odot", "approxeq": "approx", "simeq": "approx", "cong": "equiv",
    "dif": "partial", "diff": "partial", "sdot": "cdot", "bullet": "cdot", "bigodot": "odot", "otimes": "odot",
}  # fmt: skip

_PIECE = re.compile(
    r"\\begin\s*\{([a-zA-Z]+\*?)\}|\\end\s*\{([a-zA-Z]+\*?)\}|\\([a-zA-Z]+\*?|.)|(\d+(?:\.\d+)?|\.\d+)|([a-zA-Z]+)|(\s+)|(.)",
    re.DOTALL,
)
_NATIVE = frozenset(
    [
        "sum",
        "prod",
        "exp",
        "log",
        "ln",
        "lg",
        "sin",
        "cos",
        "tan",
        "tanh",
        "sinh",
        "cosh",
        "max",
        "min",
        "arctan",
        "arg",
        "sqrt",
    ]
)
_FLOOR = re.compile(r"\\([lr](?:floor|ceil))(?![A-Za-z])")
_WORDED_INDEX = re.compile(  # n_\text{in} and n_{\text{in}} are n_{in}
    r"_\s{0,3}(?:(\{)\s{0,3})?\\(?:text|textrm|mathrm|mbox)\s{0,3}\{\s{0,3}([a-z]{2,20})\s{0,3}\}(?(1)\s{0,3}\})"
)
_FLOORS = {"lfloor": r"\text{floor}(", "rfloor": ")", "lceil": r"\text{ceil}(", "rceil": ")"}


def from_unicode(text: str) -> str:
    """Return the text with Unicode mathematics written in LaTeX."""
    if text.isascii():
        return text
    out: list[str] = []
    text = unicodedata.normalize("NFD", "".join(_PLAIN.get(ch, ch) for ch in text))
    for ch in text:
        _append(out, ch)
    return "".join(out)


def _append(out: list[str], ch: str) -> None:
    if ch in _SUBSCRIPT:
        _script(out, "_", _SUBSCRIPT[ch])
    elif ch in _SUPERSCRIPT:
        _script(out, "^", _SUPERSCRIPT[ch])
    elif ch in _ACCENT and out:
        out[-1] = f"\\{_ACCENT[ch]}{{{out[-1]}}}"
    elif ch == "Σ":
        out.append(r"\sum ")
    elif ch in GREEK_LETTERS:
        out.append(f"\\{GREEK_LETTERS[ch]} ")
    elif ch == "\u0338" and out:
        out[-1] = r"\neq "
    else:
        out.append(ch)


def _script(out: list[str], sign: str, ch: str) -> None:
    if out and out[-1].startswith(sign + "{"):
        out[-1] = out[-1][:-1] + ch + "}"
    else:
        out.append(f"{sign}{{{ch}}}")


def raw_tokens(text: str, words: Iterable[str] = ()) -> list[Token]:
    """Return the tokens of a formula as it was spelled; raises Unreadable: too many, or braces do not match."""
    known = frozenset(words)
    text = re.sub(r"(?<!\\)%[^\n]*", "", from_unicode(text))
    text = _FLOOR.sub(lambda match: _FLOORS[match[1]], text)
    text = _WORDED_INDEX.sub(r"_{\2}", text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if len(text) > 20_000:
        raise Unreadable("the formula is too long to read")
    if re.search(
        r"\\(?:x|g|e)?def\b|\\(?:re|provide)?newcommand|\\DeclareMath|\\let\b|\\csname|\\input|\\catcode|\\loop", text
    ):
        raise Unreadable("it defines commands in a way that is not read")
    raw = [_token(match) for match in _PIECE.finditer(text)]
    if len(raw) > MAX_TOKENS:
        raise Unreadable("the formula is too long to read")
    tokens = _undecorated([token for token in raw if token is not None], known)
    _check_braces(tokens)
    return tokens


def _token(match: re.Match[str]) -> Token | None:
    begin, end, command, number, letters, space, mark = match.groups()
    if begin or end:
        return Token("begin" if begin else "end", (begin or end).rstrip("*"))
    if command is not None:
        name = command.rstrip("*") or "*"
        return Token("command", _RENAMED.get(name, name))
    if number:
        return Token("number", number)
    if letters:
        return Token("letters", letters)
    return Token("space", space) if space else Token("mark", mark)


def _undecorated(tokens: list[Token], known: frozenset[str]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        at = _one(tokens, at, out, known)
    return out


def _one(tokens: list[Token], at: int, out: list[Token], known: frozenset[str]) -> int:
    """Add what the token at `at` stands for; return where to go on."""
    token = tokens[at]
    if token.kind == "space":
        return at + 1
    if token.kind == "letters":
        out.extend(split_letters(token.text, known))
        return at + 1
    if token.kind != "command":
        out.append(token)
        return at + 1
    return _command(tokens, at, out, known)


def _command(tokens: list[Token], at: int, out: list[Token], known: frozenset[str]) -> int:  # noqa: PLR0911, PLR0912, C901
    name = tokens[at].text
    if name in ("left", "right") and _is_bar(tokens, at + 1):
        out.append(Token("mark", "(abs" if name == "left" else "abs)"))
        return at + 2
    if name in ("left", "right") and at + 1 < len(tokens) and tokens[at + 1].text == ".":
        return at + 2
    if name in FONTS:
        return _without_font(tokens, at, out, known)
    if name in _DROPPED or name in _NARROW:
        return at + 1
    if name in _WITH_ARGUMENT:
        return after_group(tokens, at + 1)
    if name == "textcolor":
        return after_group(tokens, at + 1)
    if name in _UNWRAPPED:
        return _unwrapped(tokens, at, out, known)
    if name == "underbrace":
        return _unbraced(tokens, at, out, known)
    if name in _TEXT:
        return _text(tokens, at, out, known)
    if name in ("overset", "stackrel", "underset"):
        behind = after_group(tokens, at + 1)
        inside = tokens[_skip_space(tokens, behind) : after_group(tokens, behind)]
        if len(inside) == 3 and inside[0].text == "{" and inside[1].kind in ("mark", "command"):
            out.append(inside[1])
            return after_group(tokens, behind)
        return behind
    if name in known and name not in _NATIVE:
        out.append(Token("word", name))
        return at + 1
    out.append(Token("mark" if len(name) == 1 and name in "<>*|:()[]" else "command", name))
    if name == "|":
        out[-1] = Token("command", "|")
    return at + 1


def _without_font(tokens: list[Token], at: int, out: list[Token], known: frozenset[str]) -> int:
    """`\\mathbf{x}` is x: one token in a group loses its braces with its font."""
    start = _skip_space(tokens, at + 1)
    single = [t.text for t in tokens[start : start + 3 : 2]] == ["{", "}"] and len(tokens) > start + 1
    if not single or tokens[start + 1].kind not in ("letters", "number"):
        return at + 1
    inside = tokens[start + 1]
    out.extend(split_letters(inside.text, known) if inside.kind == "letters" else [inside])
    return start + 3


def _is_bar(tokens: list[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at] == Token("mark", "|")


def _skip_space(tokens: list[Token], at: int) -> int:
    while at < len(tokens) and tokens[at].kind == "space":
        at += 1
    return at


def after_group(tokens: list[Token], at: int) -> int:
    """Return the place behind the group (or the single token) that starts at `at`."""
    at = _skip_space(tokens, at)
    if at >= len(tokens) or tokens[at] != Token("mark", "{"):
        return at + 1
    depth = 0
    for place in range(at, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[place].text if tokens[place].kind == "mark" else "", 0)
        if depth == 0:
            return place + 1
    raise Unreadable("a brace { is not closed")


def _unwrapped(tokens: list[Token], at: int, out: list[Token], known: frozenset[str]) -> int:
    """`\\boxed{a = b}` loses its braces with its box, so that the relation in it is seen."""
    end = after_group(tokens, at + 1)
    start = _skip_space(tokens, at + 1)
    if not any(token.text in ("=", "&", "\\") for token in tokens[start:end]):
        return at + 1
    out.extend(_undecorated(tokens[start + 1 : end - 1], known))
    return end


def _unbraced(tokens: list[Token], at: int, out: list[Token], known: frozenset[str]) -> int:
    """Keep what stands above an underbrace, drop what is written below."""
    end = after_group(tokens, at + 1)
    out.append(Token("mark", "{"))
    out.extend(_undecorated(tokens[at + 1 : end], known))
    out.append(Token("mark", "}"))
    after = _skip_space(tokens, end)
    if after < len(tokens) and tokens[after].text in ("_", "^"):
        return after_group(tokens, after + 1)
    return end


def _text(tokens: list[Token], at: int, out: list[Token], known: frozenset[str]) -> int:
    end = after_group(tokens, at + 1)
    inside = [t for t in tokens[_skip_space(tokens, at + 1) : end] if t not in (Token("mark", "{"), Token("mark", "}"))]
    content = "".join(f"\\{t.text}" if t.kind == "command" else t.text for t in inside)
    word = re.sub(r"[\s_\-\\]", "", content)
    if word in known:
        out.append(Token("word", word))
    elif len(word) == 1 and word.isalpha():
        out.append(Token("letter", word))
    elif word.isdigit():
        out.append(Token("number", word))
    elif word.isalpha() and not content.strip().islower():
        out.append(Token("word", word))
    elif content.strip():
        out.append(Token("text", content.strip()))
    return end


def split_letters(run: str, known: frozenset[str]) -> list[Token]:
    """Return a run of letters as known words and single letters, the longest word first."""
    out: list[Token] = []
    at = 0
    while at < len(run):
        for length in range(min(len(run) - at, 16), 1, -1):
            if run[at : at + length] in known:
                out.append(Token("word", run[at : at + length]))
                at += length
                break
        else:
            out.append(Token("letter", run[at]))
            at += 1
    return out


def _check_braces(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.kind == "mark" and token.text in "{}":
            depth += 1 if token.text == "{" else -1
        if depth < 0:
            raise Unreadable("a brace } closes nothing")
        if depth > 60:
            raise Unreadable("braces are nested too deeply")
    if depth:
        raise Unreadable("a brace { is not closed")
