r"""Commands a student defines: `\newcommand{\y}{\hat{y}}`, `\def\p#1{\partial #1}`; each use is replaced, in bounds."""

from __future__ import annotations

import re

from grader.proofs.tokens import Unreadable

MAX_LENGTH, MAX_ROUNDS = 20_000, 12
_HEAD = re.compile(
    r"\\(?:re|provide)?newcommand\*?\s*\{?\s*\\(?P<new>[A-Za-z]+)\s*\}?\s*(?:\[(?P<count>\d)\])?\s*(?=\{)"
    r"|\\g?def\s*\\(?P<old>[A-Za-z]+)\s*(?P<places>(?:#\d)*)\s*(?=\{)"
    r"|\\DeclareMathOperator\*?\s*\{?\s*\\(?P<word>[A-Za-z]+)\s*\}?\s*(?=\{)"
)
Macro = tuple[int, str]


def without_definitions(text: str, known: dict[str, Macro]) -> str:
    """Return the formula without the commands it defines; they are added to `known`."""
    out, at = [], 0
    for match in _HEAD.finditer(text):
        if match.start() < at:
            continue
        end = _group_end(text, match.end())
        body = text[match.end() + 1 : end - 1]
        name = match["new"] or match["old"] or match["word"]
        count = int(match["count"] or 0) + (match["places"] or "").count("#")
        known[name] = (count, rf"\operatorname{{{body}}}" if match["word"] else body)
        out.append(text[at : match.start()])
        at = end
    return "".join([*out, text[at:]])


def expanded(text: str, known: dict[str, Macro]) -> str:
    """Return the formula with every defined command replaced; raises Unreadable where that does not end."""
    if not known:
        return text
    use = re.compile(r"\\(" + "|".join(map(re.escape, sorted(known, key=len, reverse=True))) + r")(?![A-Za-z])")
    for _ in range(MAX_ROUNDS):
        if not use.search(text):
            return text
        text = _once(text, use, known)
        if len(text) > MAX_LENGTH:
            break
    raise Unreadable("the commands that it defines do not come to an end")


def _once(text: str, use: re.Pattern[str], known: dict[str, Macro]) -> str:
    out, at, length = [], 0, 0
    for match in use.finditer(text):
        if match.start() < at:
            continue
        count, body = known[match[1]]
        end, arguments = match.end(), []
        for _ in range(count):
            start = end + len(text[end:]) - len(text[end:].lstrip())
            end = _group_end(text, start)
            arguments.append(text[start:end].removeprefix("{").removesuffix("}"))
        new = _filled(body, arguments)
        out += [text[at : match.start()], "{" + new + "}" if _is_plain(new) else new + " "]
        at, length = end, length + len(new)
        if length > MAX_LENGTH:
            break
    return "".join([*out, text[at:]])


def _filled(body: str, arguments: list[str]) -> str:
    return re.sub(r"#(\d)", lambda place: _given(arguments, int(place[1])), body)


def _given(arguments: list[str], place: int) -> str:
    if not 1 <= place <= len(arguments):
        raise Unreadable("a command that it defines lacks an argument")
    return arguments[place - 1]


def _is_plain(body: str) -> bool:
    """Whether braces around it change nothing for scripts behind it: a sum or a fraction written out."""
    return any(sign in body for sign in "+-") and "{" not in body


def _group_end(text: str, at: int) -> int:
    """Return the place behind the group, or the single sign or command, that starts at a place."""
    if at >= len(text):
        raise Unreadable("a command that it defines lacks an argument")
    if text[at] != "{":
        single = re.compile(r"\\[A-Za-z]+|.", re.DOTALL).match(text, at)
        return single.end() if single else at + 1
    depth = 0
    for place in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0) if text[place - 1 : place] != "\\" else 0
        if depth == 0:
            return place + 1
    raise Unreadable("a brace { is not closed")
