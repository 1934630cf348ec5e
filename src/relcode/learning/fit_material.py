"""What a fit of cues reads: each cue in each labelled segment, as columns that any code may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse

from relcode.codebook import Codebook
from relcode.cues import CueEngine
from relcode.cues.context import read_context
from relcode.cues.lint import example_turns
from relcode.records import Session, Span
from relcode.transcripts.tokens import Bools, Floats, TokenTable, segment_codes, tokenize


class Column(NamedTuple):
    """A cue that codes may use: the cue by its reference (`TSI/own-reaction`), and whether over the turn."""

    use: str
    over_turn: bool


@dataclass(frozen=True)
class Material:
    """Axes: segment, column, code. `offset`: the author's scores without the base rate; `own`, `open`: which columns are
    a code's own cues, and which it may use at all; `base`: log-odds of the base rates."""

    table: TokenTable
    columns: list[Column]
    features: sparse.csr_matrix
    marks: Bools
    allowed: Bools
    offset: Floats
    base: Floats
    own: Bools
    open: Bools


def read_material(codebook: Codebook, sessions: Sequence[Session], spans: Sequence[Span]) -> Material:
    """Look for every cue of a codebook in sessions, in the segment and over the turn, beside the labels."""
    table = tokenize(sessions)
    engine = CueEngine(codebook)
    context = read_context(table)
    probes = engine.probe(table, context)
    allowed = engine.allowed(table)
    sources = engine.sources
    turn_of = sparse.csr_matrix(
        (np.ones(len(table.segment_turn)), (table.segment_turn, np.arange(len(table.segment_turn)))),
        shape=(len(table.turn_session), len(table.segment_turn)),
    )
    known = {(source.use, source.over_turn) for source in sources}
    spread = [place for place, source in enumerate(sources) if source.may_spread and (source.use, True) not in known]
    by_turn = sparse.csr_matrix(turn_of @ probes[:, spread])
    by_turn.data = np.minimum(by_turn.data, 1.0)
    columns = [Column(source.use, source.over_turn) for source in sources]
    columns += [Column(sources[place].use, True) for place in spread]
    features = sparse.csr_matrix(sparse.hstack([probes, by_turn[table.segment_turn]], format="csr"))
    own = np.zeros((len(columns), len(codebook.codes)), dtype=np.bool_)
    own[engine.probe_of, engine.code_of] = True
    may_use = np.zeros_like(own)
    homes = [sources[place].reference for place in [*range(len(sources)), *spread]]
    for number, code in enumerate(codebook.codes):
        book = next((each for each in codebook.members if each.reference == code.origin), codebook)
        within = {each.reference for each in (book, *book.all_used)}
        may_use[:, number] = [home in within for home in homes]
    fired = engine.fire(table, context)
    return Material(
        table,
        columns,
        features,
        segment_codes(table, spans, codebook.code_ids) & allowed,
        allowed,
        np.asarray((fired @ engine.weights).todense()),
        engine.priors,
        own,
        own | may_use,
    )


def read_examples(codebook: Codebook) -> Material:
    """The codebook's own written examples as material: of a hit, the segment that the author's weights find likeliest;
    of a miss, every segment. An example speaks of its own code alone."""
    sessions: list[Session] = []
    kinds: list[tuple[int, int, bool]] = []  # number of the example, its code, whether it is a hit
    number = 0
    for column, code in enumerate(codebook.codes):
        for kind in ("hit", "near_hit", "near_miss", "miss"):
            for text in getattr(code.examples, kind):
                number += 1
                for turns in example_turns(text, code):
                    sessions.append(Session(f"example {len(sessions)}", turns))
                    kinds.append((number, column, kind.endswith("hit")))
    material = read_material(codebook, sessions, [])
    table = material.table
    last_turn = np.array([len(session.turns) for session in sessions], dtype=np.int64)
    judged = table.turn_number[table.segment_turn] == last_turn[table.segment_session]
    marks, allowed = np.zeros_like(material.marks), np.zeros_like(material.allowed)
    likeliest: dict[int, int] = {}
    for row in np.flatnonzero(judged):
        example, column, hit = kinds[int(table.segment_session[row])]
        if not material.allowed[row, column]:
            continue
        if not hit:
            allowed[row, column] = True
        elif example not in likeliest or material.offset[row, column] > material.offset[likeliest[example], column]:
            likeliest[example] = int(row)
    for found in likeliest.values():
        column = kinds[int(table.segment_session[found])][1]
        marks[found, column] = allowed[found, column] = True
    return replace(material, marks=marks, allowed=allowed)
