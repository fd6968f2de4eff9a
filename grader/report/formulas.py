"""LaTeX to MathML, for formulas nobody has looked at before: bounded, escaped, and never an exception."""

from __future__ import annotations

import re
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

MAX_LENGTH = 4_000
ENVIRONMENTS = (
    *("equation", "align", "alignat", "aligned", "alignedat", "eqnarray", "flalign", "gather", "gathered"),
    *("multline", "split", "array", "cases", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix"),
)
TAGS = frozenset(
    "math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace "  # noqa: SIM905
    "msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover".split()
)
ATTRIBUTES = frozenset(
    "accent accentunder columnspan depth display displaystyle fence form height largeop linethickness "  # noqa: SIM905
    "lspace mathvariant maxsize minsize movablelimits notation rowspan rspace scriptlevel separator stretchy symmetric "
    "voffset width".split()
)
SIDES = {"right": "right", "left": "left"}
PRIMES = ("′", "″", "‴", "⁗")  # raised already in most fonts: as superscripts they fly off
LETTERS = ("∂", "∇")  # written as operators by the converter, which sets them too far from what follows
DEFINES = re.compile(r"\\(?:newcommand|renewcommand|providecommand|def|gdef|let|DeclareMathOperator)(?![a-zA-Z])")
DROPPED = re.compile(r"\\(?:label\s*\{[^{}]*\}|nonumber|notag)(?![a-zA-Z])|(?<=\\\\)\s*\[[^\[\]\n]{0,12}\]")
ALIGNED = re.compile(r"\\(begin|end)\s*\{(?:align|aligned|flalign|split|multline)\*?\}")
ALIGNED_AT = re.compile(r"\\(begin|end)\s*\{(?:alignat|alignedat)\*?\}(?:\s*\{\d+\})?")
GATHERED = re.compile(r"\\(begin|end)\s*\{gather(?:ed)?\*?\}")
EQNARRAY = re.compile(r"\\(begin|end)\s*\{eqnarray\*?\}")


def mathml(latex: str, *, display: bool) -> str:
    """Return a formula as MathML, or its source in a code box where it cannot be converted; never raises."""
    source = latex.strip()
    if not source or len(source) > MAX_LENGTH or DEFINES.search(source):
        return _source(source, display=display)
    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(
            _simplified(source, display=display)
        )
        markup = _serialised(tree)
    except Exception:  # noqa: BLE001 - the converter raises whatever a student's typing error makes it raise
        return _source(source, display=display)
    return markup if "".join(tree.itertext()).strip() else _source(source, display=display)


def _source(source: str, *, display: bool) -> str:
    shown = escape(source if len(source) <= MAX_LENGTH else source[:MAX_LENGTH] + " …")
    return f"<pre><code>{shown}</code></pre>" if display else f"<code>{shown}</code>"


def _simplified(source: str, *, display: bool) -> str:
    """Rewrite the environments the converter does not know into those it does."""
    source = DROPPED.sub("", source)
    source = ALIGNED_AT.sub(r"\\\1{align*}", ALIGNED.sub(r"\\\1{align*}", source))
    source = GATHERED.sub(r"\\\1{matrix}", source)
    source = EQNARRAY.sub(lambda found: r"\begin{array}{rcl}" if found[1] == "begin" else r"\end{array}", source)
    if display and r"\\" in source and r"\begin" not in source:
        source = (
            rf"\begin{{align*}}{source}\end{{align*}}" if "&" in source else rf"\begin{{matrix}}{source}\end{{matrix}}"
        )
    return source


def _serialised(element: Element) -> str:
    """Write a tree out with only known tags and attributes; the converter's own writer would let markup through."""
    inner = escape(unescape(element.text or "")) + "".join(
        _serialised(child) + escape(unescape(child.tail or "")) for child in element
    )
    if element.tag not in TAGS:
        return inner
    tag = "mi" if element.tag == "mo" and inner in LETTERS else element.tag
    if tag == "msup" and len(element) == 2 and unescape(element[1].text or "") in PRIMES:
        tag = "mrow"
    spacing = {"lspace": "0.12em", "rspace": "0.06em"} if tag == "mo" and len(inner) > 1 and inner.isalpha() else {}
    attributes = [
        f' {name}="{escape(value)}"' for name, value in (spacing | element.attrib).items() if name in ATTRIBUTES
    ]
    return f"<{tag}{''.join(attributes)}{_class(element)}>{inner}</{tag}>"


def _class(element: Element) -> str:
    """Say with a class what browsers no longer read from the attributes of MathML tables."""
    if element.tag == "mtd" and element.get("columnalign") in SIDES:
        return f' class="{SIDES[element.attrib["columnalign"]]}"'
    if element.tag == "mtable" and element.get("columnspacing", "").startswith("0em"):
        return ' class="aligned"'
    return ""
