"""Notebooks of a class that share code: a hint for a person to look, never a verdict."""

from grader.similarity.pairs import Pair, similar
from grader.similarity.stretches import Place, Stretch, grown
from grader.similarity.winnowing import Prints, code_tokens, fingerprints, handed_out

__all__ = ["Pair", "Place", "Prints", "Stretch", "code_tokens", "fingerprints", "grown", "handed_out", "similar"]
