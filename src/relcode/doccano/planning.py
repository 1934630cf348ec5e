"""Which pages a coder gets in a batch: those of its plan, or all pages of all sessions where there is none.

A page that the manifest has is laid out again as it was recorded; what is new is made, and recorded by the caller.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from relcode.batches import Assignment, Plan, turns_confirmed
from relcode.batches.runs import Place
from relcode.codebook import Codebook
from relcode.doccano.layout import Frame, frame_for, whole_frames
from relcode.doccano.pages import Page, build_page, frame_of, make_pages, manifest_entry, page_from_manifest
from relcode.doccano.upload import Planned
from relcode.errors import DoccanoError
from relcode.ledger import RECODE, Ledger
from relcode.provenance import hash_session, hash_text
from relcode.records import Session, Span


class Material(msgspec.Struct, frozen=True):
    """What pages are made of. `suggestions`: by session id, of this codebook."""

    sessions: Mapping[str, Session]
    suggestions: Mapping[str, Sequence[Span]]
    codebook: Codebook

    def entry(self, page: Page, frame: Frame, spans: Sequence[Span], **further: Any) -> dict[str, Any]:
        """The manifest entry of a new page; of `spans` those on it are its suggestions."""
        own = [span for span in spans if page.place(span) is not None]
        turns = len(self.sessions[page.session_id].turns)
        return manifest_entry(page, self.codebook.reference, own, frame=frame, session_turns=turns, **further)


def plan_faults(plan: Plan, sessions: Mapping[str, Session], coders: Sequence[str]) -> Iterator[str]:
    """What keeps a planned batch from being pushed, a line each."""
    for coder in coders:
        if coder not in plan.coders:
            yield f"coder {coder!r} is not in the plan; it has {', '.join(plan.coders)}"
    for session_id, sha in sorted({(each.session_id, each.session_sha256) for each in plan.assignments}):
        if session_id not in sessions:
            yield f"session {session_id}: its transcript is not among those given"
        elif hash_session(sessions[session_id]) != sha:
            yield f"session {session_id}: its words have changed since; plan it in another batch"


def planned_pages(ledger: Ledger, material: Material, plan: Plan, coder: str) -> list[Planned]:
    """The pages of a coder as the plan has them, in its order, with their manifest entries."""
    recorded = {_place(entry): entry for entry in ledger.pages(coder, plan.batch, role=None)}
    own: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in plan.of(coder):
        own[each.role, each.session_id].update(range(each.first_turn, each.last_turn + 1))
    confirmed = turns_confirmed(ledger, coder, other_than=plan.batch)
    earlier = {entry["page"]: entry for entry in ledger.pages(coder)}
    planned: list[Planned] = []
    for each in plan.of(coder):
        session = material.sessions[each.session_id]
        if (entry := recorded.get(each.place)) is not None:
            planned.append(laid_out_again(session, each.session_sha256, entry))
        elif each.role == RECODE and each.recode_of in earlier:
            planned.append(_given_again(material, plan, each, earlier[each.recode_of]))
        else:
            coded = confirmed.get((each.session_id, each.session_sha256), set())
            turns, place = (each.first_turn, each.last_turn), (each.page, each.pages)
            frame = frame_for(session, turns, place, own[each.role, each.session_id], coded)
            planned.append(_new_page(material, plan, each, frame, material.suggestions[each.session_id]))
    return planned


def all_pages(
    ledger: Ledger, material: Material, coder: str, batch: str, *, blind_share: float, seed: int
) -> list[Planned]:
    """All pages of all sessions for a coder of a batch without a plan; a share of the new ones is blind."""
    recorded: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in ledger.pages(coder, batch, role=None):
        recorded[entry["session_id"]].append(entry)
    planned: list[Planned] = []
    fresh: list[Page] = []
    for session in material.sessions.values():
        if entries := recorded.get(session.session_id):
            sha = hash_session(session)
            planned += [laid_out_again(session, sha, entry) for entry in entries]
        else:
            fresh += make_pages(session, batch=batch, coder=coder)
    drawn = random.Random(f"{seed}/{batch}/{coder}")
    blind = {page.uid for page in drawn.sample(fresh, round(blind_share * len(fresh)))}
    frames = {session_id: whole_frames(session) for session_id, session in material.sessions.items()}
    for page in fresh:
        frame = frames[page.session_id][page.turns[0].turn]
        spans = material.suggestions[page.session_id]
        planned.append((page, material.entry(page, frame, spans, shown=page.uid not in blind)))
    return planned


def laid_out_again(session: Session, sha: str, entry: dict[str, Any]) -> Planned:
    """A page that the manifest has; it must come out with the same text.

    Raises
    ------
    DoccanoError
        The session's words have changed, or the page comes out otherwise.
    """
    if entry["session_sha256"] != sha:
        raise DoccanoError(
            f"Session {session.session_id} has changed since it was pushed in batch {entry['batch']!r}; push it "
            "with another --batch, so that its labels stay apart."
        )
    turns = (entry["first_turn"], entry["last_turn"])
    address = {"batch": entry["batch"], "coder": entry["coder"]}
    page = build_page(session, turns, frame_of(entry), session_sha256=sha, **address)
    if hash_text(page.text) != entry["text_sha256"]:
        raise DoccanoError(
            f"This version of relcode lays out the pages of session {session.session_id} otherwise than the one "
            "that pushed them; push with another --batch."
        )
    return page_from_manifest(entry, page.text), entry


def _new_page(material: Material, plan: Plan, each: Assignment, frame: Frame, spans: Sequence[Span]) -> Planned:
    session = material.sessions[each.session_id]
    page = build_page(
        session,
        (each.first_turn, each.last_turn),
        frame,
        batch=plan.batch,
        coder=each.coder,
        session_sha256=each.session_sha256,
    )
    again = {} if each.recode_of is None else {"recode_of": each.recode_of}
    entry = material.entry(
        page, frame, spans, shown=each.shown, role=each.role, planned=True, probability=each.probability, **again
    )
    return page, entry


def _given_again(material: Material, plan: Plan, each: Assignment, earlier: Mapping[str, Any]) -> Planned:
    """A page as its coder had it: with the same text and the same suggestions, of the codes that there still are."""
    spans = msgspec.convert(earlier["suggestions"], list[Span])
    kept = [span for span in spans if span.code in material.codebook.by_id]
    return _new_page(material, plan, each, frame_of(earlier) or Frame(each.page, each.pages), kept)


def _place(entry: Mapping[str, Any]) -> Place:
    return entry["session_id"], entry["first_turn"], entry["last_turn"]
