"""Chunks found letter by letter are those of `str.split`, under the numbers they were given."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from relcode.transcripts.chunk_table import UNKNOWN, ChunkTable, letters_of

TEXTS = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.lists(st.sampled_from(["I", "I'm", "we", "\u3000", "\x1c", " ", "\n", "\ud800", "é", "𝒳"])).map("".join),
    ),
    min_size=1,
    max_size=6,
)


def found(table: ChunkTable, texts: list[str]) -> tuple[list[str], list[int], list[int]]:
    blob = "\n".join(texts)
    lengths = np.array([len(text) + 1 for text in texts])
    chunks = table.find(letters_of(blob), np.cumsum(lengths) - lengths)
    places = zip(chunks.began.tolist(), chunks.ended.tolist(), strict=True)
    return [blob[began:ended] for began, ended in places], chunks.text_row.tolist(), chunks.number.tolist()


@given(TEXTS)
def test_chunks_are_those_between_white_space(texts: list[str]) -> None:
    chunks, rows, numbers = found(ChunkTable(), texts)
    assert chunks == [chunk for text in texts for chunk in text.split()]
    assert rows == [row for row, text in enumerate(texts) for _ in text.split()]
    assert set(numbers) <= {UNKNOWN}


@given(TEXTS, TEXTS)
def test_known_chunks_have_their_numbers_and_others_none(known: list[str], texts: list[str]) -> None:
    table = ChunkTable()
    distinct = list(dict.fromkeys(chunk for text in known for chunk in text.split()))
    table.add(distinct[:2])
    table.add(distinct[2:])
    assert len(table) == len(distinct)
    chunks, _, numbers = found(table, [*texts, *known])
    assert numbers == [distinct.index(chunk) if chunk in distinct else UNKNOWN for chunk in chunks]


def test_a_table_grows() -> None:
    table = ChunkTable()
    words = [f"word{number}" for number in range(60_000)]
    for first in range(0, len(words), 7_000):
        table.add(words[first : first + 7_000])
    _, _, numbers = found(table, [" ".join([*reversed(words), "word", "wor", "word60000"])])
    assert numbers == [*reversed(range(60_000)), UNKNOWN, UNKNOWN, UNKNOWN]
