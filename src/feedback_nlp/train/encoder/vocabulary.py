"""A tokenizer of characters and words: pieces are what jieba cuts, with the financial lexicon.

A unigram model (Kudo 2018) whose scores are the logarithms of relative frequencies: it finds the most probable cut, in
Rust. Placeholders and frequent emoji names are single pieces; digits stand alone; what is unknown is [UNK].
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from feedback_nlp.errors import TrainerError
from feedback_nlp.text.mask import PLACEHOLDERS
from feedback_nlp.text.segment import MARK, segment
from feedback_nlp.train.encoder.config import Pieces

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNKNOWN, OPENING, CLOSING, MASK = range(len(SPECIAL))
FIRST = len(SPECIAL)  # the first id that is text
FILE = "tokenizer.json"

_DIGIT = re.compile(r"\d")


def count(texts: Iterable[str]) -> Counter[str]:
    """Count the words of prepared texts; marks whole, the rest in lower case."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(word if MARK.fullmatch(word) else word.lower() for word in segment(text) if not word.isspace())
    return found


def learn(words: Counter[str], *, numbers: Pieces) -> Tokenizer:
    """Choose the pieces by their counts and score them. Raises TrainerError where the characters alone are too many."""
    marks = {word for word in words if MARK.fullmatch(word)}
    frozen = tuple(PLACEHOLDERS.values())
    emoji = [word for word, times in _ranked(words) if word in marks - {*frozen} and times >= numbers.emoji_least]
    characters: Counter[str] = Counter()
    for word, times in words.items():
        if word not in marks:
            for character in word:
                characters[character] += times
    letters = [sign for sign, times in _ranked(characters)[: numbers.characters] if times >= numbers.least]
    whole = [*frozen, *emoji[: numbers.emoji]]
    room = numbers.size - FIRST - len(whole) - len(letters)
    if room < 0 or not letters:
        raise TrainerError(f"tokenizer: {numbers.size} pieces leave no room for words, or there is no text; raise size")
    kept = [word for word, _ in _ranked(words) if _is_word(word, longest=numbers.longest) and word not in marks][:room]
    total = words.total()
    scores = [(piece, 0.0) for piece in (*SPECIAL, *whole)]
    # A character inside words must be much rarer than any word that holds it, or the cut falls apart.
    scores += [(sign, math.log(max(words[sign], characters[sign] * numbers.rare, 1) / total)) for sign in letters]
    scores += [(word, math.log(words[word] / total)) for word in kept]
    return _assembled(scores, whole)


def read_tokenizer(path: str) -> Tokenizer:
    """Open a tokenizer.json; refuse one whose special pieces or placeholders are not where this project has them."""
    refused = TrainerError(f"{path}: lacks this project's pieces; name the tokenizer.json of an encoder made here")
    try:
        text = Path(path).read_text(encoding="utf-8")
        known = json.loads(text)
    except (OSError, ValueError) as error:
        raise refused from error
    if not isinstance(known, dict) or not {"model", "added_tokens", "pre_tokenizer"} <= known.keys():
        raise refused
    tokenizer = Tokenizer.from_str(text)
    wanted = (*SPECIAL, *PLACEHOLDERS.values())
    if [tokenizer.token_to_id(piece) for piece in wanted] != list(range(len(wanted))):
        raise refused
    return tokenizer


def _assembled(scores: list[tuple[str, float]], whole: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=UNKNOWN))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    tokenizer.add_special_tokens([AddedToken(piece, special=True) for piece in SPECIAL])
    tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in whole])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(SPECIAL[OPENING], OPENING), (SPECIAL[CLOSING], CLOSING)],
    )
    return tokenizer


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    """Sort by count, then by code: the same texts give the same pieces, whatever order they were counted in."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _is_word(word: str, *, longest: int) -> bool:
    return 1 < len(word) <= longest and word.isalnum() and not _DIGIT.search(word)
