"""Replace identifiers: by a tag or by a consistent surrogate, the same for the same person across a dyad's sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from relcode.deid.date_shift import DateShift
from relcode.deid.detect import Finding, detect, known_names
from relcode.deid.header import RELATIONS, NeutralIds, clean_header
from relcode.deid.key import Key
from relcode.deid.offsets import OffsetMap
from relcode.deid.second_pass import find_with_names
from relcode.deid.surrogates import Mode, Replacements
from relcode.records import Session, Turn

REPLACE_AT = 0.5


@dataclass(frozen=True, repr=False)
class DeidResult:
    """De-identified sessions, and what was done to them.

    Findings and offset maps are against the *input* turns and bear the input's session ids; `session_ids` has the new id
    of each session whose id held a name. `key` says what each replacement stands for: keep it apart or not at all.
    `notes`: what was done to the header of a session (by its new id), without any words.
    """

    sessions: tuple[Session, ...]
    findings: tuple[Finding, ...]
    offset_maps: Mapping[tuple[str, int], OffsetMap]
    key: Key
    mode: Mode = "tag"
    session_ids: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def deidentify(
    sessions: Iterable[Session], *, mode: Mode = "tag", key: Key | None = None, taken_ids: Collection[str] = ()
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

    Notes
    -----
    Two passes: names found anywhere in a dyad's sessions are then found in all of them, in any case.
    """
    kept = list(sessions)
    key = Key() if key is None else key
    parts = list(deidentify_by_dyad(kept, mode=mode, key=key, taken_ids=taken_ids))
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
    )


def deidentify_by_dyad(
    sessions: Sequence[Session], *, mode: Mode = "tag", key: Key, taken_ids: Collection[str] = ()
) -> Iterator[DeidResult]:
    """`deidentify`, a dyad at a time, so that what is done with can be let go of; `key` is extended on the way."""
    groups: dict[str, list[Session]] = {}
    for session in sessions:
        groups.setdefault(session.dyad, []).append(session)
    ids = NeutralIds(key, {*taken_ids, *_ids_of(sessions)})
    for dyad, group in groups.items():
        yield _deidentify_dyad(dyad, group, mode, key, ids)


def _deidentify_dyad(dyad: str, group: Sequence[Session], mode: Mode, key: Key, ids: NeutralIds) -> DeidResult:
    first_look = [detect(session) for session in group]
    names = known_names(finding for found in first_look for finding in found)
    findings = [
        [finding for finding in find_with_names(session, found, names) if finding.probability >= REPLACE_AT]
        for session, found in zip(group, first_look, strict=True)
    ]
    replacements = Replacements(dyad, key, mode, group)
    for session, found in zip(group, findings, strict=True):
        replacements.learn(session, found)
    done: list[Session] = []
    maps: dict[tuple[str, int], OffsetMap] = {}
    new_ids: dict[str, str] = {}
    notes: dict[str, str] = {}
    for session, found in zip(group, findings, strict=True):
        dates = replacements.date_shift(session)
        turns = _replaced(session, found, replacements, dates, maps)
        header, changed = clean_header(session, ids, names, dates if mode == "surrogate" else None)
        known = header.get(RELATIONS)  # of an earlier run, if this text has been through one
        relations = (known if isinstance(known, dict) else {}) | replacements.relations(session, found)
        new_id = ids.of("session_id", session.session_id, names)
        said = [f"left out of the header or changed: {', '.join(sorted(changed))}"] if changed else []
        if new_id != session.session_id:
            new_ids[session.session_id] = new_id
            said.insert(0, "its id held a name and was replaced")
        if said:
            notes[new_id] = "; ".join(said)
        done.append(Session(new_id, turns, header | ({RELATIONS: relations} if relations else {})))
    flat = tuple(finding for found in findings for finding in found)
    return DeidResult(tuple(done), flat, maps, key, mode, new_ids, notes)


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
