"""Cut prepared text into tokens, content words and clauses.

The tokenizer is an own one: jieba's global instance may be changed by any other code in the process. It is built from
jieba's packaged dictionary in half a second and never through jieba's cache, a file with a fixed name in the shared
temporary folder, which another user of the machine may have written.

New words are not guessed: jieba's HMM glued 我用 and 提个, and without it a linear model on the labelled dev split
names business right in 0.61 instead of 0.58 of the texts, and the first leaf in 0.41 instead of 0.37.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from feedback_nlp.text.resources import entries, limits, table

if TYPE_CHECKING:
    from jieba import Tokenizer

# A placeholder or an emoji's name: Chinese, at most letters or digits before it ("[OK手势]", "[18禁]").
MARK = re.compile(r"\[(?:[A-Za-z0-9]{0,5}[一-鿿][一-鿿A-Za-z0-9（）()#*]{0,20}|QQ|OK|DNA|DVD)\]")
_WORD = re.compile(r"[0-9A-Za-z\u3400-\u9fff]")
_NUMBER = re.compile(r"[0-9.,%+-]+")
_STOP = re.compile(r"(?<=[。！？!?；;\n])(?![。！？!?；;\n])")
_COMMA = re.compile(r"(?<=[，,])")
_SPACE = re.compile(r"(?<= )(?! )")


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    """Build this project's tokenizer: jieba's dictionary and the financial lexicon."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42.1 has invalid escapes and imports pkg_resources
        from jieba import Tokenizer
    made = Tokenizer()
    made.FREQ, made.total = made.gen_pfdict(made.get_dict_file())
    made.initialized = True
    for word in lexicon():
        for spelling in {word, word.lower()}:
            made.add_word(spelling)
    return made


@lru_cache(maxsize=1)
def lexicon() -> tuple[str, ...]:
    """Give the words of the financial lexicon, in the order of the file."""
    return tuple(entries("finance.txt"))


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Give the words that say nothing about a text; negations are none of them."""
    return frozenset(entries("stopwords.txt"))


@lru_cache(maxsize=1)
def _service_number() -> re.Pattern[str]:
    return re.compile(table("rules.toml")["service_number"])


def segment(text: str) -> list[str]:
    """Cut into tokens whose join is the text; placeholders and emoji names stay whole.

    >>> segment("95588打不通，[手机号]转账失败[怒火中烧]")
    ['95588', '打不通', '，', '[手机号]', '转账', '失败', '[怒火中烧]']
    """
    cut = partial(tokenizer().lcut, HMM=False)
    tokens: list[str] = []
    end = 0
    for mark in MARK.finditer(text):
        tokens += cut(text[end : mark.start()])
        tokens.append(mark.group())
        end = mark.end()
    tokens += cut(text[end:])
    return tokens


def words(text: str) -> list[str]:
    """Give the content words in order, lower-cased: no stop words, punctuation, or numbers but service numbers.

    Placeholders and emoji names are kept: that somebody gives a card number, or is angry, says something.

    >>> words("我的手机银行APP登录不上，已拨打95588三次！[手机号]")
    ['手机银行', 'app', '登录不上', '已', '拨打', '95588', '三次', '[手机号]']
    """
    stop, service = stop_words(), _service_number().fullmatch
    lowered = (token.lower() for token in segment(text))
    return [
        word
        for word in lowered
        if _WORD.search(word) and word not in stop and (service(word) or not _NUMBER.fullmatch(word))
    ]


def clauses(text: str) -> list[str]:
    """Cut into clauses whose join is the text: at sentence ends; long sentences at commas, spaces, or by force.

    >>> clauses("还款日到了。客服说没有办法！！怎么办")
    ['还款日到了。', '客服说没有办法！！', '怎么办']
    """
    return [clause for sentence in _STOP.split(text) if sentence for clause in _shorter(sentence)]


def _shorter(sentence: str) -> list[str]:
    limit = limits()["clause"]
    if len(sentence) <= limit:
        return [sentence]
    pieces = [piece for piece in _COMMA.split(sentence) if piece]
    pieces = [part for piece in pieces for part in ([piece] if len(piece) <= limit else _SPACE.split(piece)) if part]
    pieces = [part for piece in pieces for part in _by_force(piece, limit=limit)]
    return _joined(pieces, limit=limit)


def _by_force(piece: str, *, limit: int) -> list[str]:
    """Cut at the limit, but never inside a mark."""
    parts: list[str] = []
    while len(piece) > limit:
        at = limit
        for mark in MARK.finditer(piece, 0, 2 * limit):
            if mark.start() < limit < mark.end():
                at = mark.start() or mark.end()
        parts.append(piece[:at])
        piece = piece[at:]
    return [*parts, piece] if piece else parts


def _joined(pieces: list[str], *, limit: int) -> list[str]:
    """Put short neighbours together again as long as they stay within the limit."""
    joined = pieces[:1]
    for piece in pieces[1:]:
        if len(joined[-1]) + len(piece) <= limit:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
