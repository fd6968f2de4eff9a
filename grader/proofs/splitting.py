"""Taking the mathematics out of markdown, before anybody reads it as markdown; nothing is lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_TEXT = 300_000
MAX_SEGMENTS = 600
MAX_FORMULA = 20_000
_ENVIRONMENTS = (
    "equation|align|aligned|gather|gathered|eqnarray|multline|split|alignat|flalign|displaymath|math|cases|array"
)
_OPENING = re.compile(
    r"(?P<comment><!--)|(?P<fence>^[ \t]*(?:```+|~~~+))|(?P<code>`+)|(?P<dollars>\$\$)|(?P<dollar>\$)"
    r"|(?P<bracket>\\+\[)|(?P<paren>\\+\()"
    rf"|\\begin\{{(?P<env>(?:{_ENVIRONMENTS})\*?)\}}|(?P<escaped>\\.)",
    re.MULTILINE | re.DOTALL,
)


_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One piece of mathematics: its text without delimiters, its line, and the prose since the one before."""

    number: int
    line: int
    text: str
    display: bool
    before: str = ""
    after: str = ""
    problem: str = ""


def split(markdown: str) -> tuple[Segment, ...]:
    """Return every piece of mathematics in a text, in order; one too long to read is a piece with a problem."""
    if len(markdown) > MAX_TEXT:
        problem = f"the cell has {len(markdown):,} characters; at most {MAX_TEXT:,} are read"
        return (Segment(number=1, line=1, text=markdown[:80], display=True, problem=problem),)
    return _with_prose(markdown, list(_pieces(markdown)))


_Piece = tuple[int, int, str, bool, str]


def _pieces(text: str) -> list[_Piece]:
    """Return (start, end, formula, whether displayed, problem) of each piece."""
    found: list[_Piece] = []
    at = 0
    while match := _OPENING.search(text, at):
        at, piece = _piece(text, match)
        if piece is not None:
            found.append(piece)
        if len(found) >= MAX_SEGMENTS:
            rest = f"after {MAX_SEGMENTS} formulas nothing more is read"
            found.append((at, len(text), text[at : at + 80], True, rest))
            break
    return sorted(found + _outside(text, found)) if found else _bare(text)


def _piece(text: str, match: re.Match[str]) -> tuple[int, _Piece | None]:
    start = match.start()
    if match["comment"] or match["fence"] or match["code"]:
        return _behind(text, match), None
    if match["escaped"]:
        return match.end(), None
    if match["dollar"]:
        return _inline(text, match)
    close, inner = _closing(text, match)
    if close is None:
        end = _paragraph_end(text, match.end())
        return end, (start, end, text[match.end() : end].strip(), True, "")
    formula = text[start : close[1]] if match["env"] else text[match.end() : close[0]]
    return close[1], (start, close[1], formula.strip() if inner else formula, not match["paren"], "")


def _behind(text: str, match: re.Match[str]) -> int:
    """Return the place behind what nobody reads as mathematics: code, and comments, which nobody sees."""
    if match["comment"]:
        place = text.find("-->", match.end())
        return place + 3 if place >= 0 else match.end()
    mark = (match["fence"] or match["code"]).strip()
    pattern = rf"^[ \t]*{re.escape(mark)}" if match["fence"] else rf"(?<!`){re.escape(mark)}(?!`)"
    close = re.compile(pattern, re.MULTILINE).search(text, match.end())
    return close.end() if close else (len(text) if match["fence"] else match.end())


def _inline(text: str, match: re.Match[str]) -> tuple[int, _Piece | None]:
    """`$…$`: within a paragraph; a lone dollar is money."""
    limit = min(_paragraph_end(text, match.end()), match.end() + MAX_FORMULA)
    close = match.end()
    while (close := text.find("$", close, limit)) >= 0 and text[close - 1] == "\\":
        close += 1
    if close < 0 or not text[match.end() : close].strip():
        return match.end(), None
    inside = text[match.end() : close]
    if re.fullmatch(r"\d[\d.,]*\s+[a-z ]{4,}.*", inside, re.DOTALL) and "\\" not in inside:
        return match.end(), None
    return close + 1, (match.start(), close + 1, inside, False, "")


def _closing(text: str, match: re.Match[str]) -> tuple[tuple[int, int] | None, bool]:
    if match["dollars"]:
        place = text.find("$$", match.end())
        return ((place, place + 2) if place >= 0 else None), True
    if match["env"]:
        place = text.find(f"\\end{{{match['env']}}}", match.end())
        return ((place, place + len(match["env"]) + 6) if place >= 0 else None), True
    sign = match.group()[:-1] + ("]" if match["bracket"] else ")")
    place = text.find(sign, match.end())
    return ((place, place + len(sign)) if place >= 0 else None), True


def _paragraph_end(text: str, at: int) -> int:
    end = re.compile(r"\n[ \t]*\n").search(text, at)
    return end.start() if end else len(text)


def _bare(text: str) -> list[_Piece]:
    """A cell without delimiters: lines that look like formulas are formulas."""
    found = []
    for match in re.finditer(r"^.*[=].*$", _blanked(text, _skipped(text), " "), re.MULTILINE):
        line = text[match.start() : match.end()].strip()
        words = re.findall(r"(?<![\\A-Za-z])[A-Za-z]{3,}", line)
        if re.search(r"\\[a-zA-Z]+|[_^∂Σδ]", line) and len(words) <= 3:
            found.append((match.start(), match.end(), line, True, ""))
    return found[:MAX_SEGMENTS]


_FORMULA = re.compile(
    r"\\(?:frac|partial|sum|log|exp|hat|sigma|text|cdot)\b|[∂Σ∑σδŷ√∇]|(?<![A-Za-z0-9_])[A-Za-z]'?(?:_|\^)\{?\w|"
    r"[ᵢⱼₖ²ᵀ₁₂]|\bd[A-Za-z]?/d[A-Za-z]|(?<![A-Za-z0-9_])[A-Za-z]\([a-z]\)"
)
_RELATED = re.compile(r"(?<![<>=!:+\-*/])=(?!=)")
OUTSIDE = "it stands outside of dollars, where mathematics is not read: write it between $ and $"


def _outside(text: str, pieces: list[_Piece]) -> list[_Piece]:
    """Lines of mathematics between the pieces: they are not read, and that is said."""
    bare = _blanked(text, [*_skipped(text), *((start, end) for start, end, *_ in pieces)], "\0")
    found: list[_Piece] = []
    for match in re.finditer(r"^.*=.*$", bare, re.MULTILINE):
        for part in re.finditer(r"[^\0]+", match.group()):
            if _RELATED.search(part.group()) and _FORMULA.search(part.group()) and not _is_prose(part.group()):
                start = match.start() + part.start()
                found.append((start, start + len(part.group()), part.group().strip(), False, OUTSIDE))
    return found[:MAX_SEGMENTS]


def _blanked(text: str, places: Iterable[tuple[int, int]], by: str) -> str:
    """Return the text with the same lines and nothing but a sign at those places."""
    bare = list(text)
    for start, end in places:
        bare[start:end] = [ch if ch == "\n" else by for ch in text[start:end]]
    return "".join(bare)


def _is_prose(part: str) -> bool:
    return len(re.findall(r"(?<![\\A-Za-z])[A-Za-z]{3,}", part)) > 12 or "](" in part or "<" in part


def _skipped(text: str) -> Iterator[tuple[int, int]]:
    """Yield where code and comments are."""
    at = 0
    while match := _OPENING.search(text, at):
        if match["comment"] or match["fence"] or match["code"]:
            end = _behind(text, match)
            yield match.start(), end
            at = max(end, match.end())
        else:
            at = match.end()


def _with_prose(text: str, pieces: list[_Piece]) -> tuple[Segment, ...]:
    out = []
    line, counted = 1, 0
    for place, (start, end, formula, display, problem) in enumerate(pieces):
        line, counted = line + text.count("\n", counted, start), start
        before = text[pieces[place - 1][1] if place else 0 : start]
        after = text[end : pieces[place + 1][0] if place + 1 < len(pieces) else len(text)]
        long = "the formula is too long to read" if len(formula) > MAX_FORMULA else ""
        out.append(
            Segment(
                number=place + 1, line=line, text=formula[:MAX_FORMULA], display=display, problem=problem or long,
                before=_COMMENT.sub("", before)[-2_000:], after=_COMMENT.sub("", after)[:500],
            )
        )  # fmt: skip
    return tuple(out)
