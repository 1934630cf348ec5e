"""Compiled loops from where patterns match to which probes fire."""

from __future__ import annotations

import numpy as np

from relcode.compiled import compiled
from relcode.cues.firing_arrays import (
    EITHER,
    IN_SEGMENT,
    IN_TURN,
    IN_TURN_BEFORE,
    Conditions,
    Int32,
    Int64,
    Probes,
    Segments,
)


@compiled
def _holds(condition: int, segment: int, conditions: Conditions, segments: Segments) -> bool:
    if segments.traits[segment] & conditions.forbidden[condition]:
        return False
    for count in range(segments.counts.shape[1]):
        words = segments.counts[segment, count]
        if words < conditions.least[condition, count] or words > conditions.most[condition, count]:
            return False
    return True


@compiled
def fire_probes(
    turn: int,
    begin: Int64,
    hits: Int32,
    probes: Probes,
    conditions: Conditions,
    segments: Segments,
    fired_begin: Int64,
    fired: Int32,
) -> int:
    """Find which probes fire in the segments of the turns from one on, codes in their conditions left aside.

    Parameters
    ----------
    begin, hits
        By segment, the probes with patterns that match in it, each once.

    Returns
    -------
    The first turn for which there was no room in `fired`, or the number of turns.
    """
    where, over_turn, condition = probes.where, probes.over_turn, probes.condition
    bare_begin, bare, bare_quoted = probes.bare_begin, probes.bare, probes.bare_quoted
    turn_begin, opens, quoting = segments.begin, segments.opens, segments.quoting
    most = len(where)
    seen, over_seen = np.full(most, -1, dtype=np.int64), np.full(most, -1, dtype=np.int64)
    found, over = np.zeros(most, dtype=np.int32), np.zeros(most, dtype=np.int32)
    count = fired_begin[turn_begin[turn]]
    for row in range(turn, len(opens)):
        first, last = turn_begin[row], turn_begin[row + 1]
        if count + (last - first) * most > len(fired):
            return row
        whole = spread = 0  # looked for in the whole turn or in the one before; to be spread over the turn
        for segment in range(first if opens[row] else turn_begin[row - 1], last):
            looked_for = IN_TURN if segment >= first else IN_TURN_BEFORE
            for place in range(begin[segment], begin[segment + 1]):
                probe = hits[place]
                if where[probe] == looked_for and seen[probe] != row:
                    seen[probe] = row
                    found[whole] = probe
                    whole += 1
            for place in range(bare_begin[looked_for], bare_begin[looked_for + 1]):
                probe, wanted = bare[place], bare_quoted[place]
                if seen[probe] != row and (wanted == EITHER or wanted == quoting[segment]):
                    seen[probe] = row
                    found[whole] = probe
                    whole += 1
        for segment in range(first, last):
            candidates = whole
            for place in range(begin[segment], begin[segment + 1]):
                if where[hits[place]] == IN_SEGMENT:
                    found[candidates] = hits[place]
                    candidates += 1
            for place in range(bare_begin[IN_SEGMENT], bare_begin[IN_SEGMENT + 1]):
                wanted = bare_quoted[place]
                if wanted == EITHER or wanted == quoting[segment]:
                    found[candidates] = bare[place]
                    candidates += 1
            for place in range(candidates):
                probe = found[place]
                if over_turn[probe] and over_seen[probe] == row:
                    continue
                if not _holds(condition[probe], segment, conditions, segments):
                    continue
                if over_turn[probe]:
                    over_seen[probe] = row
                    over[spread] = probe
                    spread += 1
                else:
                    fired[count] = probe
                    count += 1
            fired_begin[segment + 1] = count
        if spread:
            _spread_over(first, last, over[:spread], fired_begin, fired)
            count = fired_begin[last]
    return len(opens)


@compiled
def _spread_over(first: int, last: int, over: Int32, fired_begin: Int64, fired: Int32) -> None:
    """Put some probes behind those of each segment of a turn."""
    for segment in range(last - 1, first - 1, -1):
        moved = (segment - first) * len(over)
        end = fired_begin[segment + 1]
        for row in range(end - 1, fired_begin[segment] - 1, -1):
            fired[row + moved] = fired[row]
        fired[end + moved : end + moved + len(over)] = over
    for segment in range(first, last):
        fired_begin[segment + 1] += (segment - first + 1) * len(over)
