"""An encoder of sentences, for who installs one: an interface, batches, and a cache. Off unless it is given.

The classifier needs none; what one would add is in docs/decisions/0009-classification.md. An encoder that is not
there, or fails, never stops an operator: whoever asks goes on without it.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Protocol

import numpy as np

from jieban.language.features import Floats

BATCH = 32  # texts that an encoder is given at once
CACHED = 10_000  # vectors kept; 384 numbers each are 15 MB
LONGEST = 400  # characters that are encoded; the rest of a text repeats its matter


class Encoder(Protocol):
    """Turns texts into vectors of one length. `name` changes whenever the vectors do."""

    @property
    def name(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """n texts x d numbers."""
        ...


class Cached:
    """An encoder that works in batches and encodes no text twice; the texts themselves are not kept."""

    def __init__(self, encoder: Encoder, *, most: int = CACHED) -> None:
        self.name = encoder.name
        self._encoder, self._most = encoder, most
        self._known: OrderedDict[bytes, Floats] = OrderedDict()
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> Floats:
        """n texts x d numbers, each row of length one (a row of zeros stays so). Raises what the encoder raises."""
        keys = [_key(text) for text in texts]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        for batch in _batches(list(missing.items())):
            vectors = self._encoder.encode([text[:LONGEST] for _, text in batch])
            if len(vectors) != len(batch):
                raise ValueError(f"{self.name}: {len(batch)} texts, {len(vectors)} vectors")
            found |= {key: _of_length_one(vector) for (key, _), vector in zip(batch, vectors, strict=True)}
        self._keep({key: found[key] for key in keys})
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, 0), np.float32)

    def _keep(self, used: dict[bytes, Floats]) -> None:
        with self._lock:
            for key, vector in used.items():
                self._known[key] = vector
                self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text[:LONGEST].encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _batches(rows: list[tuple[bytes, str]]) -> Iterator[list[tuple[bytes, str]]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _of_length_one(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return (vector / length if length else vector).astype(np.float32)
