"""Which of the few words that matter a label contains, in the languages students label their plots in."""

from __future__ import annotations

import re
import unicodedata

# Beginnings of words. Two curves are told apart by what is training and what is not, so "test" is validation here.
EPOCH = "epoch|epoque|epoca|epok|эпох|итерац|iterat|轮|エポック|에포크"
LOSS = (
    "loss|verlust|perte|perdida|perda|perdita|strata|forlust|verlies|cost|kosten|cout|error|fehler|entrop|"
    "потер|ошибк|损失|損失|손실"
)
TRAINING = "train|entrain|entren|apprenti|allenam|addestr|trein|trenin|обуч|тренир|训练|訓練|학습|훈련"
VALIDATION = "val|test|eval|pruf|провер|валид|тест|验证|驗證|検証|검증"


def mentions(text: str, words: str) -> bool:
    """Tell whether a word of a label begins with one of `words` ("one|other"), whatever its case and accents.

    Where words are not separated by spaces, as in Chinese, it is enough that one is contained.
    """
    return re.search(rf"(?<![a-z])(?:{_plain(words)})", _plain(text)) is not None


def _plain(text: str) -> str:
    """Return text in small letters without accents, `val_loss` and `valLoss` as two words."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text)
    letters = unicodedata.normalize("NFKD", apart.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
