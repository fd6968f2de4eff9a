"""Names as people compare them: without case, accents, order and what stands between the words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

WORDS = re.compile(r"[^\W_]+")
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
INSIDE = re.compile(r"['’`´]")  # O'Brien is one word


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters without accents."""
    plain = unicodedata.normalize("NFKD", INSIDE.sub("", text).casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char)).translate(PLAIN)
    return WORDS.findall(plain)


def name_key(name: str) -> tuple[str, ...]:
    """Return what is the same for "Ødegård, Åse", "Åse Ødegård" and "ase  odegard"."""
    return tuple(sorted(words_of(name)))


def joined(name: str) -> set[str]:
    """Return a name in one word, as Canvas writes it: the last name first, whichever of the words that is."""
    words = words_of(name)
    return {"".join(words[place:] + words[:place]) for place in range(len(words))}


def runs(text: str, longest: int = 5) -> Iterator[list[str]]:
    """Give the runs of words in a text: "hw1 ada king" has "hw1", "hw1 ada", "ada", "ada king" and so on."""
    words = words_of(text)
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + longest) + 1):
            yield words[start:end]
