"""Batches and the cache of an encoder, tried on one that counts characters."""

from collections.abc import Sequence

import numpy as np
import pytest

from jieban.language.encoder import BATCH, Cached
from jieban.language.features import Floats


class Counting:
    name = "counting 1"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.asked.append(len(texts))
        return np.array([[text.count("热"), text.count("水")] for text in texts], np.float32)


def test_no_text_is_encoded_twice_and_rows_keep_their_order() -> None:
    inner = Counting()
    encoder = Cached(inner)
    first = encoder.encode(["水水", "热", "水水", ""])
    assert first.tolist() == [[0, 1], [1, 0], [0, 1], [0, 0]]
    assert encoder.encode(["热", "水水"]).tolist() == [[1, 0], [0, 1]]
    assert inner.asked == [3]


def test_many_texts_go_in_batches_and_the_oldest_leave_the_cache() -> None:
    inner = Counting()
    encoder = Cached(inner, most=2)
    encoder.encode([f"热{number}" for number in range(BATCH + 1)])
    encoder.encode([f"热{BATCH}"])
    encoder.encode(["热0"])
    assert inner.asked == [BATCH, 1, 1]


def test_an_encoder_that_loses_texts_is_noticed() -> None:
    class Losing(Counting):
        def encode(self, texts: Sequence[str]) -> Floats:
            return super().encode(texts[1:])

    with pytest.raises(ValueError, match="2 texts, 1 vectors"):
        Cached(Losing()).encode(["a", "b"])
    assert Cached(Losing()).encode([]).shape == (0, 0)
