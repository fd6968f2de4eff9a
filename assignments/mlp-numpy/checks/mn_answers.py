"""Reading numbers that answer a question, wherever they stand: in dicts, tables, variables, or in prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

NETWORKS = {"network 1": r"1|one|i|a|first", "network 2": r"2|two|ii|b|second"}
NET = r"(?:net ?work|net|model|option|design|architecture|cnn|case|variant|arch|system|n|nn)"
QUANTITIES = {
    "parameters": r"param|weights? (?:and|&) bias|learnable|trainable|\bweights\b",
    "output": r"output|shape|out\b|volume|feature ?map|dimension|dims?\b",
    "multiplications": r"mult|\bmul|\bmacs?\b|operation|\bops\b|flop|product",
}
NUMBER = re.compile(
    r"(?<![\w.])\d{1,3}(?:[,\u202f\u00a0'_ ]\d{3})+(?![\d])|(?<![\w.])\d+(?:\.\d+)?(?:[eE]\+?\d+)?|(?<=\{)\d+(?=\})"
)
SHAPE = re.compile(
    r"(\d+)\s*(?:x|×|\*|,|\\times|by|·|\\cdot)\s*(\d+)\s*(?:x|×|\*|,|\\times|by|·|\\cdot)\s*(\d+)", re.IGNORECASE
)


@dataclass(frozen=True)
class Read:
    """An answer and where it was read: a number, or a shape."""

    where: str
    value: Any


def network_in(text: str) -> str | None:
    """Return the network a text names, the last of several."""
    text = plain(text)
    found = [
        (match.end(), name)
        for name, words in NETWORKS.items()
        for match in re.finditer(rf"\b{NET}[ #:.]*(?:no ?|number )?(?:{words})\b|\b(?:{words})(?:st|nd)? {NET}\b", text)
    ]
    return max(found)[1] if found else None


def quantity_in(text: str) -> str | None:
    """Return the quantity a text names, the last of several."""
    found = [(match.end(), name) for name, words in QUANTITIES.items() for match in re.finditer(words, plain(text))]
    return max(found)[1] if found else None


def plain(text: str) -> str:
    """Return text in small letters, names with their parts as words: `n_params_net1` as "n params net 1"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-*`$]", " ", text)
    return re.sub(r"(?<=[a-z])(?=\d)", " ", apart).lower()


def from_facts(facts: Iterable[Sequence[Any]], network: str, quantity: str) -> list[Read]:
    """Return the answers among [words, value] whose words name a network and a quantity."""
    found = []
    for words, value in facts:
        text = " ".join(map(str, words))
        if network_in(" ".join(map(str, words))) != network or quantity_in(text) != quantity:
            continue
        shape = shape_of(value)
        wanted = shape if quantity == "output" else value if isinstance(value, int | float) else None
        if wanted is not None:
            found.append(Read(f"`{words[0]}`", wanted))
    return found


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Return a value as (height, width, channels), the batch left out."""
    if isinstance(value, str):
        match = SHAPE.search(value)
        return tuple(int(n) for n in match.groups()) if match else None
    if isinstance(value, list | tuple) and len(value) in (3, 4):
        return tuple(int(n) for n in value[-3:] if n is not None)
    return None


def from_prose(texts: Iterable[tuple[str, str]], network: str, quantity: str) -> list[Read]:
    """Return the numbers in the lines that name a quantity, in the part of a text that is about a network."""
    found = []
    for where, text in texts:
        for line, about, what in annotated(text):
            if about == network and what == quantity:
                values = shapes_in(line) if quantity == "output" else numbers_in(line)
                found += [Read(where, value) for value in values]
    return found


def annotated(text: str) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield every line or sentence with the network and the quantity it is about; both last until others are named."""
    about: str | None = None
    what: str | None = None
    heads: list[str | None] = []
    for line in re.split(r"\n|(?<=[.;])\s+(?=[A-Z])", text):
        cells = cells_of(line)
        if cells:
            if network_in(line) is None and not NUMBER.search(line):
                heads = [quantity_in(cell) for cell in cells]
            elif not NUMBER.search(line) and sum(network_in(cell) is not None for cell in cells) > 1:
                heads = [network_in(cell) for cell in cells]
            else:
                yield from of_row(cells, heads)
            continue
        about = network_in(line) or about
        parts = pieces(line)
        for part in parts:
            about, what = network_in(part) or about, quantity_in(part) or what
            yield part, about, what


def cells_of(line: str) -> list[str]:
    """Return the cells of a row of a table, Markdown or with wide gaps; [] where a line is none."""
    if line.count("|") > 1:
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    apart = [cell.strip() for cell in re.split(r"\t| {2,}", line.rstrip())]
    return apart if len(apart) > 2 else []


def pieces(line: str) -> list[str]:
    """Cut a line before each quantity it names after the first."""
    starts = sorted(m.start() for words in QUANTITIES.values() for m in re.finditer(words, line.lower()))
    numbered = [m.start() for m in NUMBER.finditer(line)]
    cuts = [0]
    for start in starts[1:]:
        if any(cuts[-1] <= n < start for n in numbered) and any(n > start for n in numbered):
            cuts.append(start)
    return [line[a:b] for a, b in zip(cuts, [*cuts[1:], len(line)], strict=True)]


def of_row(cells: Sequence[str], heads: Sequence[str | None]) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the cells of a row of a table; the words are at its beginning and at the heads of the columns."""
    row_network, row_quantity = network_in(cells[0]), quantity_in(cells[0])
    named = [*[None] * len(cells), *heads][-len(cells) + 1 :]
    for cell, head in zip(cells[1:], named, strict=True):
        network = head if head in NETWORKS else row_network
        quantity = head if head in QUANTITIES else row_quantity
        yield cell, network, quantity


def numbers_in(text: str) -> list[float]:
    """Return the numbers of a text, thousands apart or not, what stands behind the last = first."""
    bare = re.sub(r"\{,\}|\\[,;! ]|\\text\{[^}]*\}", lambda m: "," if m.group() in ("{,}", "\\,") else " ", text)
    found = [float(re.sub(r"[,\u202f\u00a0'_ ]", "", m.group())) for m in NUMBER.finditer(bare)]
    return found[::-1]


def shapes_in(text: str) -> list[tuple[int, ...]]:
    """Return what looks like a shape."""
    return [tuple(int(n) for n in match.groups()) for match in SHAPE.finditer(text)]
