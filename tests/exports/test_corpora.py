"""Labels for spaCy and ConvoKit: every label is in what was written, with what their formats ask for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin

from relcode.exports.labels import Labelled, export_labels
from relcode.exports.labels.docbin import to_docbin
from relcode.records import Session, Span, Turn

VOCABULARY = spacy.blank("en").vocab
SESSION = Session(
    "S1",
    (Turn(1, "T", "I felt shut out.", 0.5, 2.0), Turn(2, "C", "Oh \U0001f642 sorry."), Turn(3, "T2", "And now?")),
    {"dyad": "D1", "session_number": 3},
)
SECOND = Session("S2", (Turn(1, "C", "Well."),))
LABELS = [
    Span("S1", 1, 0, 15, "I felt shut out", "TSI", "relational-core@1.0.0", "accepted"),
    Span("S1", 1, 7, 16, "shut out.", "IMM", None, "accepted"),
    Span("S1", 2, 3, 10, "\U0001f642 sorry", "IMM", None, "coder:a", 0.75, ("warm",)),
    Span("S2", 1, 0, 4, "Well", "IMM", None, ""),
]


def docs(data: bytes) -> list[Doc]:
    return list(DocBin().from_bytes(data).get_docs(VOCABULARY))


def test_a_docbin_has_a_doc_a_turn_and_a_span_group_a_source(tmp_path: Path) -> None:
    report = export_labels([SESSION, SECOND], LABELS, tmp_path, to="docbin")
    files = [("S1", str(tmp_path / "S1.spacy")), ("S2", str(tmp_path / "S2.spacy"))]
    assert (report.exported, report.notes) == (files, [])
    read = docs((tmp_path / "S1.spacy").read_bytes())
    assert [doc.text for doc in read] == [turn.text for turn in SESSION]
    found = [{name: [(each.text, each.label_) for each in group] for name, group in doc.spans.items()} for doc in read]
    assert found == [
        {"accepted": [("I felt shut out", "TSI"), ("shut out.", "IMM")]},
        {"coder:a": [("\U0001f642 sorry", "IMM")]},
        {},
    ]
    assert [doc.user_data for doc in read] == [
        {"session_id": "S1", "turn": turn.turn, "speaker": turn.speaker} for turn in SESSION
    ]
    assert list(docs((tmp_path / "S2.spacy").read_bytes())[0].spans) == ["labels"]


@pytest.mark.parametrize(
    ("start", "end", "words", "notes"),
    [
        (0, 6, ["I felt"], []),
        (0, 5, ["I felt"], [
            "session S1: 1 label(s) cut a token; their span is wider, and `attrs` of the span group has their bounds"
        ]),
        (1, 2, [], ["session S1: 1 label(s) on no token were left out"]),
    ],
)  # fmt: skip
def test_spans_of_spacy_are_whole_tokens(
    tmp_path: Path, start: int, end: int, words: list[str], notes: list[str]
) -> None:
    label = Span("S1", 1, start, end, SESSION.turns[0].text[start:end], "TSI", source="accepted")
    assert export_labels([SESSION], [label], tmp_path, to="docbin").notes == notes
    doc = docs((tmp_path / "S1.spacy").read_bytes())[0]
    assert [each.text for group in doc.spans.values() for each in group] == words
    assert [group.attrs["exact"] for group in doc.spans.values()] == ([[[start, end]]] if words else [])


@st.composite
def labelled(draw: st.DrawFn) -> Labelled:
    text = draw(st.text("ab'.-# \n\xa0é\U0001f642", min_size=1, max_size=20))
    spans = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        source = draw(st.sampled_from(["accepted", "coder:a"]))
        spans.append(Span("S", 1, start, end, text[start:end], draw(st.sampled_from("AB")), source=source))
    return Labelled(Session("S", (Turn(1, "T", text),)), tuple(spans))


@settings(deadline=None)  # the first example loads spaCy
@given(labelled())
def test_every_label_on_a_token_is_found_again_in_a_docbin(given_labels: Labelled) -> None:
    data, _, without = to_docbin(given_labels)
    (doc,) = docs(data)
    assert doc.text == given_labels.session.turns[0].text
    found = [
        (start, end, each.label_, name)
        for name, group in doc.spans.items()
        for each, (start, end) in zip(group, group.attrs["exact"], strict=True)
    ]
    wanted = [(each.start, each.end, each.code, each.source) for each in given_labels.spans]
    assert len(found) == len(wanted) - without
    assert not set(found) - set(wanted)
    assert all(not doc.text[start:end].strip() for start, end, *_ in set(wanted) - set(found))


def corpus(folder: Path) -> tuple[list[Any], dict[str, Any]]:
    """The utterances, and the other files by name."""
    lines = (folder / "utterances.jsonl").read_text(encoding="utf-8").split("\n")
    files = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    return [json.loads(line) for line in lines if line], files


def test_a_corpus_of_convokit_has_its_five_files(tmp_path: Path) -> None:
    report = export_labels([SESSION, SECOND], LABELS, tmp_path, to="convokit")
    assert report.exported == [("4 label(s) of 2 session(s)", str(tmp_path))]
    utterances, files = corpus(tmp_path)
    assert utterances[0] == {
        "id": "S1/1",
        "conversation_id": "S1/1",
        "speaker": "S1/T",
        "text": "I felt shut out.",
        "reply-to": None,
        "timestamp": 0.5,
        "meta": {
            "turn": 1,
            "labels": [
                {"start": 0, "end": 15, "text": "I felt shut out", "code": "TSI", "codebook": "relational-core@1.0.0",
                 "source": "accepted"},
                {"start": 7, "end": 16, "text": "shut out.", "code": "IMM", "source": "accepted"},
            ],
        },
        "vectors": [],
    }  # fmt: skip
    assert [(each["id"], each["reply-to"], each["conversation_id"]) for each in utterances] == [
        ("S1/1", None, "S1/1"),
        ("S1/2", "S1/1", "S1/1"),
        ("S1/3", "S1/2", "S1/1"),
        ("S2/1", None, "S2/1"),
    ]
    assert utterances[1]["meta"]["labels"][0]["score"] == 0.75
    assert utterances[2]["meta"]["labels"] == []
    assert files["conversations"] == {
        "S1/1": {"meta": {"session_id": "S1", "dyad": "D1", "session_number": 3}, "vectors": []},
        "S2/1": {"meta": {"session_id": "S2"}, "vectors": []},
    }
    assert {name: speaker["meta"] for name, speaker in files["speakers"].items()} == {
        "S1/T": {"role": "T"},
        "S1/C": {"role": "C"},
        "S1/T2": {"role": "T"},
        "S2/C": {"role": "C"},
    }
    assert files["corpus"] == {"made_by": "relcode"}
    assert files["index"] == {
        "utterances-index": {"turn": ["<class 'int'>"], "labels": ["<class 'list'>"]},
        "speakers-index": {"role": ["<class 'str'>"]},
        "conversations-index": {
            "session_id": ["<class 'str'>"],
            "dyad": ["<class 'str'>"],
            "session_number": ["<class 'int'>"],
        },
        "overall-index": {"made_by": ["<class 'str'>"]},
        "version": 1,
        "vectors": [],
    }


def test_a_corpus_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    from relcode.errors import DataError

    (tmp_path / "index.json").mkdir()  # a folder in the way of the last file
    with pytest.raises(DataError, match=r"index\.json"):
        export_labels([SESSION], LABELS, tmp_path, to="convokit")
    assert [path.name for path in tmp_path.iterdir()] == ["index.json"]
