"""A corpus in the format of ConvoKit: an utterance a turn with its labels, a conversation a session."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from relcode.exports.labels.gather import Labelled
from relcode.provenance import written_beside
from relcode.records import Span, Turn

_NOT_REPEATED = {"session_id", "turn"}


def write_corpus(labelled: Sequence[Labelled], out: Path) -> None:
    """Write `utterances.jsonl`, `speakers.json`, `conversations.json`, `corpus.json` and `index.json` into `out`.

    A session's utterances reply to one another in turn. Speakers are told apart by session (`S1/T`): who is the same
    person in several sessions stands in the conversation's particulars. Labels are in the utterance's meta as
    `labels`, in the form of spans; `timestamp` is the turn's start in seconds, null where it is not known.
    """
    utterances: list[dict[str, Any]] = []
    speakers: dict[str, Any] = {}
    conversations: dict[str, Any] = {}
    for each in labelled:
        session = each.session
        first = _id(session.session_id, session.turns[0].turn)
        conversations[first] = _with_meta({"session_id": session.session_id, **session.metadata})
        before = None
        for turn, spans in each.turns():
            utterances.append(_utterance(session.session_id, turn, spans, before))
            utterances[-1]["conversation_id"] = first
            speakers[utterances[-1]["speaker"]] = _with_meta({"role": turn.role})
            before = utterances[-1]["id"]
    index = {
        "utterances-index": _types(utterance["meta"] for utterance in utterances),
        "speakers-index": _types(speaker["meta"] for speaker in speakers.values()),
        "conversations-index": _types(conversation["meta"] for conversation in conversations.values()),
        "overall-index": _types([{"made_by": "relcode"}]),
        "version": 1,
        "vectors": [],
    }
    lines = b"".join(msgspec.json.encode(utterance) + b"\n" for utterance in utterances)
    objects = {"speakers": speakers, "conversations": conversations, "corpus": {"made_by": "relcode"}, "index": index}
    files = {f"{name}.json": msgspec.json.encode(value) for name, value in objects.items()}
    _write_all(out, {"utterances.jsonl": lines, **files})


def _utterance(session_id: str, turn: Turn, spans: Iterable[Span], before: str | None) -> dict[str, Any]:
    labels = [
        {key: value for key, value in msgspec.to_builtins(span).items() if key not in _NOT_REPEATED} for span in spans
    ]
    return {
        "id": _id(session_id, turn.turn),
        "speaker": f"{session_id}/{turn.speaker}",
        "text": turn.text,
        "reply-to": before,
        "timestamp": turn.t0,
        **_with_meta({"turn": turn.turn, "labels": labels}),
    }


def _id(session_id: str, turn: int) -> str:
    return f"{session_id}/{turn}"


def _with_meta(meta: dict[str, Any]) -> dict[str, Any]:
    return {"meta": meta, "vectors": []}


def _types(metas: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The Python types of the particulars, as ConvoKit's index names them."""
    found: dict[str, set[str]] = {}
    for meta in metas:
        for name, value in meta.items():
            found.setdefault(name, set()).add(str(type(value)))
    return {name: sorted(types) for name, types in found.items()}


def _write_all(out: Path, files: Mapping[str, bytes]) -> None:
    """Write all files before the first takes its name."""
    with contextlib.ExitStack() as stack:
        for name, data in files.items():
            stack.enter_context(written_beside(out / name)).write_bytes(data)
