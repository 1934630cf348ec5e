"""A coder's calibration against accepted labels: tables by hand, certificates, the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import yaml

from relcode.certification import (
    Assessment,
    assess,
    calibration_attempts,
    certificates,
    next_batch,
    read_standard,
    record_certificates,
    render_assessment,
    seen_turns,
)
from relcode.certification.rules import guidance
from relcode.choices import CertificationChoices
from relcode.codebook import Codebook, load_codebook
from relcode.ledger import CALIBRATION, Ledger, NewEvent
from relcode.project import Project
from relcode.records import Span
from relcode.reliability import coefficients, session_draws


def measure(ratings: Any, pages: Any) -> Any:
    weights = session_draws(int(pages.max()) + 1 if len(pages) else 0, 200, 0)
    found, _ = coefficients(ratings, session_row=pages, weights=weights, categories=np.array([0.0, 1.0]))
    return {"kappa": found["cohen_kappa"], "f1": found["positive_agreement"]}


def span(turn: int, code: str, words: str = "secret words", session: str = "S1") -> Span:
    return Span(session, turn, 0, len(words), words, code, "small@1.0.0")


CODES = [
    {"id": "TSI", "speakers": ["T"], "rules": [{"against": "TSD", "ask": "Is it about us, now?"}],
     "examples": {"near_hit": ["Near hit of TSI."]}},
    {"id": "TSD", "speakers": ["T"], "examples": {"near_miss": ["Near miss of TSD."]}},
    {"id": "INT", "speakers": ["T"], "exclude": ["Never a question."]},
    {"id": "INT.deep", "speakers": ["T"], "rules": [{"against": "TSI", "ask": "Does it explain?"}]},
    {"id": "RO", "speakers": ["C"]},
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.create(tmp_path / "study", codebook="small", coders=["ana"])
    codes = [{"name": "x", "definition": f"Definition of {code['id']}.", "prior": 0.1, **code} for code in CODES]
    book = {"id": "small", "version": "1.0.0", "title": "Small", "authors": ["test"], "codes": codes}
    (project.codebooks / "small.yaml").write_text(yaml.safe_dump(book))
    return project


@pytest.fixture
def codebook(project: Project) -> Codebook:
    return load_codebook("small", [project.codebooks])


@pytest.fixture
def ledger(project: Project) -> Ledger:
    return project.open_ledger()


def settle(ledger: Ledger, *spans: Span, session: str = "S1") -> None:
    """Record accepted labels of a session as settled."""
    body = {"decision": "agreed", "reason": "", "coders": ["x", "y"]}
    events = [NewEvent("accept", "test", {"span": msgspec.to_builtins(each), **body}) for each in spans]
    closing = {"session_id": session, "session_sha256": "0", "codebook": "small@1.0.0"}
    ledger.append([*events, NewEvent("adjudicated", "test", closing)])


def attempt(
    ledger: Ledger,
    uid: str,
    turns: tuple[int, int],
    spans: Sequence[Span],
    batch: str = "calibration-1",
    tick: bool = True,
) -> None:
    """A calibration page of turns, therapist and client in alternation, with the coder's labels."""
    where = {"page": uid, "batch": batch, "coder": "ana"}
    numbers = range(turns[0], turns[1] + 1)
    entry = {**where, "session_id": "S1", "session_sha256": "0", "first_turn": turns[0], "last_turn": turns[1]}
    entry |= {"text_sha256": "0", "codebook": "small@1.0.0", "suggestions": [], "shown": False, "role": CALIBRATION}
    entry["turns"] = [[number, "CT"[number % 2], 0, 9] for number in numbers]
    labels = [
        NewEvent("label", "test", {**where, "span": msgspec.to_builtins(each), "provenance": "added"}) for each in spans
    ]
    ledger.append([NewEvent("page", "test", entry), *labels])
    if tick:
        ledger.append([NewEvent("confirm", "test", {**where, "at": None})])


def assessed(ledger: Ledger, codebook: Codebook, **choices: Any) -> Assessment:
    chosen = CertificationChoices(**({"instances": 2} | choices))
    return assess("ana", calibration_attempts(ledger, "ana"), read_standard(ledger), codebook, chosen, measure)


@pytest.fixture
def first(ledger: Ledger) -> Ledger:
    """Turns 1 to 20: TSI accepted in 1, 3, 5; the coder gave it in 1, 3 and 7, and TSD in 5."""
    settle(ledger, span(1, "TSI"), span(3, "TSI"), span(5, "TSI"), span(2, "RO"), span(11, "INT"))
    attempt(ledger, "a", (1, 10), [span(1, "TSI"), span(3, "TSI"), span(7, "TSI"), span(5, "TSD"), span(2, "RO")])
    attempt(ledger, "b", (11, 20), [])
    return ledger


def test_figures_per_code_by_hand(first: Ledger, codebook: Codebook) -> None:
    found = assessed(first, codebook)
    tsi, tsd, interpretation, ro = found.codes
    assert (tsi.turns, tsi.instances, tsi.hits, tsi.misses, tsi.false_alarms) == (10, 3, 2, 1, 1)
    assert tsi.f1.value == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    observed, expected = 8 / 10, (3 * 3 + 7 * 7) / 100
    assert tsi.kappa.value == pytest.approx((observed - expected) / (1 - expected))
    assert "undefined in" in (tsi.kappa.reason or "")  # all of TSI on one page of two
    assert (tsd.instances, tsd.false_alarms, tsd.status) == (0, 1, "too few instances")
    assert (interpretation.code, interpretation.misses, interpretation.status) == ("INT", 1, "too few instances")
    assert (ro.turns, ro.hits, ro.kappa.value) == (10, 1, 1.0)  # the client's turns alone


def test_the_interval_resamples_pages(ledger: Ledger, codebook: Codebook) -> None:
    settle(ledger, *(span(page * 10 + 1, "TSI") for page in range(12)))
    for page in range(12):
        attempt(ledger, f"p{page}", (page * 10 + 1, page * 10 + 10), [span(page * 10 + 1, "TSI")] if page < 9 else [])
    (tsi,) = assessed(ledger, codebook).codes
    assert (tsi.turns, tsi.hits, tsi.misses) == (60, 9, 3)
    assert tsi.f1.low is not None
    assert tsi.f1.high is not None
    assert tsi.f1.value == pytest.approx(18 / 21)
    assert tsi.f1.low < tsi.f1.value < tsi.f1.high


@pytest.mark.parametrize(
    ("choices", "status"),
    [
        ({"threshold": 0.5}, "certified"),
        ({"threshold": 0.53}, "not yet"),  # kappa 0.524
        ({"threshold": 0.66, "coefficient": "f1"}, "certified"),
        ({"threshold": 0.67, "coefficient": "f1"}, "not yet"),
        ({"threshold": 0.5, "instances": 3}, "certified"),
        ({"threshold": 0.5, "instances": 4}, "too few instances"),
    ],
)
def test_standing_by_threshold_and_instances(
    first: Ledger, codebook: Codebook, choices: dict[str, Any], status: str
) -> None:
    assert assessed(first, codebook, **choices).codes[0].status == status


def test_each_difference_has_the_codebooks_word(first: Ledger, codebook: Codebook) -> None:
    found = [(each.turn, each.code, each.missed, each.guidance.text) for each in assessed(first, codebook).differences]
    assert found == [
        (5, "TSD", False, "Is it about us, now?"),
        (5, "TSI", True, "Is it about us, now?"),
        (7, "TSI", False, "Definition of TSI."),
        (11, "INT", True, "Definition of INT."),
    ]


@pytest.mark.parametrize(
    ("code", "instead", "missed", "text"),
    [
        ("TSI", ["TSD"], True, "Is it about us, now?"),
        ("TSD", ["TSI"], False, "Is it about us, now?"),  # the rule stands with the other code
        ("TSI", ["RO"], True, "Near hit of TSI."),
        ("TSD", [], False, "Near miss of TSD."),
        ("TSD", [], True, "Definition of TSD."),
        ("INT", [], False, "Never a question."),
        ("TSI", ["INT.deep"], True, "Does it explain?"),
        ("TSI", ["INT"], True, "Near hit of TSI."),  # the rule is that of a part
        ("TSI", ["GONE"], True, "Near hit of TSI."),
    ],
)
def test_the_rule_behind_a_difference(
    codebook: Codebook, code: str, instead: list[str], missed: bool, text: str
) -> None:
    assert guidance(codebook, code, instead, missed=missed).text == text


def test_pages_that_are_not_confirmed_are_left_out_and_decide_nothing(first: Ledger, codebook: Codebook) -> None:
    attempt(first, "c", (21, 30), [span(21, "TSI")], tick=False)
    found = assessed(first, codebook, threshold=0.5)
    assert (found.pages, found.confirmed, found.codes[0].turns) == (3, 2, 10)
    assert record_certificates(first, found).certified == []


def test_pages_of_sessions_that_are_not_settled_are_counted_and_left_out(ledger: Ledger, codebook: Codebook) -> None:
    attempt(ledger, "a", (1, 10), [span(1, "TSI")])
    found = assessed(ledger, codebook)
    assert (found.unsettled, found.codes) == (1, [])


def test_the_last_attempt_decides_and_rare_codes_are_read_further_back(first: Ledger, codebook: Codebook) -> None:
    settle(first, span(21, "TSI"), span(23, "TSI"), span(25, "INT"))
    attempt(first, "c", (21, 30), [span(21, "TSI"), span(23, "TSI"), span(25, "INT")], "calibration-2")
    tsi, _, interpretation, _ = assessed(first, codebook).codes
    assert (tsi.batches, tsi.instances, tsi.misses) == (("calibration-2",), 2, 0)
    assert (interpretation.batches, interpretation.instances, interpretation.hits) == (
        ("calibration-1", "calibration-2"),
        2,
        1,
    )


def test_certificates_are_recorded_once_and_taken_back_by_a_worse_attempt(first: Ledger, codebook: Codebook) -> None:
    assert record_certificates(first, assessed(first, codebook, threshold=0.5)).certified == ["TSI"]
    head = first.head()
    assert record_certificates(first, assessed(first, codebook, threshold=0.5)).certified == []
    assert first.head() == head
    (held,) = certificates(first)
    assert (held.coder, held.code, held.codebook, held.instances, held.coefficient) == (
        "ana",
        "TSI",
        "small@1.0.0",
        3,
        "kappa",
    )
    settle(first, span(21, "TSI"), span(23, "TSI"))
    attempt(first, "c", (21, 30), [span(27, "TSI")], "calibration-2")
    assert record_certificates(first, assessed(first, codebook, threshold=0.5)).taken_back == ["TSI"]
    assert certificates(first) == []
    assert first.verify() == []


def test_the_next_attempt_has_the_next_number_and_other_pages(first: Ledger) -> None:
    assert next_batch([]) == "calibration-1"
    assert next_batch(calibration_attempts(first, "ana")) == "calibration-2"
    assert seen_turns(first, "ana")["S1"] == set(range(1, 21))
    assert seen_turns(first, "ben")["S1"] == set()


def test_calibration_labels_count_as_nobodys_codings(first: Ledger) -> None:
    assert first.labels("ana") == []


def test_the_page_has_the_words_and_escapes_them(ledger: Ledger, codebook: Codebook) -> None:
    settle(ledger, span(1, "TSI", "<b>mine</b>"))
    attempt(ledger, "a", (1, 10), [span(1, "TSD", "yours & mine")])
    attempts, standard = calibration_attempts(ledger, "ana"), read_standard(ledger)
    html = render_assessment(assessed(ledger, codebook), attempts, standard)
    assert "&lt;b&gt;mine&lt;/b&gt;" in html
    assert "yours &amp; mine" in html
    assert "<b>" not in html
    assert "Is it about us, now?" in html
    assert not re.search(r"https?://|<script", html)


def test_the_command_line_reports_without_words_and_lists(
    first: Ledger, project: Project, relcode: Callable[..., Any]
) -> None:
    with (project.folder / "relcode.toml").open("a") as file:
        file.write("instances = 2\nthreshold = 0.5\n")
    page = project.reports / "ana.html"
    done = relcode("train-coder", "report", "ana", "--project", project.folder, "--html", page)
    assert done.status == 0, done.err
    assert "TSI\t3\t2\t1\t1\t0.52\t0.67\tcertified" in done.out
    assert (
        "session S1, turn 5: TSI missed; accepted TSI, given TSD (rule: TSI or TSD: Is it about us, now?)" in done.out
    )
    assert "Certified now: TSI" in done.err
    assert "secret words" not in done.out + done.err
    assert "secret words" in page.read_text()
    assert page.stat().st_mode & 0o777 == 0o600
    assert "ana\tTSI\tsmall@1.0.0\t" in relcode("train-coder", "list", "--project", project.folder).out
    plain = relcode("train-coder", "report", "ana", "--project", project.folder, "--json")
    assert plain.status == 0
    assert "secret words" not in plain.out
