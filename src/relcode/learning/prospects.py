"""What coding a page promises: how much on it is in doubt, which codes it may hold, and which words it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relcode.batches import Run
from relcode.codebook import Codebook
from relcode.learning.features import GRAM_COLUMNS, gram_features
from relcode.learning.model import Model, cue_probabilities
from relcode.learning.segments import Segments
from relcode.records import Session
from relcode.transcripts.tokens import Bools, Floats, TokenTable, tokenize

DIMENSIONS = 128  # words are folded into so many, with signs: products of pages stay about what they are
DYAD_DIMENSIONS = 32
DYAD_WEIGHT = 0.5  # of pages of one dyad: as if they shared half of their words more
_SESSIONS_AT_ONCE = 20


@dataclass(frozen=True)
class Prospects:
    """What a list of pages promises.

    Attributes
    ----------
    errors
        Axes (page, code): on how many segments the model is expected to decide wrongly; 0 where it did not learn the
        code, and without a model.
    positives
        Axes (page, code): how many segments are expected to carry the code.
    coordinates
        Axes (page, dimension): the page's words and its dyad; the larger the product of two rows, the more they are
        alike. Rows have one length.
    """

    errors: Floats
    positives: Floats
    coordinates: npt.NDArray[np.float32]


def survey_pages(sessions: Sequence[Session], pages: Sequence[Run], judge: Model | Codebook) -> Prospects:
    """Judge pages by a model's calibrated probabilities, or by a codebook's cues where there is no model.

    `pages`: in the order of `sessions`, each of one of them.
    """
    codebook = judge.codebook if isinstance(judge, Model) else judge
    rows = rows_of_turns(pages)
    shape = (len(pages), len(codebook.codes))
    errors, positives = np.zeros(shape), np.zeros(shape)
    words = sparse.csr_matrix((len(pages), GRAM_COLUMNS))
    wanted = {page.session_id for page in pages}
    for table in _tables([session for session in sessions if session.session_id in wanted]):
        of_page = segments_of_pages(table, rows, len(pages))
        probability, wrong = _judged(table, judge)
        errors += of_page @ wrong
        positives += of_page @ probability
        words = words + of_page @ gram_features(table)
    dyads = {session.session_id: session.dyad for session in sessions}
    return Prospects(errors, positives, page_coordinates(words, [dyads[page.session_id] for page in pages]))


def rows_of_turns(pages: Sequence[Run]) -> dict[tuple[str, int], int]:
    """By session id and turn: the row of its page."""
    return {
        (page.session_id, turn): row
        for row, page in enumerate(pages)
        for turn in range(page.first_turn, page.last_turn + 1)
    }


def _tables(sessions: Sequence[Session]) -> Iterator[TokenTable]:
    """The sessions some at a time, so that memory does not grow with the study."""
    for start in range(0, len(sessions), _SESSIONS_AT_ONCE):
        yield tokenize(sessions[start : start + _SESSIONS_AT_ONCE])


def segments_of_pages(table: TokenTable, rows: Mapping[tuple[str, int], int], count: int) -> sparse.csr_matrix:
    """Which segments stand on which page, axes (page, segment); `rows`: by session id and turn, the row of its page."""
    names = [session.session_id for session in table.sessions]
    turns = zip(table.turn_session.tolist(), table.turn_number.tolist(), strict=True)
    page_of_turn = np.array([rows.get((names[session], turn), -1) for session, turn in turns], dtype=np.int64)
    page = page_of_turn[table.segment_turn]
    segment = np.flatnonzero(page >= 0)
    return sparse.csr_matrix((np.ones(len(segment)), (page[segment], segment)), shape=(count, len(page)))


def _judged(table: TokenTable, judge: Model | Codebook) -> tuple[Floats, Floats]:
    """Probabilities, and how likely the decisions on them are wrong; both with axes (segment, code)."""
    segments = Segments(table)
    if not isinstance(judge, Model):
        probability = cue_probabilities(segments, judge)
        return probability, np.zeros(probability.shape)
    probability = judge.probabilities(segments)
    return probability, expected_errors(probability, judge.decide(probability), judge.learned)


def expected_errors(probability: Floats, holds: Bools, learned: Bools) -> Floats:
    """How likely each decision is wrong by its own probability, axes (segment, code); 0 of codes that were not learned."""
    wrong: Floats = np.where(holds, 1 - probability, probability) * learned
    return wrong


def page_coordinates(words: sparse.csr_matrix, dyads: Sequence[str]) -> npt.NDArray[np.float32]:
    """Words that are on few pages weigh more; then folded, and beside them the dyad as a random direction."""
    drawn = np.random.default_rng(0)  # a fold, no draw: the same for every seed
    bucket, sign = drawn.integers(DIMENSIONS, size=GRAM_COLUMNS), drawn.choice([-1.0, 1.0], size=GRAM_COLUMNS)
    fold = sparse.csr_matrix((sign, (np.arange(GRAM_COLUMNS), bucket)), shape=(GRAM_COLUMNS, DIMENSIONS))
    on_pages = np.bincount(words.indices, minlength=GRAM_COLUMNS)
    rarity = np.log((1 + len(dyads)) / (1 + on_pages))
    folded = _unit(np.asarray((words @ sparse.diags(rarity) @ fold).todense()))
    names = sorted(set(dyads))
    direction = _unit(drawn.standard_normal((len(names), DYAD_DIMENSIONS))) * np.sqrt(DYAD_WEIGHT)
    row = {name: number for number, name in enumerate(names)}
    found = np.hstack([folded, direction[[row[dyad] for dyad in dyads]]])
    return np.asarray(found, dtype=np.float32)


def _unit(rows: Floats) -> Floats:
    scaled: Floats = rows / np.maximum(np.sqrt((rows * rows).sum(axis=1, keepdims=True)), 1e-12)
    return scaled
