"""TF-IDF vectors of messages: names, matter, and both together; the similarity of two is their cosine."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import TypeAlias

import numpy as np

from jieban.language.text.segment import segment_words
from jieban.language.text.sparse import SparseMatrix, sparse_matrix
from jieban.language.topics.place_names import (
    CODE,
    NameBook,
    distinctive_names,
    districts,
    remove_names,
    sound_ngrams,
)
from jieban.language.topics.topic_messages import TopicMessage

MOST_READ = 500  # characters of a text; its matter is usually at the beginning
_RUN = re.compile("[0-9A-Za-z一-鿿]+")
_WORD = re.compile("[0-9a-z一-鿿]")
# Stop words: words of every message, whatever it is about.
_SAYS_NOTHING = re.compile(
    "投诉|反映|反应|举报|咨询|请问|关于|建议|希望|解决|问题|严重|什么|时候|何时|怎么|为什么|为何|我们|你好|您好|尊敬|领导|政府|部门|相关|有关|西地省|谢谢"
    "|一个|没有|可以|居民|业主|小区|请求|强烈|已经|现在|如果|这个|就是|不能|进行|情况|加快|力度|刻不容缓|步伐"
)
BooleanVector: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.bool_]]"


@dataclass(frozen=True)
class MessageVectors:
    """Vectors of n messages. `names`: sounds of names; `matter`: words and pairs of characters without names (subject),
    words without names (subject and text); `whole`: subject and text with names. Rows have length 1, or 0 when empty.
    """

    names: SparseMatrix
    matter: tuple[SparseMatrix, SparseMatrix]
    whole: tuple[SparseMatrix, SparseMatrix]
    named: BooleanVector  # n truth values: does the subject have a name?
    district: SparseMatrix  # n x districts, 1 where the message names it
    placed: SparseMatrix  # n x places, 1 for the registered place of the case
    kind: SparseMatrix  # n x levels of categories, 1 for each level of the message's own
    mentions: list[list[str]]  # names in subjects and texts, the subject's first

    def of(self, members: Sequence[int]) -> "MessageVectors":
        """The vectors of some messages only, with the same weights."""
        rows = np.array(members)
        return MessageVectors(
            names=self.names[rows],
            matter=(self.matter[0][rows], self.matter[1][rows]),
            whole=(self.whole[0][rows], self.whole[1][rows]),
            named=self.named[rows],
            district=self.district[rows],
            placed=self.placed[rows],
            kind=self.kind[rows],
            mentions=[self.mentions[member] for member in members],
        )


def vectorize(messages: Sequence[TopicMessage]) -> MessageVectors:
    """Vectorizes the messages; document frequencies are those of just these messages."""
    heads = [
        f"{message.place}，{message.subject}" if message.place else message.subject for message in messages
    ]
    texts = [message.text[:MOST_READ] for message in messages]
    book = NameBook.of(zip(heads, texts, strict=True))
    where = [
        {message.place} if message.place else districts(head) or districts(text[:80])
        for message, head, text in zip(messages, heads, texts, strict=True)
    ]
    in_heads, in_texts = distinctive_names(
        [book.names(head) for head in heads], [book.names(text) for text in texts], where
    )
    mentions = [head + text for head, text in zip(in_heads, in_texts, strict=True)]
    bare = [
        remove_names(message.subject, [*names, message.place])
        for message, names in zip(messages, mentions, strict=True)
    ]
    bare_heads = [_words(head) for head in bare]
    bare_texts = [_words(remove_names(text, names)) for text, names in zip(texts, mentions, strict=True)]
    pairs = [_grams(head) for head in bare]
    return MessageVectors(
        names=tf_idf(
            [
                _sounds_of_names(head) * 2 + _sounds_of_names(text)
                for head, text in zip(in_heads, in_texts, strict=True)
            ]
        ),
        matter=(
            tf_idf([words + grams for words, grams in zip(bare_heads, pairs, strict=True)]),
            tf_idf([head * 3 + text for head, text in zip(bare_heads, bare_texts, strict=True)]),
        ),
        whole=(
            tf_idf([_words(CODE.sub(" ", head)) + _grams(CODE.sub(" ", head)) for head in heads]),
            tf_idf([_words(CODE.sub(" ", text)) for text in texts]),
        ),
        named=np.array([bool(names) for names in in_heads], dtype=bool),
        district=_indicator_matrix(where),
        placed=_indicator_matrix([{message.place} if message.place else set() for message in messages]),
        kind=_indicator_matrix([_levels(message.kind) for message in messages]),
        mentions=mentions,
    )


def tf_idf(bags: Sequence[Sequence[str]]) -> SparseMatrix:
    """TF-IDF: bags of features as rows of length 1.

    (1 + log(count)) x (1 + log((1 + n) / (1 + bags that have it))); a feature of only one bag is left out.
    n bags give n rows.
    """
    count = len(bags)
    having = Counter(feature for bag in bags for feature in set(bag))
    features = sorted(feature for feature, bags_with in having.items() if bags_with > 1)
    columns = {feature: at for at, feature in enumerate(features)}
    weights = {feature: 1 + log((1 + count) / (1 + having[feature])) for feature in columns}
    values, places, ends = [], [], [0]
    for bag in bags:
        row = {columns[feature]: (1 + log(times)) * weights[feature]
               for feature, times in Counter(bag).items() if feature in columns}  # fmt: skip
        length = sqrt(sum(value * value for value in row.values()))
        for place in sorted(row):
            places.append(place)
            values.append(row[place] / length)
        ends.append(len(places))
    shape = (count, max(len(columns), 1))
    return sparse_matrix((np.array(values, "f4"), np.array(places, "i4"), np.array(ends, "i4")), shape)


def _levels(kind: tuple[str, ...]) -> set[str]:
    return {"/".join(kind[: level + 1]) for level in range(len(kind))}


def _indicator_matrix(found: Sequence[set[str]]) -> SparseMatrix:
    columns = {name: at for at, name in enumerate(sorted(set().union(*found)))}
    filled = [(row, columns[name]) for row, names in enumerate(found) for name in sorted(names)]
    rows, places = zip(*filled, strict=True) if filled else ((), ())
    ones = np.ones(len(filled), "f4")
    return sparse_matrix((ones, (rows, places)), (len(found), max(len(columns), 1)))


def _sounds_of_names(names: Sequence[str]) -> list[str]:
    return [sound for name in dict.fromkeys(names) for sound in sound_ngrams(name)]


def _words(text: str) -> list[str]:
    return [
        word
        for word in segment_words(text.lower())
        if len(word) > 1 and _WORD.match(word) and not _SAYS_NOTHING.fullmatch(word)
    ]


def _grams(text: str) -> list[str]:
    """N-grams (2, 3) of characters, without stop words."""
    return [
        run[at : at + size]
        for run in _RUN.findall(_SAYS_NOTHING.sub(" ", text))
        for size in (2, 3)
        for at in range(len(run) - size + 1)
    ]
