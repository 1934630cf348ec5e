"""Hashes of words and of runs of words, the same in every process, and rows of counts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relcode.transcripts.tokens import Ints

Hashes = npt.NDArray[np.uint64]
FACTORS = tuple(
    np.uint64(factor)
    for factor in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
)
EDGE = np.uint64(0x165667B19E3779F9)


@lru_cache(maxsize=200_000)
def _digest(word: str) -> bytes:
    return hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def hash_words(words: Sequence[str]) -> Hashes:
    """By word: 64 bits that depend on its characters alone."""
    digests = b"".join(map(_digest, words))
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def hash_runs(words: Hashes, length: int) -> Hashes:
    """By start: one hash of `length` neighbouring words, in their order."""
    starts = len(words) - length + 1
    if starts <= 0:
        return np.zeros(0, dtype=np.uint64)
    with np.errstate(over="ignore"):
        runs = words[:starts] * FACTORS[0]
        for place in range(1, length):
            runs = runs ^ words[place : place + starts] * FACTORS[place]
    return runs


def columns_of(keys: Hashes, columns: int) -> Ints:
    """The column of each hash. The low bits of products are poor, so they are shifted out."""
    return ((keys >> np.uint64(24)) % np.uint64(columns)).astype(np.int64)


def count_keys(rows: Ints, keys: Hashes, shape: tuple[int, int]) -> sparse.csr_matrix:
    """How often each hash stands in each row, axes (row, column of the hash)."""
    values = np.ones(len(rows), dtype=np.float32)
    matrix = sparse.csr_matrix((values, (rows, columns_of(keys, shape[1]))), shape=shape)
    matrix.sum_duplicates()
    return matrix


def unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows scaled to unit length (L2); rows of nothing stay."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scaled = matrix.copy()
    scaled.data = (scaled.data / np.repeat(np.maximum(lengths, 1e-12), np.diff(scaled.indptr))).astype(np.float32)
    return scaled
