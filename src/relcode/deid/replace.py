"""Replace identifiers: by a tag or by a consistent surrogate, the same for the same person across a dyad's sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from relcode.deid.date_shift import DateShift
from relcode.deid.decisions import NO_DECISIONS, Decision, Decisions, Rejected, decisions_in_force
from relcode.deid.detect import Finding, detect, known_names
from relcode.deid.header import RELATIONS, NeutralIds, clean_header, may_hold_name
from relcode.deid.key import Key
from relcode.deid.offsets import OffsetMap
from relcode.deid.second_pass import find_with_names
from relcode.deid.surrogates import Mode, Replacements
from relcode.records import Session, Turn


@dataclass(frozen=True, repr=False)
class DeidResult:
    """De-identified sessions, and what was done to them.

    Findings and offset maps are against the *input* turns and bear the input's session ids; `session_ids` has the new id
    of each session whose id held a name. `key` says what each replacement stands for: keep it apart or not at all.
    `notes`: what was done to the header of a session (by its new id), without any words. `rejected`: places in the input
    that a person said hold no identifier; `not_applied`: a line for each decision that no longer fits its turn.
    """

    sessions: tuple[Session, ...]
    findings: tuple[Finding, ...]
    offset_maps: Mapping[tuple[str, int], OffsetMap]
    key: Key
    mode: Mode = "tag"
    session_ids: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    not_applied: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Run:
    """What holds for all dyads of a run."""

    mode: Mode
    key: Key
    ids: NeutralIds
    review: Decisions
    entities: str | None


def deidentify(
    sessions: Iterable[Session],
    *,
    mode: Mode = "tag",
    key: Key | None = None,
    taken_ids: Collection[str] = (),
    decisions: Iterable[Decision] = (),
    entities: str | None = None,
) -> DeidResult:
    """Remove identifiers from sessions.

    Parameters
    ----------
    mode
        `tag` writes `[NAME_3]`; `surrogate` invented people, places, organisations and numbers, and moved dates; what
        cannot be invented becomes a tag. Both are the same for the same person or thing in all sessions of a dyad.
    key
        Of an earlier run: its replacements stay, and it is extended in place. Without one, tags are numbered in the
        order of the text, and surrogates and dates differ from run to run.
    taken_ids
        Ids of other sessions, which a neutral id must not repeat.
    decisions
        What persons decided in a review, in the order of their deciding.
    entities
        An installed spaCy pipeline whose entities are found too (`detect`).

    Notes
    -----
    Two passes: names found anywhere in a dyad's sessions are then found in all of them, in any case.
    """
    kept = list(sessions)
    key = Key() if key is None else key
    review = decisions_in_force(decisions, kept)
    parts = list(deidentify_by_dyad(kept, mode=mode, key=key, taken_ids=taken_ids, review=review, entities=entities))
    ids = {old: new for part in parts for old, new in part.session_ids.items()}
    done = {session.session_id: session for part in parts for session in part.sessions}
    return DeidResult(
        tuple(done[ids.get(session.session_id, session.session_id)] for session in kept),
        tuple(finding for part in parts for finding in part.findings),
        {place: offsets for part in parts for place, offsets in part.offset_maps.items()},
        key,
        mode,
        ids,
        {session_id: note for part in parts for session_id, note in part.notes.items()},
        tuple(place for part in parts for place in part.rejected),
        review.not_applied,
    )


def deidentify_by_dyad(
    sessions: Sequence[Session],
    *,
    mode: Mode = "tag",
    key: Key,
    taken_ids: Collection[str] = (),
    review: Decisions = NO_DECISIONS,
    entities: str | None = None,
) -> Iterator[DeidResult]:
    """`deidentify`, a dyad at a time, so that what is done with can be let go of; `key` is extended on the way."""
    groups: dict[str, list[Session]] = {}
    for session in sessions:
        groups.setdefault(session.dyad, []).append(session)
    run = _Run(mode, key, NeutralIds(key, {*taken_ids, *_ids_of(sessions)}), review, entities)
    for dyad, group in groups.items():
        yield _deidentify_dyad(dyad, group, run)


def _deidentify_dyad(dyad: str, group: Sequence[Session], run: _Run) -> DeidResult:
    first_look = [detect(session, entities=run.entities) for session in group]
    names = known_names(
        finding
        for session, found in zip(group, first_look, strict=True)
        for finding in run.review.settle(session, found)[0]
    )
    settled = [
        run.review.settle(session, find_with_names(session, found, names, entities=run.entities))
        for session, found in zip(group, first_look, strict=True)
    ]
    findings = [found for found, _ in settled]
    replacements = Replacements(dyad, run.key, run.mode, group)
    for session, found in zip(group, findings, strict=True):
        replacements.learn(session, found)
    done: list[Session] = []
    maps: dict[tuple[str, int], OffsetMap] = {}
    new_ids: dict[str, str] = {}
    notes: dict[str, str] = {}
    for session, found in zip(group, findings, strict=True):
        dates = replacements.date_shift(session)
        turns = _replaced(session, found, replacements, dates, maps)
        header, changed = clean_header(session, run.ids, names, dates if run.mode == "surrogate" else None)
        known = header.get(RELATIONS)  # of an earlier run, if this text has been through one
        relations = (known if isinstance(known, dict) else {}) | replacements.relations(session, found)
        new_id = run.ids.of("session_id", session.session_id, names)
        said = [f"left out of the header or changed: {', '.join(sorted(changed))}"] if changed else []
        if new_id != session.session_id:
            new_ids[session.session_id] = new_id
            said.insert(0, "its id held a name and was replaced")
        elif may_hold_name(new_id, names):
            said.insert(0, "the word in its id may be a name: rename the file if it is")
        if said:
            notes[new_id] = "; ".join(said)
        done.append(Session(new_id, turns, header | ({RELATIONS: relations} if relations else {})))
    flat = tuple(finding for found in findings for finding in found)
    rejected = tuple(place for _, places in settled for place in places)
    return DeidResult(tuple(done), flat, maps, run.key, run.mode, new_ids, notes, rejected)


def _replaced(
    session: Session,
    findings: Sequence[Finding],
    replacements: Replacements,
    dates: DateShift,
    maps: dict[tuple[str, int], OffsetMap],
) -> tuple[Turn, ...]:
    by_turn: dict[int, list[Finding]] = {}
    for finding in findings:
        by_turn.setdefault(finding.turn, []).append(finding)
    turns: list[Turn] = []
    for turn in session.turns:
        edits: list[tuple[int, int, int, int]] = []
        pieces: list[str] = []
        read = written = 0
        for finding in by_turn.get(turn.turn, ()):
            new = replacements.replacement(finding, turn, dates)
            before = turn.text[read : finding.start]
            written += len(before)
            edits.append((finding.start, finding.end, written, written + len(new)))
            pieces += [before, new]
            read, written = finding.end, written + len(new)
        if edits:
            maps[(session.session_id, turn.turn)] = OffsetMap(tuple(edits))
            turn = msgspec.structs.replace(turn, text="".join([*pieces, turn.text[read:]]))
        turns.append(turn)
    return tuple(turns)


def _ids_of(sessions: Iterable[Session]) -> set[str]:
    """All ids that stand in headers: none of them is given to another."""
    fields = ("dyad", "therapist", "client")
    return {
        str(value)
        for session in sessions
        for value in (session.session_id, *map(session.metadata.get, fields))
        if value
    }
