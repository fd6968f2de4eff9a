"""Taking IPython's own syntax out of a cell, line for line, so that Python's parser reads the rest.

Works as IPython does: line by line, and only where a statement begins. A small scanner of our own rather than
`tokenize`, because the quotes of `!echo it's` would lead any tokenizer astray.
"""

from __future__ import annotations

import re

_OTHER_LANGUAGE = re.compile(
    r"bash|sh|script|cmd|perl|ruby|html|svg|latex|markdown|js|javascript|writefile|file|cython|python[23]?|pypy|r"
    r"|julia|sql|bigquery|css|cpp|cuda|cu",
    re.IGNORECASE,
)
_CELL_MAGIC = re.compile(r"\s*%%([A-Za-z_]\w*)")
_LINE_MAGIC = re.compile(r"[ \t]*(?:!|%{1,2}[A-Za-z_]|\?{1,2}[%\w])")
_HELP = re.compile(r"[ \t]*%{0,2}[A-Za-z_*][\w.*\[\]]*\?{1,2}[ \t]*;?[ \t]*$")
_ASSIGNED = re.compile(r"([ \t]*[A-Za-z_][\w., \t\[\]*]*=[ \t]*)(?:!|%[A-Za-z_])")
_TOKEN = re.compile(
    r'(?P<triple>"""|\'\'\')|(?P<string>"(?:[^"\\\n]|\\.)*+"?|\'(?:[^\'\\\n]|\\.)*+\'?)'
    r"|(?P<comment>#[^\n]*)|(?P<open>[\[({])|(?P<close>[\])}])|(?P<line>\\?\n)",
    re.DOTALL,
)
_PROMPT = re.compile(r"(?m)^(?:>>> ?|\.\.\. ?|In \[\d*\]: ?)")


def without_magics(source: str) -> str:
    """Return the source with as many lines, every magic replaced by a harmless statement."""
    source = _without_prompts(source)
    cell = _CELL_MAGIC.match(source)
    if cell and _OTHER_LANGUAGE.fullmatch(cell[1]):
        return "\n" * source.count("\n")
    kept: list[str] = []
    position = 0
    while position < len(source):
        end = _line_end(source, position)
        line = source[position:end]
        changed = _replaced(line)
        if changed is None:
            end = statement_end(source, position)
            kept.append(source[position:end])
        else:
            kept.append(changed + "\n" * line.count("\n"))
        position = end
    return "".join(kept)


def statement_end(source: str, position: int) -> int:
    """Return where the logical line that starts at `position` ends, behind its line break."""
    depth = 0
    while found := _TOKEN.search(source, position):
        position = found.end()
        if found["triple"]:
            position = _end_of_triple(source, position, found["triple"])
        elif found["open"]:
            depth += 1
        elif found["close"]:
            depth = max(0, depth - 1)
        elif found["line"] == "\n" and depth == 0:
            return position
    return len(source)


def without_comments(source: str) -> str:
    """Return the source without its comments; strings keep their `#`."""
    kept: list[str] = []
    position = 0
    while found := _TOKEN.search(source, position):
        kept.append(source[position : found.start()])
        position = found.end()
        if found["triple"]:
            position = _end_of_triple(source, position, found["triple"])
        if not found["comment"]:
            kept.append(source[found.start() : position])
    return "".join([*kept, source[position:]])


def _end_of_triple(source: str, position: int, quotes: str) -> int:
    while (end := source.find(quotes, position)) >= 0:
        before = source[position:end]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
            return end + 3
        position = end + 1
    return len(source)


def _line_end(source: str, position: int) -> int:
    """Return the end of the line, together with the lines it goes on in after a backslash."""
    while (end := source.find("\n", position)) >= 0:
        if not source[position:end].endswith("\\"):
            return end + 1
        position = end + 1
    return len(source)


def _replaced(line: str) -> str | None:
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    assigned = _ASSIGNED.match(line)
    if assigned:
        return f"{assigned[1]}__magic__"
    if _LINE_MAGIC.match(line) or _HELP.match(line.rstrip("\n")):
        return f"{indent}pass"
    return None


def _without_prompts(source: str) -> str:
    """Undo what IPython undoes: a pasted prompt, and the indent of a cell whose first line is indented."""
    first = next((line for line in source.split("\n") if line.strip()), "")
    if re.match(r">>> |In \[\d*\]: ", first):
        return _PROMPT.sub("", source)
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return re.sub(rf"(?m)^{indent}", "", source) if indent else source
