"""Invented sessions with labels, and scores of them made up by a rule: no model is needed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from relcode.codebook import Codebook
from relcode.records import Session, Span, Turn
from relcode.spans import write_spans
from relcode.transcripts import write_session
from relcode.transcripts.tokens import segment_codes, tokenize

CODES = ("TSI", "INT.genetic", "RUPT")
SAID = ("I feel moved now.", "Your mother taught you that.", "And then what?", "We went home.")


@pytest.fixture(scope="session")
def book() -> Codebook:
    codes = [
        {"id": "TSI", "name": "TSI", "speakers": ["T"], "definition": "d", "prior": 0.02},
        {"id": "INT.genetic", "name": "I", "speakers": ["T"], "definition": "d", "prior": 0.02},
        {"id": "RUPT", "name": "R", "speakers": ["C"], "definition": "d", "prior": 0.02},
    ]
    import msgspec

    return msgspec.convert(
        {"id": "tiny", "version": "1.0.0", "title": "Tiny", "authors": ["test"], "codes": codes}, Codebook
    )


def invented(count: int = 24, turns: int = 12) -> tuple[list[Session], list[Span]]:
    """Sessions whose turns say one or two of four sentences, with the labels that the sentences deserve."""
    drawn = random.Random(7)
    sessions, spans = [], []
    for number in range(1, count + 1):
        name = f"S{number:02}"
        said = []
        for turn in range(1, turns + 1):
            text = " ".join(drawn.choice(SAID) for _ in range(drawn.choice((1, 2))))
            said.append(Turn(turn, "T" if turn % 2 else "C", text))
            for code, words, speaker in (("TSI", SAID[0], "T"), ("INT.genetic", SAID[1], "T"), ("RUPT", SAID[3], "C")):
                if speaker == said[-1].speaker and (start := text.find(words)) >= 0:
                    end = start + len(words)
                    spans.append(Span(name, turn, start, end, words, code, codebook="tiny@1.0.0", source="accepted"))
        therapist = "T01" if number <= count // 2 else "T02"
        sessions.append(
            Session(name, tuple(said), {"therapist": therapist, "session_number": number, "dyad": f"D{number}"})
        )
    return sessions, spans


def scores_of(sessions: Sequence[Session], spans: Iterable[Span], book: Codebook, seed: int = 1) -> pd.DataFrame:
    """Form 3 of a machine that misses a fifth and gives a tenth too much."""
    table = tokenize(sessions)
    present = segment_codes(table, spans, book.code_ids)
    drawn = np.random.default_rng(seed)
    speakers = [turn.speaker for session in sessions for turn in session.turns]
    frame = pd.DataFrame(
        {
            "session_id": [sessions[row].session_id for row in table.segment_session],
            "turn": table.turn_number[table.segment_turn].astype(np.int32),
            "segment": table.segment_number.astype(np.int32),
            "speaker": [speakers[row] for row in table.segment_turn],
            "start": table.segment_start.astype(np.int32),
            "end": table.segment_end.astype(np.int32),
        }
    )
    for number, code in enumerate(book.code_ids):
        allowed = np.array([book.allows(code, speaker) for speaker in frame.speaker])
        chance = drawn.random(len(frame))
        held = np.where(present[:, number], chance < 0.8, chance < 0.1) & allowed
        column = code.replace(".", "_")
        frame[f"p_{column}"] = np.where(allowed, np.where(held, 0.7, 0.1), 0).astype(np.float32)
        frame[f"y_{column}"] = held
    return frame


@pytest.fixture(scope="session")
def material() -> tuple[list[Session], list[Span]]:
    return invented()


@pytest.fixture(scope="session")
def frame(material: tuple[list[Session], list[Span]], book: Codebook) -> pd.DataFrame:
    return scores_of(*material, book)


@pytest.fixture(scope="session")
def study(
    material: tuple[list[Session], list[Span]],
    frame: pd.DataFrame,
    book: Codebook,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """`transcripts/`, `hand.jsonl` (sessions S01 to S14), `scores.parquet` and `tiny.yaml`."""
    from relcode.codebook.write import write_codebook

    folder = tmp_path_factory.mktemp("study")
    sessions, spans = material
    for session in sessions:
        write_session(session, folder / "transcripts")
    write_spans(folder / "hand.jsonl", [span for span in spans if span.session_id <= "S14"])
    made_by = {"model_id": "made-up", "codebook": "tiny", "codebook_version": "1.0.0", "relcode_version": "0"}
    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(made_by), folder / "scores.parquet"
    )
    write_codebook(book, folder / "tiny.yaml")
    return folder
