"""An answer against its rubric: ideas found with their sentences, false statements, and what looks odd."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from grader.extras import require
from grader.prose.answers import Answer
from grader.prose.matching import Match, match
from grader.prose.rubric import Idea, Mistake, Rubric
from grader.prose.sentences import ALL_STOPS, MAX_CHARACTERS, MAX_SENTENCES, Sentence, sentences_of

SHINGLE = 3  # words
SENTENCE_COPIED = 0.7  # of a sentence's shingles are the question's
TEXT_COPIED = 0.6  # of an answer's words or shingles
SIMILAR = 0.5  # cosine
SHORT = 12  # words
MIN_SHINGLES = 10  # before a likeness with the model answer means anything
FEWEST_STOPS = 0.1  # of the words of a text that has sentences


class Sure(enum.StrEnum):
    """How sure it is that an idea was said."""

    FOUND = "found"
    SIMILAR = "only similar"
    NEGATED = "said with a negation"
    MISSING = "not found"


class Flag(enum.StrEnum):
    """What a person should know before reading."""

    EMPTY = "the answer is empty"
    HANDED_OUT = "the text is as it was handed out"
    QUESTION = "the text is mostly the question's own"
    REFERENCE = "the text is very like the model answer"
    SHORT = "the answer is very short"
    KEYWORDS = "the text is a list of words rather than sentences"
    CUT = "the text is very long: only its beginning was read"
    NO_TEXT = "no text of the student's own was found"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An idea or a false statement, and the sentence that says it."""

    about: Idea | Mistake
    sure: Sure
    quote: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was found in an answer; `share` of the ideas' weights is a suggestion for a person, never a mark."""

    ideas: tuple[Finding, ...]
    mistakes: tuple[Finding, ...]
    flags: tuple[Flag, ...]

    @property
    def found(self) -> tuple[Finding, ...]:
        """The ideas that were found in so many words."""
        return tuple(finding for finding in self.ideas if finding.sure is Sure.FOUND)

    @property
    def share(self) -> float:
        """The part of the weights that was found, between 0 and 1."""
        whole = sum(_weight(finding) for finding in self.ideas)
        return sum(_weight(finding) for finding in self.found) / whole if whole else 0.0

    def suggested(self, points: float) -> float:
        """Return the share of the points, in halves."""
        return min(points, math.floor(self.share * points * 2 + 0.5) / 2)


def read(answer: Answer, rubric: Rubric, question: str = "") -> Reading:
    """Read an answer; sentences of the question's own text do not count as the student's."""
    asked = _shingles(sentences_of(question))
    sentences = sentences_of(answer.text)
    own = tuple(sentence for sentence in sentences if not _is_copied(sentence, asked))
    likeness = _Likeness(own, rubric)
    ideas = tuple(_finding(idea, own) or likeness.finding(idea, number) for number, idea in enumerate(rubric.ideas))
    wrong = (_finding(mistake, own) for mistake in rubric.mistakes)
    mistakes = tuple(finding for finding in wrong if finding and finding.sure is Sure.FOUND)
    return Reading(ideas=ideas, mistakes=mistakes, flags=tuple(_flags(answer, sentences, own, rubric)))


def look_for_text(answer: Answer) -> Reading:
    """Return what is known of an answer that has no rubric: whether there is any text, which not all of them need."""
    written = any(character.isalnum() for character in answer.text)
    return Reading(ideas=(), mistakes=(), flags=() if written else (Flag.NO_TEXT,))


def _weight(finding: Finding) -> float:
    return finding.about.weight if isinstance(finding.about, Idea) else 0.0


def _finding(about: Idea | Mistake, own: Sequence[Sentence]) -> Finding | None:
    """Return where something is said in so many words, else where it is negated, else None."""
    negated = ""
    for sentence in own:
        matches = {match(sentence, way) for way in about.says}
        if Match.YES in matches:
            return Finding(about=about, sure=Sure.FOUND, quote=sentence.text)
        if Match.NEGATED in matches and not negated:
            negated = sentence.text
    return Finding(about=about, sure=Sure.NEGATED, quote=negated) if negated else None


class _Likeness:
    """How like sentences are to ideas; the rubric alone sets the weights of words, and nothing is done unasked."""

    def __init__(self, own: Sequence[Sentence], rubric: Rubric) -> None:
        self._own = own
        self._rubric = rubric

    def finding(self, idea: Idea, number: int) -> Finding:
        """Return the sentence most like an idea, if it is like enough."""
        if self._own:
            cosines = self._table[:, number]
            best = int(cosines.argmax())
            if cosines[best] >= SIMILAR:
                return Finding(about=idea, sure=Sure.SIMILAR, quote=self._own[best].text)
        return Finding(about=idea, sure=Sure.MISSING)

    @cached_property
    def _table(self) -> Any:
        vectorizer, ideas = _vectors(self._rubric)
        return (vectorizer.transform([sentence.stems for sentence in self._own]) @ ideas.T).toarray()


def _flags(answer: Answer, sentences: Sequence[Sentence], own: Sequence[Sentence], rubric: Rubric) -> Iterable[Flag]:
    n_words, n_own = len(_words(sentences)), len(_words(own))
    if not n_words:
        yield Flag.HANDED_OUT if answer.handed_out else Flag.EMPTY
        return
    if n_own < (1 - TEXT_COPIED) * n_words:
        yield Flag.QUESTION
    elif n_own < SHORT:
        yield Flag.SHORT
    given = _shingles(own)
    if len(given) >= MIN_SHINGLES and _share(given, _shingles(sentences_of(rubric.answer))) >= TEXT_COPIED:
        yield Flag.REFERENCE
    words = _words(own)
    if len(words) >= SHORT / 2 and sum(word in ALL_STOPS for word in words) < FEWEST_STOPS * len(words):
        yield Flag.KEYWORDS
    if len(answer.text) > MAX_CHARACTERS or len(sentences) >= MAX_SENTENCES:
        yield Flag.CUT


def _words(sentences: Iterable[Sentence]) -> list[str]:
    return [word for sentence in sentences for word in sentence.words if word[0].isalnum()]


def _shingles(sentences: Iterable[Sentence]) -> frozenset[tuple[str, ...]]:
    return frozenset(shingle for sentence in sentences for shingle in _shingles_of(sentence))


def _shingles_of(sentence: Sentence) -> list[tuple[str, ...]]:
    stems = [each for each in sentence.stems if each[0].isalnum()]
    return [tuple(stems[i : i + SHINGLE]) for i in range(len(stems) - SHINGLE + 1)]


def _share(part: Iterable[tuple[str, ...]], whole: frozenset[tuple[str, ...]]) -> float:
    listed = list(part)
    return sum(each in whole for each in listed) / len(listed) if listed else 0.0


def _is_copied(sentence: Sentence, asked: frozenset[tuple[str, ...]]) -> bool:
    return _share(_shingles_of(sentence), asked) >= SENTENCE_COPIED


@lru_cache(maxsize=64)
def _vectors(rubric: Rubric) -> tuple[Any, Any]:
    require("sklearn", "Reading what students write")
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [" . ".join((idea.name, *idea.says)).replace("|", " ") for idea in rubric.ideas]
    stems = [[each for s in sentences_of(text) for each in s.stems] or [text] for text in texts]
    vectorizer = TfidfVectorizer(analyzer=_as_they_are)
    return vectorizer, vectorizer.fit_transform(stems)


def _as_they_are(stems: Sequence[str]) -> Sequence[str]:
    return [each for each in stems if each[0].isalnum() and each not in ALL_STOPS]
