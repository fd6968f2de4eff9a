"""What the words around a formula say about it: cases, true classes, goals, labels that are one-hot."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.proofs.splitting import Segment
from grader.proofs.tokens import from_unicode

_PAIR = re.compile(r"^\(?\s*([a-zA-Z])\s*(=|\\neq?|!=|\\not\s*=)\s*([a-zA-Z])\s*\)?$")
_ENTRY = re.compile(r"^\\?[a-zA-Z{}\\]+\s*_\s*\{?\s*[a-z]\s*\}?\s*=\s*[01]$")
_BOUND = re.compile(r"(<|>|\\leq?|\\geq?|\\lt|\\gt)(?![a-zA-Z])")
_IF_TAIL = re.compile(r"\b(if|for|when|where|whenever|case|falls|wenn|für)[\s*:]*$", re.IGNORECASE)
_SETS = re.compile(r"^\\?[a-zA-Z]+\s*=\s*-?[\w./]+$")
_AT_TAIL = re.compile(r"\b(if|for|when|where|at|after|wenn|falls|für|bei|nach)[\s*:]*$", re.IGNORECASE)
_WORDED = re.compile(r"(?<![A-Za-z\\])([i-m])\s*(=|==|\\neq|!=|≠)\s*([i-m])(?![A-Za-z])")
_INTRO = re.compile(
    r"(\b(if|for|when|where|whenever|case|suppose|assume|consider|with|and|is|falls|fall|wenn|für|since|because)\b|"
    r"case\W*\d*|\d)[\s\W]*(the )?(diagonal|index|indices|that|where|when|of|case)?[\s*_:(,\-–—]*$",
    re.IGNORECASE,
)
_POSTFIX = re.compile(
    r"^[,;]?[^\S\n]*\n?[^\S\n]*[,;]?[^\S\n]*(if|for|when|where|whenever|in case|wenn|falls|provided)( that)?\s*$"
)
_RESET = re.compile(
    r"combin|together|summar|in general|overall|both cases|unif|for all\b|altogether|either case|compact|kronecker|"
    r"two cases (give|can|are)|zusammen|\bfinally\b|in one (line|formula)|putting",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(r"\b(otherwise|else|in the other case|off[- ]diagonal)\b", re.IGNORECASE)
_HOT = re.compile(r"\b(true|correct|target|right|actual) (class|label|index)\b[^.\n]{0,30}$", re.IGNORECASE)
_IS_HOT = re.compile(
    r"\s*(is|be|denotes|ist|sei)\s+(the|die|its)?\s*(true|correct|target|right|actual|ground[- ]truth|richtige|wahre)"
    r"\s+(class|label|index|klasse)",
    re.IGNORECASE,
)
_DEFINES = re.compile(r"\b(let|write|define|defining|denote|set|call|put|sei|setze)\b[^.\n]*$", re.IGNORECASE)
_CLASS = re.compile(r"\b(true|correct|target|right|actual|ground[- ]truth) (class|label|index)\b", re.IGNORECASE)
_GOAL = re.compile(
    r"\b(show|prove|proof that|want|goal|claim|to be shown|must be|has to be|zeigen|beweis\w*|derive that|wish|verify)"
    r"\b[^.\n]*$",
    re.IGNORECASE,
)


@dataclass(slots=True, kw_only=True)
class Context:
    """What holds for a segment besides its own words; `hot`: the letter of the true class, `said`: all prose so far."""

    conditions: tuple[str, ...] = ()
    hot: str = ""
    is_condition: bool = False
    is_goal: bool = False
    defines: bool = False
    class_said: bool = False
    said: str = ""


@dataclass(slots=True)
class _State:
    current: tuple[str, ...] = ()
    hot: str = ""
    said: str = ""
    found: list[Context] = field(default_factory=list)


def contexts(segments: tuple[Segment, ...]) -> list[Context]:
    """Return the context of each segment, in order."""
    state = _State()
    for segment in segments:
        _next(state, segment)
    return state.found


def _next(state: _State, segment: Segment) -> None:
    prose = segment.before
    state.said = (state.said + " " + prose.lower())[-20_000:]
    if _RESET.search(prose) or re.search(r"^#", prose, re.MULTILINE):
        state.current = ()
    if _OTHERWISE.search(prose) and len(state.current) == 1:
        state.current = (_negated(state.current[0]),)
    if worded := _WORDED.search(from_unicode(prose)):
        state.current = (f"{worded[1]} {_sign(worded[2])} {worded[3]}",)
    text = from_unicode(segment.text).strip().rstrip(".,:;")
    letter = text if re.fullmatch(r"[a-z]", text) else ""
    if letter and (_HOT.search(prose[-60:]) or _IS_HOT.match(segment.after)):
        state.hot = letter
    pair = _PAIR.match(text)
    if (pair or _ENTRY.match(text)) and not segment.display and _introduced(prose, pair):
        _condition(state, segment, f"{pair[1]} {_sign(pair[2])} {pair[3]}" if pair else text)
        return
    if not segment.display and _SETS.match(text) and _AT_TAIL.search(prose[-40:]):
        _condition(state, segment, text)
        return
    if not segment.display and _BOUND.search(text) and _IF_TAIL.search(prose[-40:]):
        _condition(state, segment, text)
        return
    goal = bool(_GOAL.search(prose[-160:]))
    defines = bool(_DEFINES.search(prose[-80:]))
    near = segment.before[-250:] + " " + segment.after[:120]
    context = Context(
        class_said=bool(_CLASS.search(near)),
        conditions=state.current,
        hot=state.hot,
        is_goal=goal,
        said=state.said,
        defines=defines,
    )
    state.found.append(context)


def _introduced(prose: str, pair: re.Match[str] | None) -> bool:
    """Whether the words before say that this is a condition; indices alone, as in a heading, are one anyway."""
    tail = prose[-60:]
    if _INTRO.search(tail):
        return True
    indices = pair is not None and pair[1] in "ijklm" and pair[3] in "ijklm"
    return indices and bool(re.search(r"[*#:(]\s*$|^\s*$", tail))


def _condition(state: _State, segment: Segment, condition: str) -> None:
    previous = state.found[-1] if state.found else None
    if previous is not None and not previous.is_condition and _is_behind(segment):
        previous.conditions = (condition,)
    else:
        state.current = (condition,)
    state.found.append(Context(is_condition=True))


def _is_behind(segment: Segment) -> bool:
    """Whether a condition goes with the formula before it: no paragraph between, and no colon that opens the next."""
    return bool(_POSTFIX.match(segment.before)) and not segment.after.lstrip().startswith(":")


def _sign(sign: str) -> str:
    return "=" if sign in ("=", "==") else r"\neq"


def _negated(condition: str) -> str:
    return condition.replace(r"\neq", "=") if r"\neq" in condition else condition.replace("=", r"\neq")
