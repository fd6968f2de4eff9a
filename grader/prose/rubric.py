"""What an answer should say, and what it should not: the tables of a review in `assignment.toml`.

A way of saying something is words that must all occur in one sentence, in any order and any form of the word;
`a|b` stands for either, `not` asks for a negation, `not?` does not mind one.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

EITHER_WAY = "not?"
NEGATIONS = frozenset(
    "not no never none neither nor cannot without hardly nicht kein keine keinen keiner keinem nie niemals ohne weder "  # noqa: SIM905
    "नहीं मत न बिना".split()
)


class _Saying(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    says: tuple[str, ...] = Field(min_length=1)

    @field_validator("says")
    @classmethod
    def _have_words(cls, says: tuple[str, ...]) -> tuple[str, ...]:
        for way in says:
            words = [word for word in way.split() if word != EITHER_WAY and word not in NEGATIONS]
            if not words or not all(part for word in words for part in word.split("|")):
                raise ValueError(f"{way!r} needs at least one word beside `not`, and a word on each side of every `|`")
        return says


class Idea(_Saying):
    """Something the answer should say; `weight` is its share against the other ideas."""

    weight: float = Field(1.0, gt=0)


class Mistake(_Saying):
    """A false statement; `because` tells the person who marks why it is false."""

    because: str = ""


class Rubric(BaseModel):
    """Ideas, false statements, and a model answer; all are for staff only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ideas: tuple[Idea, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    answer: str = ""
