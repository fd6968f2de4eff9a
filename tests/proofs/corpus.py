"""The derivations of tests/proofs/derivations: markdown, with the verdict of every line in a comment before it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from grader.proofs import Judgement, Mark, World

HERE = Path(__file__).parent
HEADER = re.compile(r"^<!-- (?P<fields>name: .*?) -->\n", re.MULTILINE)
CODES = {
    Mark.HOLDS: "h", Mark.FAILS: "f", Mark.DEFINITION: "d", Mark.ASSUMES: "a", Mark.UNCLEAR: "u", Mark.NOT_READ: "n",
}  # fmt: skip


@dataclass(frozen=True)
class Derivation:
    """One derivation and what it must come to."""

    topic: str
    name: str
    text: str
    verdicts: list[str]
    reached: bool
    hint: str


def world(topic: str) -> World:
    """Return the world a topic's derivations live in."""
    return World.model_validate(tomllib.loads((HERE / "worlds" / f"{topic}.toml").read_text(encoding="utf-8")))


def derivations() -> list[Derivation]:
    """Return all of them."""
    found = []
    for path in sorted((HERE / "derivations").glob("*.md")):
        parts = HEADER.split(path.read_text(encoding="utf-8"))
        for fields, text in zip(parts[1::2], parts[2::2], strict=True):
            said = dict(field.split(":", 1) for field in fields.split("; "))
            said = {key.strip(): value.strip() for key, value in said.items()}
            reached = said["result"] == "yes"
            found.append(
                Derivation(path.stem, said["name"], text, said["verdicts"].split(), reached, said.get("hint", ""))
            )
    return found


def codes(judgement: Judgement) -> list[str]:
    """Return the verdict of each claim as a letter."""
    return [CODES[line.mark] for line in judgement.lines if line.mark is not Mark.MENTION]
