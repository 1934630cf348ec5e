"""Fitting cues to labels: weights move towards what the labels say and no further, offers keep half of them right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from relcode.codebook import Code, Codebook, Cue, Examples, compose_codebooks, load_codebook
from relcode.codebook.write import write_codebook
from relcode.cues import CueEngine, lint_codebook, misjudged_examples
from relcode.errors import ModelError
from relcode.learning.fit import fit_cues
from relcode.records import Session, Span, Turn
from relcode.transcripts.tokens import tokenize

NONE = Examples()


def code(name: str, *cues: Cue, **fields: Any) -> Code:
    return Code(id=name, name=name, speakers=["T", "C"], definition=name, prior=0.2, cues=list(cues), **fields)


def study(*lines: str, dyads: int = 4, times: int = 5) -> tuple[list[Session], list[Span]]:
    """Sessions of several dyads, each line `words | CODE` or `words`, said `times` times over."""
    sessions, labels = [], []
    for dyad in range(dyads):
        turns, session_id = [], f"S{dyad}"
        for number, line in enumerate(lines * times, start=1):
            words, _, name = line.partition(" | ")
            turns.append(Turn(number, "T" if number % 2 else "C", words))
            if name:
                labels.append(Span(session_id, number, 0, len(words), words, name, "b@1.0.0", "accepted"))
        sessions.append(Session(session_id, tuple(turns), {"dyad": f"D{dyad}"}))
    return sessions, labels


BOOK = Codebook(
    id="b",
    version="1.0.0",
    title="b",
    authors=["t"],
    codes=[
        code("GOOD", Cue(id="says-good", weight=1.0, patterns=["good"]), Cue(id="says-well", weight=2.0, patterns=["well"])),
        code("BAD", Cue(id="says-bad", weight=1.0, patterns=["bad"]), Cue(id="never-said", weight=1.5, patterns=["awful"])),
    ],
)  # fmt: skip
LINES = ("it was good | GOOD", "it was well then", "so bad it was | BAD", "and the bus came", "the good bad bus | GOOD")


@pytest.fixture(scope="module")
def fitted() -> Any:
    sessions, labels = study(*LINES)
    return fit_cues(BOOK, sessions, labels, keep=2)


def weights(book: Codebook, name: str) -> dict[str, float]:
    return {cue.name: cue.weight for cue in book.by_id[name].cues}


def test_weights_follow_the_labels(fitted: Any) -> None:
    good, bad = weights(fitted.codebooks[0], "GOOD"), weights(fitted.codebooks[0], "BAD")
    assert good["says-good"] > 1.5  # each `good` is GOOD: up from 1
    assert good["says-well"] < 0.5  # no `well` is: down from 2
    assert bad["never-said"] == 1.5  # nothing was seen of it: the author's weight stands
    assert bad["GOOD:says-good"] < 0  # a cue of another code, taken over as evidence against


def test_the_next_minor_version_is_written_and_reads_the_same(fitted: Any, tmp_path: Any) -> None:
    (book,) = fitted.codebooks
    assert book.reference == "b@1.1.0"
    assert "fitted to 4 labelled sessions" in book.description
    write_codebook(book, tmp_path / "b.yaml")
    assert load_codebook(tmp_path / "b.yaml") == book


def test_the_new_weights_give_the_probabilities_that_were_fitted(fitted: Any) -> None:
    (book,) = fitted.codebooks
    sessions, _ = study(*LINES, dyads=1, times=1)
    table = tokenize(sessions)
    engine = CueEngine(book)
    probability = engine.probabilities(engine.fire(table), engine.allowed(table))
    assert (probability[[0, 4], 0] > 0.8).all()
    assert (probability[[1, 2, 3], 0] < 0.3).all()
    assert probability[2, 1] > 0.5 > probability[4, 1]


def test_figures_of_cues_are_counted_by_hand(fitted: Any) -> None:
    by_name = {(cue.code, cue.cue): cue for cue in fitted.cues}
    good = by_name["GOOD", "GOOD/says-good"]
    assert (good.support, good.precision, good.recall, good.author) == (40, 1.0, 1.0, 1.0)
    assert good.low < good.weight < good.high
    bad = by_name["BAD", "BAD/says-bad"]
    assert (bad.support, bad.precision, bad.recall) == (40, 0.5, 1.0)
    assert by_name["BAD", "BAD/never-said"].advice.startswith("never fired")
    assert by_name["BAD", "GOOD/says-good"].advice == "taken over"


def test_held_out_figures_are_of_dyads_that_a_fit_did_not_see(fitted: Any) -> None:
    assert fitted.held_out.turn.macro_f1 == 1.0
    assert fitted.author.turn.macro_f1 < 1.0


def test_no_cue_is_taken_over_where_none_may_be() -> None:
    sessions, labels = study(*LINES)
    (book,) = fit_cues(BOOK, sessions, labels, keep=0).codebooks
    assert not [cue for each in book.codes for cue in each.cues if cue.use]


def test_a_codebook_takes_over_cues_of_those_that_it_uses_alone() -> None:
    base = msgspec.structs.replace(BOOK, id="base", codes=BOOK.codes[:1])
    apart = msgspec.structs.replace(BOOK, id="apart", codes=BOOK.codes[1:])
    user = msgspec.structs.replace(apart, uses=["base@1.0.0"], used=[base])
    sessions, labels = study(*LINES)
    unnamed = [msgspec.structs.replace(label, codebook=None) for label in labels]
    alone = fit_cues(compose_codebooks([base, apart]), sessions, unnamed).codebooks[1]
    assert not [cue.use for each in alone.codes for cue in each.cues if cue.use and cue.use.startswith("GOOD/")]
    using = fit_cues(compose_codebooks([base, user]), sessions, unnamed).codebooks[1]
    assert [cue.use for each in using.codes for cue in each.cues if cue.use and cue.use.startswith("GOOD/")]
    assert using.uses == ["base@1.1.0"]


def test_what_cannot_be_fitted_says_so() -> None:
    sessions, labels = study(*LINES, dyads=1)
    with pytest.raises(ModelError, match="fewer than two dyads"):
        fit_cues(BOOK, sessions, labels)
    sessions, labels = study(*LINES)
    wrong = [msgspec.structs.replace(labels[0], text="x"), msgspec.structs.replace(labels[1], code="NONE")]
    with pytest.raises(ModelError) as caught:
        fit_cues(BOOK, sessions, [*labels, *wrong])
    assert len(caught.value.faults) == 2
    with pytest.raises(ModelError, match="five labelled segments"):
        fit_cues(BOOK, sessions, [label for label in labels if label.session_id == "S0"][:1] + labels[-1:])


def test_lint_finds_what_a_fit_did_to_an_example(tmp_path: Any) -> None:
    examples = Examples(hit=["all well"], near_hit=["good"], near_miss=["bus"], miss=["car"])
    book = msgspec.structs.replace(
        BOOK, codes=[msgspec.structs.replace(BOOK.codes[0], examples=examples), BOOK.codes[1]]
    )
    sessions, labels = study(*LINES)
    (fit,) = fit_cues(book, sessions, labels).codebooks
    write_codebook(fit, tmp_path / "b.yaml")
    assert not [fault for fault in lint_codebook(tmp_path / "b.yaml") if "is missed by" in fault]  # the labels decide
    found = misjudged_examples(tmp_path / "b.yaml")
    assert any("code GOOD: hit 1 is missed by its own cues" in each for each in found)
    assert not any("near_hit" in each for each in found)


def test_the_command_writes_new_versions_and_a_table(
    relcode: Callable[..., tuple[int, str, str]], tmp_path: Any
) -> None:
    from relcode.spans import write_spans
    from relcode.transcripts import write_session

    sessions, labels = study(*LINES)
    for session in sessions:
        write_session(session, tmp_path / "texts")
    write_spans(tmp_path / "labels.jsonl", labels)
    write_codebook(BOOK, tmp_path / "b.yaml")
    given = ["codebook", "fit", tmp_path / "b.yaml", "--transcripts", tmp_path / "texts"]
    given += ["--labels", tmp_path / "labels.jsonl", "--out", tmp_path / "new"]
    status, out, err = relcode(*given)
    assert status == 0
    assert load_codebook(tmp_path / "new" / "b.yaml").reference == "b@1.1.0"
    assert (tmp_path / "new" / "cues.csv").read_text().startswith("code,cue,support,precision,recall")
    assert "macro-F1" in err
    assert "GOOD" in out
    assert relcode(*given)[0] == 2  # nothing is written over
