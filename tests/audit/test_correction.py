"""Machine scores: rates corrected with a hand-coded sample, everything else marked; through the command too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from relcode.audit import AuditResult, CorrectedRate, Corrections, Estimate, Target, audit, targets
from relcode.audit.summary import sentences
from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.records import Session, Span
from relcode.spans import write_spans
from relcode.transcripts import write_session
from relcode.transcripts.tokens import segment_codes, tokenize

Coded = Callable[..., tuple[Session, list[Span]]]
TURNS = ("T: I am moved. | TSI", "T: You hide it. | INT.dynamic", "T: Here with me. | HN", "T: Go on.", "T: And then?")


def invented(coded: Coded, count: int = 14) -> tuple[list[Session], list[Span]]:
    """Sessions of two therapists; each of the five turns in a share of its own."""
    drawn = np.random.default_rng(4)
    sessions, labels = [], []
    for number in range(count):
        said = [str(drawn.choice(TURNS, p=[0.05, 0.1, 0.15, 0.4, 0.3])) for _ in range(40)]
        lines = [line for turn in said for line in (turn, "C: I went home. | COOP")]
        therapist = "T01" if number % 3 else "T02"
        session, spans = coded(*lines, session_id=f"S{number:02}", therapist=therapist, dyad=f"D{number}")
        sessions.append(session)
        labels += spans
    return sessions, labels


def machine(sessions: list[Session], labels: list[Span], codebook: Codebook) -> pd.DataFrame:
    """Scores of a machine that misses a fifth and calls a tenth of everything else an interpretation."""
    table = tokenize(sessions)
    frame = pd.DataFrame([msgspec.structs.asdict(segment) for segment in table.segments])
    true = segment_codes(table, labels, codebook.code_ids)
    drawn = np.random.default_rng(1)
    for column, code in enumerate(codebook.code_ids):
        allowed = np.array([codebook.allows(code, who) for who in frame["speaker"]])
        alarm = drawn.random(len(frame)) < (0.1 if code == "INT.dynamic" else 0.02)
        held = np.where(true[:, column], drawn.random(len(frame)) > 0.2, alarm) & allowed
        name = code.replace(".", "_")
        frame[f"y_{name}"] = held
        frame[f"p_{name}"] = np.where(held, 0.7, 0.1).astype("float32") * allowed
    frame.attrs.update(model_id="m-1", codebook=codebook.id, codebook_version=codebook.version)
    return frame


def estimates(value: Any, path: str = "") -> Iterator[tuple[str, Estimate]]:
    """Every estimate in a result, with where it stands."""
    if isinstance(value, Estimate):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from estimates(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for each in value:
            yield from estimates(each, path)


def by_id(figures: Any, key: str) -> Any:
    return next(figure for figure in figures if figure.id == key)


def test_every_figure_from_a_machines_codes_is_marked_and_no_other_is(codebook: Codebook, coded: Coded) -> None:
    sessions, labels = invented(coded, 4)
    scores = machine(sessions, labels, codebook)
    found = list(estimates(audit(sessions, codebook, scores=scores, source="x")))
    marked = {path for path, estimate in found if estimate.mark == "uncorrected"}
    bare = {path for path, estimate in found if not estimate.mark}
    assert {path.split(".")[0] for path in bare - marked} == {"exposure", "referents"}
    assert {path.split(".")[0] for path in marked} >= {
        "headline",
        "rates",
        "responses",
        "client_talk",
        "along",
        "by_session",
    }
    result = audit(sessions, codebook, labels=labels, source="x")
    assert {estimate.mark for _, estimate in estimates(result)} == {""}


def test_the_length_of_turns_needs_no_code_and_bears_no_mark(codebook: Codebook, coded: Coded) -> None:
    sessions, labels = invented(coded, 4)
    lines = audit(sessions, codebook, scores=machine(sessions, labels, codebook), source="x").influences
    marks = {line.series: line.therapist_actor.mark for line in lines}
    assert marks.pop("length") == ""
    assert set(marks.values()) == {"uncorrected"}


def test_the_targets_are_all_rates_of_an_audit(codebook: Codebook, coded: Coded) -> None:
    sessions, labels = invented(coded, 2)
    result = audit(sessions, codebook, labels=labels, source="x")
    asked = set(targets(codebook))
    assert {Target(rate.speaker, (rate.code,)) for rate in result.rates} <= asked
    assert Target("T", ("HN", "META")) in asked


def test_a_corrected_rate_takes_the_place_of_the_counted_one_which_stands_beside_it(
    codebook: Codebook, coded: Coded
) -> None:
    sessions, labels = invented(coded, 6)
    scores = machine(sessions, labels, codebook)
    interpretations = Target("T", ("INT",))
    given = Corrections(
        "six",
        (
            CorrectedRate(interpretations, None, Estimate(0.1, 0.05, 0.2, 240), "prediction-powered"),
            CorrectedRate(interpretations, "T02", Estimate(None, None, None, 80, "2 coded session(s)")),
        ),
    )
    raw = audit(sessions, codebook, scores=scores, source="x")
    found = audit(sessions, codebook, scores=scores, source="x", corrections=given)
    figure, before = by_id(found.headline, "int_rate"), by_id(raw.headline, "int_rate")
    assert (figure.estimate.value, figure.estimate.low, figure.estimate.high) == pytest.approx((10, 5, 20))
    assert (figure.estimate.mark, figure.estimate.n) == ("corrected", before.estimate.n)
    assert figure.correction.raw == before.estimate
    line = next(rate for rate in found.rates if rate.code == "INT")
    assert line.estimate == figure.estimate
    assert by_id(found.headline, "int_share").estimate.mark == "uncorrected"
    other = by_id(next(group for group in found.by_therapist if group.name == "T02").figures, "int_rate")
    assert (other.estimate.mark, other.correction.reason) == ("uncorrected", "2 coded session(s)")
    alone = by_id(found.by_session[0].figures, "int_rate")
    assert "one session alone" in alone.correction.reason
    assert found.correction == "six"


@pytest.fixture
def files(tmp_path: Path, codebook: Codebook, coded: Coded) -> dict[str, Any]:
    sessions, labels = invented(coded)
    for session in sessions:
        write_session(session, tmp_path / "all")
    scores = machine(sessions, labels, codebook)
    metadata = {"model_id": "m-1", "codebook": "small", "codebook_version": "1.0.0"}
    pq.write_table(pa.Table.from_pandas(scores).replace_schema_metadata(metadata), tmp_path / "scores.parquet")
    chosen = {session.session_id for session in sessions[:7]}
    write_spans(tmp_path / "hand.jsonl", [label for label in labels if label.session_id in chosen])
    write_codebook(codebook, tmp_path / "small.yaml")
    return {"sessions": sessions, "labels": labels, "folder": tmp_path}


def run(relcode: Callable[..., Any], files: dict[str, Any], *options: object, source: str = "all") -> AuditResult:
    folder = files["folder"]
    done = relcode(
        *("audit", folder / source, "--scores", folder / "scores.parquet", "--codebook", folder / "small.yaml"),
        *(*options, "--json"),
    )
    assert done.status == 0, done.err
    files["said"] = done.err
    return msgspec.json.decode(done.out, type=AuditResult)


def test_the_command_corrects_rates_and_the_truth_lies_in_the_corrected_interval_alone(
    relcode: Callable[..., Any], files: dict[str, Any], codebook: Codebook
) -> None:
    hand = files["folder"] / "hand.jsonl"
    result = run(relcode, files, "--hand", hand, "--sample", "random")
    truth = by_id(audit(files["sessions"], codebook, labels=files["labels"], source="x").headline, "int_rate").estimate
    figure = by_id(result.headline, "int_rate")
    assert figure.correction.how.startswith("prediction-powered; 7 of 14 sessions coded by hand")
    assert figure.estimate.low < truth.value < figure.estimate.high
    assert not figure.correction.raw.low < truth.value < figure.correction.raw.high
    assert "7 sessions, drawn at random" in result.correction
    assert "rates are corrected; every other figure is marked as uncorrected" in files["said"]
    assert "the model that made the scores is not found" in files["said"]
    groups = {group.name: by_id(group.figures, "int_rate") for group in result.by_therapist}
    assert groups["T02"].correction.how.startswith("adjusted count")  # 3 of its 5 sessions are in the sample
    assert groups["T01"].correction.how.startswith("adjusted count")


def test_hand_coded_sessions_beside_the_audited_ones_correct_these_too(
    relcode: Callable[..., Any], files: dict[str, Any]
) -> None:
    folder = files["folder"]
    for session in files["sessions"][7:]:
        write_session(session, folder / "others")
    for session in files["sessions"][:7]:
        write_session(session, folder / "coded")
    result = run(
        relcode,
        files,
        *("--hand", folder / "hand.jsonl", "--sample", "random", "--transcripts", folder / "coded"),
        source="others",
    )
    figure = by_id(result.headline, "int_rate")
    assert figure.correction.how.startswith("adjusted count; 0 of 7 sessions coded by hand")
    assert figure.estimate.mark == "corrected"


@pytest.mark.parametrize(("options", "reason"), [((), "nobody says"), (("--sample", "random"), "1 coded session")])
def test_what_cannot_be_corrected_stays_marked_and_says_why(
    relcode: Callable[..., Any], files: dict[str, Any], options: tuple[str, ...], reason: str
) -> None:
    hand = files["folder"] / "hand.jsonl"
    if options:
        write_spans(hand, [label for label in files["labels"] if label.session_id == "S00"])
    result = run(relcode, files, "--hand", hand, *options)
    figure = by_id(result.headline, "int_rate")
    assert figure.estimate.mark == "uncorrected"
    assert reason in figure.correction.reason


def test_a_sample_without_scores_or_without_labels_is_wrong_usage(
    relcode: Callable[..., Any], files: dict[str, Any]
) -> None:
    folder = files["folder"]
    for options in (("--labels", folder / "hand.jsonl", "--hand", folder / "hand.jsonl"), ("--sample", "random")):
        done = relcode("audit", folder / "all", *options, "--json")
        assert done.status == 2
        assert "--hand" in done.err


@pytest.mark.slow
def test_sessions_that_the_model_was_trained_on_correct_nothing_and_the_report_says_so(
    relcode: Callable[..., Any], tmp_path: Path
) -> None:
    corpus = Path(__file__).parents[2] / "examples/corpus"
    session = corpus / "transcripts/D1-T01-s03.jsonl"
    hand = ("--hand", corpus / "labels/accepted.jsonl", "--sample", "random", "--transcripts", corpus / "transcripts")
    done = relcode("audit", session, *hand, "--out", tmp_path / "report.html", "--json")
    assert done.status == 0, done.err
    result = msgspec.json.decode(done.out, type=AuditResult)
    assert result.correction == "none: all sessions are of dyads that the model was trained on"
    assert {rate.estimate.mark for rate in result.rates} == {"uncorrected"}
    assert result.correction in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_counts_in_the_first_sentences_are_said_to_be_a_machines(codebook: Codebook, coded: Coded) -> None:
    sessions, labels = invented(coded, 4)
    by_machine = sentences(audit(sessions, codebook, scores=machine(sessions, labels, codebook), source="x"))
    assert any("most often, by a machine's count: " in sentence for sentence in by_machine)
    by_people = sentences(audit(sessions, codebook, labels=labels, source="x"))
    assert not any("machine" in sentence for sentence in by_people)
