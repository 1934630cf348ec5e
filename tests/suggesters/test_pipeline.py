"""spaCy pipelines that write span groups, and plug-ins: what fits becomes a suggestion, the rest is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from relcode.codebook import Codebook, load_codebook
from relcode.errors import SuggesterError
from relcode.records import Session, Span, Turn
from relcode.suggesters import suggest_by_pipeline
from relcode.suggesters.checking import checked

SESSION = Session(
    "S1", (Turn(1, "T", "Oh 🙂 I feel sad. I feel sad."), Turn(2, "C", "I feel sad."), Turn(3, "T", "Tell me."))
)
CONFIG = """
[nlp]
lang = "en"
pipeline = ["relcode_cues"]

[components]

[components.relcode_cues]
factory = "relcode_cues"
codebook = "relational-core"
spans_key = "found"
"""


@pytest.fixture(scope="module")
def book() -> Codebook:
    return load_codebook("relational-core")


def ruled(folder: Path, **config: Any) -> str:
    """A saved pipeline whose rules mark `sad` as TSI and `tell` as no code of the codebook."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("span_ruler", config=config)
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": "TSI", "pattern": [{"LOWER": "sad"}]}, {"label": "TELL", "pattern": [{"LOWER": "tell"}]}]
    )
    nlp.meta |= {"name": "rules", "version": "2.1.0"}
    nlp.to_disk(folder)
    return str(folder)


def test_a_saved_pipelines_span_group_becomes_suggestions(tmp_path: Path, book: Codebook) -> None:
    found = suggest_by_pipeline([SESSION], book, ruled(tmp_path / "p"), spans_key="ruler")
    assert [(span.turn, span.start, span.end, span.text, span.code) for span in found.spans] == [
        (1, 12, 15, "sad", "TSI"),
        (1, 24, 27, "sad", "TSI"),
    ]
    assert {span.source for span in found.spans} == {"spacy:en_rules@2.1.0"}
    assert found.left_out == {"the speaker may not carry the code": 1, "no such code": 1}


def test_a_config_is_a_pipeline_and_keeps_probabilities_and_reasons(tmp_path: Path, book: Codebook) -> None:
    from relcode.cues import preannotate

    (tmp_path / "my cues.cfg").write_text(CONFIG)
    found = suggest_by_pipeline([SESSION], book, str(tmp_path / "my cues.cfg"), spans_key="found")
    cues = [(span.key, span.score, span.why) for span in preannotate([SESSION], book)]
    assert cues
    assert [(span.key, span.score, span.why) for span in found.spans] == sorted(cues)
    assert found.source == "spacy:en_my_cues@0.0.0"


def test_another_key_is_refused_with_those_that_are_there(tmp_path: Path, book: Codebook) -> None:
    with pytest.raises(SuggesterError, match="no span group 'sc'; it writes: ruler"):
        suggest_by_pipeline([SESSION], book, ruled(tmp_path / "p"))


def test_a_pipeline_that_is_none_or_fails_is_said_without_words(tmp_path: Path, book: Codebook) -> None:
    with pytest.raises(SuggesterError, match="no_such_pipeline cannot be loaded"):
        suggest_by_pipeline([SESSION], book, "no_such_pipeline")
    with pytest.raises(SuggesterError, match=r"x\.cfg cannot be loaded"):
        suggest_by_pipeline([SESSION], book, str(tmp_path / "x.cfg"))

    @Language.component("fails_in_test")
    def fails(doc: Doc) -> Doc:
        raise ValueError(doc.text)

    nlp = spacy.blank("en")
    nlp.add_pipe("fails_in_test")
    nlp.to_disk(tmp_path / "f")
    with pytest.raises(SuggesterError, match="failed: ValueError") as told:
        suggest_by_pipeline([SESSION], book, str(tmp_path / "f"))
    assert "sad" not in str(told.value)


def test_scores_of_a_span_categorizer_are_probabilities(tmp_path: Path, book: Codebook) -> None:
    import numpy as np

    @Language.component("scores_in_test")
    def scores(doc: Doc) -> Doc:
        spans = [doc.char_span(0, 2, label="TSI")] if len(doc) > 4 else []
        doc.spans["sc"] = SpanGroup(doc, spans=spans, attrs={"scores": np.full(len(spans), 0.75, dtype="float32")})
        return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("scores_in_test")
    nlp.to_disk(tmp_path / "s")
    found = suggest_by_pipeline([SESSION], book, str(tmp_path / "s"))
    assert [(span.text, span.score) for span in found.spans] == [("Oh", 0.75)]


def span(**fields: Any) -> Span:
    given = {"session_id": "S1", "turn": 1, "start": 12, "end": 15, "text": "sad", "code": "TSI"} | fields
    return Span(**given)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (span(session_id="S2"), "no such session or turn"),
        (span(turn=4), "no such session or turn"),
        (span(code="XXX"), "no such code"),
        (span(turn=2, start=7, end=10), "the speaker may not carry the code"),
        (span(start=11, end=14), "offsets and words do not fit the turn"),
        (span(start=12, end=99), "offsets and words do not fit the turn"),
        (span(start=15, end=15, text=""), "offsets and words do not fit the turn"),
        (span(start=-3, end=15), "offsets and words do not fit the turn"),
        (span(start=2, end=3, text=" "), "no words"),
        (span(score=1.5), "the score is no probability"),
        (span(score=float("nan")), "the score is no probability"),
        ({"turn": 1}, "no span"),
        (span(), "given twice"),
    ],
)
def test_a_suggestion_that_does_not_fit_is_left_out_with_its_reason(book: Codebook, wrong: Any, reason: str) -> None:
    spans, left_out = checked([span(), wrong], [SESSION], book, "suggester:x@1")
    assert [each.source for each in spans] == ["suggester:x@1"]
    assert left_out == {reason: 1}


@given(st.integers(-3, 40), st.integers(-3, 40), st.integers(0, 4), st.text(max_size=5), st.sampled_from(["TSI", "X"]))
def test_whatever_is_suggested_only_words_that_stand_there_pass(
    book: Codebook, start: int, end: int, turn: int, text: str, code: str
) -> None:
    texts = {each.turn: each.text for each in SESSION.turns}
    own = texts.get(turn, "")[max(start, 0) : max(end, 0)]
    tried = [span(turn=turn, start=start, end=end, text=words, code=code) for words in (text, own)]
    spans, left_out = checked(tried, [SESSION], book, "suggester:x@1")
    assert len(spans) + left_out.total() == 2
    assert all(texts[each.turn][each.start : each.end] == each.text and each.text.strip() for each in spans)
