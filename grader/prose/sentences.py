"""Markdown as sentences of stemmed words, in English, German or Hindi.

A formula is one word. Blocks of code, HTML and pictures are left out. Whatever the text, this takes time in proportion
to its length, and no more than the limits allow.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

MAX_CHARACTERS = 40_000
MAX_SENTENCES = 500
MAX_WORDS = 300  # of a sentence
MAX_WORD = 40  # characters

STOP_WORDS = {
    "english": "the a an of to in is are and that it for with as be by on this which at from or so not we its can has "
    "have was they there than only each then if",
    "german": "der die das und ist ein eine einen dem den des zu mit für auf es sich nicht auch werden wird sind von "
    "im bei dass weil als man so wenn nur je wie aus durch",
    "hindi": "है हैं और का की के में को से यह पर एक कि नहीं तो भी होता होती होते जाता जाती जाते वह ये लिए ही",
}
STOPS = {language: frozenset(words.split()) for language, words in STOP_WORDS.items()}
ALL_STOPS = frozenset().union(*STOPS.values())

_FORMULA = re.compile(r"\$\$([^$]{1,2000})\$\$|\$([^$]{1,1000})\$")
_MARK = "\ue000"
_FENCE = re.compile(r"^\s*(```|~~~)")
_LINE_START = re.compile(r"^\s*(#{1,6}\s|[-*+•]\s|\d{1,3}[.)]\s|>\s?|\|)")
_TAG = re.compile(r"<[^<>\n]{0,200}>|!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)|\]\([^)\n]{0,500}\)")
_SHORT = re.compile(
    r"\b(?:e\.\s?g|i\.\s?e|z\.\s?b|d\.\s?h|u\.\s?a|etc|vs|cf|fig|eq|approx|bzw|ca|resp)\.", re.IGNORECASE
)
_END = re.compile(r"(?<=[.!?।])[\"')*_]{0,3}\s+")
_WORD = re.compile(rf"{_MARK}|[^\W_](?:[^\W_]|[\u0900-\u097F'’])*|[,;:()—–]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ue000]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence as it was written, its words (in lower case) and their stems, one for each word."""

    text: str
    language: str
    words: tuple[str, ...]
    stems: tuple[str, ...]

    @property
    def formulas(self) -> str:
        """All formulas, without blanks and braces."""
        return " ".join(word for word in self.words if word.startswith("$"))


def sentences_of(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text, at most as many as the limits allow."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:MAX_CHARACTERS])).replace("n't", " not")
    formulas: list[str] = []

    def kept(found: re.Match[str]) -> str:
        formulas.append("$" + re.sub(r"[\s{}]", "", found[1] or found[2]))
        return _MARK

    plain = _TAG.sub(" ", _FORMULA.sub(kept, plain))
    waiting = iter(formulas)
    sentences: list[Sentence] = []
    for block in _blocks(plain):
        for part in _END.split(_SHORT.sub(lambda found: found[0].replace(".", ""), block)):
            sentence = _sentence(part, waiting)
            if sentence is not None:
                sentences.append(sentence)
    return tuple(sentences[:MAX_SENTENCES])


def _blocks(text: str) -> Iterator[str]:
    """Yield paragraphs, and headings, list items and cells of tables by themselves."""
    block: list[str] = []
    fenced = False
    for line in [*text.split("\n"), ""]:
        if _FENCE.match(line):
            fenced, line = not fenced, ""
        elif fenced:
            continue
        start = _LINE_START.match(line)
        if start or not line.strip():
            yield " ".join(block)
            block = []
        if start and start[1] == "|":
            yield line.replace("|", " , ")  # a row is one statement
        elif start and start[1].startswith("#"):
            yield line[start.end() :]
        else:
            block.append(line[start.end() :] if start else line.strip())


def _sentence(part: str, formulas: Iterator[str]) -> Sentence | None:
    found = _WORD.findall(part)
    words = [next(formulas, "$") if word == _MARK else word.lower()[:MAX_WORD] for word in found][:MAX_WORDS]
    shown = iter([word[1:] for word in words if word.startswith("$")])
    if not any(word[0].isalnum() for word in words):
        return None
    language = _language(words)
    text = re.sub(_MARK, lambda _: f"${next(shown, '…')}$", " ".join(part.split()))
    stems = tuple(stem(word, language) for word in words)
    return Sentence(text=text, language=language, words=tuple(words), stems=stems)


def _language(words: list[str]) -> str:
    counts = {language: sum(word in stops for word in words) for language, stops in STOPS.items()}
    return max(counts, key=lambda language: counts[language])  # English where nothing tells


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """Return the stem of a word in lower case; a formula or a number is its own."""
    return str(_stemmer(language).stemWord(word)) if word[:1].isalpha() else word


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(language)
