"""The spaCy component: the same suggestions as the library's, in `doc.spans`, saved and loaded with its codebook."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc

from relcode.codebook import load_codebook
from relcode.cues import preannotate
from relcode.cues.component import CueComponent, make_component
from relcode.errors import CodebookError
from relcode.records import Session, Span

BOOK = """
id: small
version: 1.0.0
title: Small
authors: [A]
codes:
  - {id: SAD, name: a, speakers: [T, C], definition: d, prior: 0.1, cues: [{id: sad, weight: 4, patterns: [sad]}]}
  - {id: ASK, name: b, speakers: [T], definition: d, prior: 0.1, cues: [{id: asks, weight: 4, when: {question: true}}]}
  - {id: ANS, name: c, speakers: [C], definition: d, prior: 0.1,
     cues: [{id: answers, weight: 4, when: {after_question: true}}, {id: weak, weight: -9, patterns: [hm]}]}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(BOOK, encoding="utf-8")
    return path


def pipeline(book: Path, **config: object) -> Any:
    nlp = spacy.blank("en")
    nlp.add_pipe("relcode_cues", config={"codebook": str(book), **config})
    return nlp


def docs_of(nlp: Any, *sessions: Session) -> list[Doc]:
    docs = []
    for session in sessions:
        for turn in session.turns:
            doc = nlp.make_doc(turn.text)
            doc._.relcode_speaker, doc._.relcode_session = turn.speaker, session.session_id
            docs.append(doc)
    return docs


def rows(docs: Iterable[Doc], key: str = "relcode") -> list[list[tuple[int, int, str, float, tuple[str, ...]]]]:
    return [
        [
            (span.start_char, span.end_char, span.label_, score, tuple(why))
            for span, score, why in zip(
                doc.spans[key], doc.spans[key].attrs["probabilities"], doc.spans[key].attrs["reasons"], strict=True
            )
        ]
        for doc in docs
    ]


def as_rows(spans: Iterable[Span], *sessions: Session) -> list[list[tuple[int, int, str, float, tuple[str, ...]]]]:
    wanted: dict[tuple[str, int], list[tuple[int, int, str, float, tuple[str, ...]]]] = {
        (session.session_id, turn.turn): [] for session in sessions for turn in session.turns
    }
    for span in spans:
        assert span.score is not None
        wanted[span.session_id, span.turn].append((span.start, span.end, span.code, span.score, span.why))
    return [sorted(found) for found in wanted.values()]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 1000])
def test_piped_turns_give_what_preannotate_gives(
    batch_size: int, book: Path, session_of: Callable[..., Session]
) -> None:
    sessions = [
        session_of("T: Are you sad? Well.", "C: Sad. I am sad. So.", "T: ", "C: Hm.", session_id="A"),
        session_of("C: Sad?", "T: Is it?", "C: It is.", "C2: No.", session_id="B"),
    ]
    nlp = pipeline(book)
    found = rows(nlp.pipe(docs_of(nlp, *sessions), batch_size=batch_size))
    expected = as_rows(preannotate(sessions, load_codebook(book)), *sessions)
    assert found == expected
    assert [len(row) for row in found] == [2, 2, 0, 0, 1, 1, 1, 0]


def test_the_turn_before_is_only_that_of_the_same_session(book: Path) -> None:
    nlp = pipeline(book)
    for names, expected in ((("A", "A"), ["ANS"]), (("A", "B"), []), ((None, None), [])):
        docs = [nlp.make_doc("Is it?"), nlp.make_doc("It is.")]
        for doc, name, speaker in zip(docs, names, "TC", strict=True):
            doc._.relcode_session, doc._.relcode_speaker = name, speaker
        _, second = nlp.pipe(docs)
        assert [span.label_ for span in second.spans["relcode"]] == expected


def test_without_a_speaker_the_codes_of_both_sides_are_looked_for(book: Path) -> None:
    nlp = pipeline(book)
    doc = nlp("Are you sad?")
    assert [span.label_ for span in doc.spans["relcode"]] == ["ASK", "SAD"]
    doc = nlp.make_doc("Are you sad?")
    doc._.relcode_speaker = "C"
    assert [span.label_ for span in nlp(doc).spans["relcode"]] == ["SAD"]
    unknown = [nlp.make_doc("Is it?"), nlp.make_doc("It is.")]
    for each in unknown:
        each._.relcode_session = "A"
    found = list(nlp.pipe(unknown))
    assert [[span.label_ for span in each.spans["relcode"]] for each in found] == [["ASK"], ["ANS"]]


def test_threshold_and_key_are_options(book: Path) -> None:
    assert len(pipeline(book, threshold=0.99)("Sad?").spans["relcode"]) == 0
    assert len(pipeline(book, threshold=0.01)("Well.").spans["relcode"]) == 3
    doc = pipeline(book, spans_key="mine")("Sad?")
    assert "relcode" not in doc.spans
    assert len(doc.spans["mine"]) == 2


def test_a_saved_pipeline_brings_its_codebook(book: Path, tmp_path: Path) -> None:
    nlp = pipeline(book)
    expected = rows([nlp("Are you sad? Well. Sad.")])
    assert expected[0]
    data = nlp.to_bytes()
    nlp.to_disk(tmp_path / "saved")
    fresh = pipeline(book)
    book.unlink()
    assert rows([spacy.load(tmp_path / "saved")("Are you sad? Well. Sad.")]) == expected
    assert rows([fresh.from_bytes(data)("Are you sad? Well. Sad.")]) == expected


def test_a_codebook_with_others_is_saved_whole(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BOOK, encoding="utf-8")
    upper = BOOK.replace("small", "upper").replace("id: ANS", "id: ANS2").replace("id: ASK", "id: ASK2")
    upper = upper.replace("id: SAD", "id: SAD2").replace("patterns: [sad]", "patterns: [glad]")
    upper = upper.replace("authors: [A]", "authors: [A]\nuses: [small@1.0.0]")
    (tmp_path / "upper.yaml").write_text(upper, encoding="utf-8")
    component = make_component(spacy.blank("en"), "x", str(tmp_path / "upper.yaml"), None, "relcode")
    again = make_component(spacy.blank("en"), "x", "gone", None, "relcode").from_bytes(component.to_bytes())
    assert again.engine.codebook == component.engine.codebook
    assert [used.reference for used in again.engine.codebook.used] == ["small@1.0.0"]


def test_an_engine_that_was_made_gives_way_to_the_codebook_loaded(book: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(BOOK.replace("patterns: [sad]", "patterns: [glad]"), encoding="utf-8")
    component = make_component(spacy.blank("en"), "x", str(book), None, "relcode")
    assert [len(component(component.nlp.make_doc(text)).spans["relcode"]) for text in ("sad", "glad")] == [1, 0]
    component.from_bytes(make_component(component.nlp, "x", str(other), None, "relcode").to_bytes())
    assert [len(component(component.nlp.make_doc(text)).spans["relcode"]) for text in ("sad", "glad")] == [0, 1]


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\xfe", b'{"id": 1}'])
def test_what_was_not_saved_by_relcode_is_refused(data: bytes) -> None:
    component = make_component(spacy.blank("en"), "named", "relational-core", None, "relcode")
    with pytest.raises(CodebookError, match="component named was not saved"):
        component.from_bytes(data)


def test_an_unknown_codebook_is_refused_when_used() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("relcode_cues", config={"codebook": "gone"})
    with pytest.raises(CodebookError, match="no codebook 'gone'"):
        nlp("Sad.")


def test_a_saved_doc_keeps_spans_attributes_and_speaker(book: Path) -> None:
    nlp = pipeline(book)
    doc = nlp.make_doc("Are you sad?")
    doc._.relcode_speaker, doc._.relcode_session = "T", "A"
    doc = nlp(doc)
    again = Doc(spacy.blank("en").vocab).from_bytes(doc.to_bytes())
    assert rows([again]) == rows([doc])
    assert len(again.spans["relcode"]) == 2
    assert (again._.relcode_speaker, again._.relcode_session) == ("T", "A")


def test_among_other_components(book: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("relcode_cues", config={"codebook": str(book)})
    ruler = nlp.add_pipe("span_ruler", config={"spans_key": "ruler"})
    ruler.add_patterns([{"label": "FEEL", "pattern": "sad"}])
    (doc,) = nlp.pipe(["Well. Are you sad?"])
    assert [sentence.text for sentence in doc.sents] == ["Well.", "Are you sad?"]
    assert [span.label_ for span in doc.spans["ruler"]] == ["FEEL"]
    assert rows([doc]) == rows([pipeline(book)("Well. Are you sad?")])
    with nlp.select_pipes(disable="relcode_cues"):
        assert "relcode" not in nlp("Sad?").spans


def test_the_entry_point_names_the_factory() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = project["project"]["entry-points"]["spacy_factories"]["relcode_cues"].partition(":")
    factory = getattr(importlib.import_module(module), name)
    assert factory is make_component
    assert isinstance(factory(spacy.blank("en"), "x", "relational-core", None, "relcode"), CueComponent)
    assert spacy.blank("en").get_factory_meta("relcode_cues").default_config["codebook"] == "relational-core"
