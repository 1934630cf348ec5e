"""`relcode next`: what pages promise, which are chosen, and the way of a choice into a plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from relcode.batches import find_plan, runs_of
from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.deid import record_deid
from relcode.deid.replace import DeidResult
from relcode.errors import UsageError
from relcode.learning.choosing import choose_pages, rarity, scores_of, shares_of
from relcode.learning.model import Model
from relcode.learning.prospects import survey_pages
from relcode.learning.save import save_model
from relcode.learning.segments import Segments
from relcode.ledger import NewEvent
from relcode.project import Project
from relcode.records import Session, Span, Turn
from relcode.transcripts import write_session
from relcode.transcripts.tokens import tokenize

Command = Callable[..., Any]
PLAIN = ("T: You drove home.", "C: We drove home in the rain.")
WITH_RARE = ("T: It is always so.", "C: Thank you for that.")


def lines_of(*pages: tuple[str, str], session_id: str = "N1", dyad: str = "E1") -> Session:
    """A session of pages of 16 turns, each of two lines over and over."""
    lines = [line for page in pages for line in page * 8]
    turns = tuple(Turn(number, line[0], line[3:]) for number, line in enumerate(lines, start=1))
    return Session(session_id, turns, {"dyad": dyad})


def accepting(span: Span) -> NewEvent:
    """The event that accepts a label on which two agreed."""
    agreed = {"span": msgspec.to_builtins(span), "decision": "agreed", "reason": "", "coders": ["ana", "ben"]}
    return NewEvent("accept", "test", agreed)


@pytest.fixture
def unseen() -> list[Session]:
    """Two sessions of four and two pages; one page of the first has the rare code."""
    first = lines_of(PLAIN, PLAIN, WITH_RARE, PLAIN)
    return [first, lines_of(PLAIN, PLAIN, session_id="N2", dyad="E2")]


def test_pages_hold_what_their_own_turns_promise(small: Codebook, unseen: list[Session]) -> None:
    pages = [run for session in unseen for run in runs_of(session)]
    assert [page.turns for page in pages] == [16] * 6
    found = survey_pages(unseen, pages, small)
    rare = found.positives[:, small.code_ids.index("RARE.one")]
    assert rare.argmax() == 2
    assert rare[[0, 1, 3, 4, 5]] == pytest.approx(0.05 * 8)  # the prior, in eight turns of the therapist
    assert rare[2] > 3 * rare[0]
    part = survey_pages(unseen, pages[2:4], small)
    assert part.positives == pytest.approx(found.positives[2:4])
    assert not found.errors.any()


def test_likeness_is_that_of_words_and_of_dyads(small: Codebook, unseen: list[Session]) -> None:
    pages = [run for session in unseen for run in runs_of(session)]
    likeness = (lambda rows: rows @ rows.T)(survey_pages(unseen, pages, small).coordinates)
    assert np.diag(likeness) == pytest.approx(likeness[0, 0])
    assert likeness[0, 1] == pytest.approx(likeness[0, 0], abs=0.01)  # the same words and dyad
    assert likeness[0, 4] < likeness[0, 1] - 0.1  # the same words, another dyad
    assert likeness[0, 2] < likeness[0, 1] - 0.5  # the same dyad, other words


def test_a_model_is_in_doubt_where_it_would_decide_either_way(small_model: Model, unseen: list[Session]) -> None:
    pages = [run for session in unseen for run in runs_of(session)]
    found = survey_pages(unseen, pages, small_model)
    unlearned = small_model.codebook.code_ids.index("RARE.one")
    assert small_model.learned.tolist() == [True, True, True, False]
    assert (found.errors[:, :3] > 0).all()
    assert not found.errors[:, unlearned].any()
    table = tokenize(unseen[1:])
    probability = small_model.probabilities(Segments(table))
    doubt = np.minimum(probability, 1 - probability).sum(axis=0)[:3]
    assert (found.errors[4:, :3].sum(axis=0) >= doubt - 1e-9).all()  # a threshold may lie beside one half
    assert found.positives[2, unlearned] == found.positives[:, unlearned].max()  # the cues stand in


def test_a_code_is_looked_for_the_less_the_more_of_it_was_accepted() -> None:
    assert rarity(np.array([0, 5, 20, 99])).tolist() == [1.0, 0.75, 0.0, 0.0]


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([[4, 0], [0, 1], [4, 1]], [1, 1], [0.25, 0.25, 0.5]),  # a frequent code counts no more than another
        ([[4, 0], [0, 1], [4, 1]], [0, 1], [0.0, 0.5, 0.5]),
        ([[4, 0], [0, 1], [4, 1]], [0, 0], [0.0, 0.0, 0.0]),
        ([[0.001, 0], [0, 2]], [1, 1], [0.0005, 0.5]),  # a page is not chased for a thousandth of an instance
    ],
)
def test_a_page_has_its_share_of_each_code(values: Any, weights: Any, expected: list[float]) -> None:
    assert shares_of(np.array(values, dtype=float), np.array(weights, dtype=float)).tolist() == pytest.approx(expected)


def test_doubt_and_rare_codes_count_alike() -> None:
    assert scores_of(np.array([1.0, 3.0]), np.array([0.2, 0.2])).tolist() == pytest.approx([1.5**8, 2.5**8])
    assert scores_of(np.zeros(2), np.array([0.1, 0.3])).tolist() == pytest.approx([0.5**8, 1.5**8])
    assert scores_of(np.zeros(2), np.zeros(2)).tolist() == [0.0, 0.0]


def test_pages_with_a_rare_code_are_found_until_there_is_enough_of_it(small: Codebook, unseen: list[Session]) -> None:
    pages = [run for session in unseen for run in runs_of(session)]
    enough = dict.fromkeys(small.code_ids, 20)
    hunted = choose_pages(unseen, pages, small, enough | {"RARE.one": 0}, count=1, seed=1)
    even = choose_pages(unseen, pages, small, enough, count=1, seed=1)
    rare = {row.code: row for row in hunted.codes}["RARE.one"]
    assert rare.accepted == 0
    assert rare.by_chance == pytest.approx(rare.left / 6, abs=0.01)
    assert even.least_probability == pytest.approx(1 / 6)
    assert even.pages[0].probability == pytest.approx(1 / 6)
    likely = [
        page.probability
        for seed in range(30)
        for page in choose_pages(
            unseen, pages, small, enough | {"RARE.one": 0}, count=1, seed=seed, random_share=0.3
        ).pages
        if page.turn == 33
    ]
    assert len(likely) > 10
    assert set(likely) == {likely[0]}
    assert likely[0] > 0.5


def test_the_order_of_what_is_named_does_not_matter(small_model: Model, unseen: list[Session]) -> None:
    pages = [run for session in unseen for run in runs_of(session)]
    one = choose_pages(unseen, pages, small_model, {}, count=3, seed=4)
    other = choose_pages(unseen[::-1], pages[::-1], small_model, {}, count=3, seed=4)
    assert one == other
    assert one.judge == small_model.id
    assert one.expected_errors == pytest.approx(sum(page.expected_errors or 0 for page in one.pages), abs=0.01)
    assert "drove" not in repr(one)


@pytest.mark.parametrize(("count", "share"), [(0, 0.2), (7, 0.2), (1, 0.0), (1, 1.1)])
def test_what_cannot_be_drawn_is_refused(small: Codebook, unseen: list[Session], count: int, share: float) -> None:
    pages = [run for session in unseen for run in runs_of(session)]
    with pytest.raises(UsageError, match=r"--pages|--random-share"):
        choose_pages(unseen, pages, small, {}, count=count, random_share=share)


@pytest.fixture
def study(
    tmp_path: Path, unseen: list[Session], small: Codebook, small_study: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Project:  # fmt: skip
    """A project with the two sessions and one that the small model was trained on."""
    project = Project.create(tmp_path / "study", coders=["ana"])
    write_codebook(small, project.codebooks / "small.yaml")
    sessions = [*unseen, small_study().sessions[0]]
    for each in sessions:
        write_session(each, project.transcripts)
    record_deid(DeidResult(tuple(sessions), (), {}, {}), project.open_ledger())
    monkeypatch.chdir(project.folder)
    return project


def test_a_choice_becomes_a_plan_that_keeps_the_probabilities(
    relcode: Command, study: Project, small_model: Model, tmp_path: Path
) -> None:
    save_model(small_model, study.models / "small")
    first = relcode("next", "--model", "models/small", "--pages", 4, "--out", "next.jsonl")
    assert first.status == 0, first.err
    assert "drove" not in first.out + first.err
    assert "Whether more coding pays cannot be told: " in first.err
    lines = [json.loads(line) for line in Path("next.jsonl").read_text().splitlines()]
    assert len(lines) == 4
    assert {line["session_id"] for line in lines} <= {"N1", "N2"}  # S1 was coded elsewhere: the model knows it
    planned = relcode("batch", "two", "--unit", "page", "--chosen", "next.jsonl")
    assert planned.status == 0, planned.err
    plan = find_plan(study.open_ledger(), "two")
    assert plan is not None
    kept = {(each.session_id, each.first_turn): each.probability for each in plan.assignments}
    assert kept == {(line["session_id"], line["turn"]): line["probability"] for line in lines}
    again = relcode("next", "--model", "models/small", "--pages", 2, "--out", "then.jsonl", "--json")
    assert again.status == 0, again.err
    choice = json.loads(again.out)
    assert choice["candidates"] == 2
    assert not {(page["session_id"], page["turn"]) for page in choice["pages"]} & set(kept)
    none_left = relcode("next", "--model", "models/small", "--pages", 3, "--out", "more.jsonl")
    assert (none_left.status, "2 page(s) are left" in none_left.err) == (2, True)
    assert not Path("more.jsonl").exists()


def test_without_a_model_the_cues_hunt_for_codes_that_few_labels_have(
    relcode: Command, study: Project, unseen: list[Session]
) -> None:
    text = unseen[0].turns[32].text
    span = Span("N1", 33, 0, len(text), text, "RARE.one", "small@1.0.0")
    study.open_ledger().append([accepting(span)])
    options = ("--codebook", "small", "--pages", 3, "--out", "next.jsonl")
    done = relcode("next", *options, "--json")
    assert done.status == 0, done.err
    choice = json.loads(done.out)
    assert choice["expected_errors"] is None
    assert {row["code"]: row["accepted"] for row in choice["codes"]}["RARE.one"] == 1
    assert {row["by"] for row in choice["codes"]} == {"cues"}
    assert "nothing is known of doubt" in done.err
    shown = relcode("next", *options, "--seed", 3)
    assert "RARE.one" in shown.out
    assert shown.out == relcode("next", *options, "--seed", 3).out


def test_settled_sessions_are_left_out(relcode: Command, study: Project, unseen: list[Session]) -> None:
    sha = runs_of(unseen[0])[0].session_sha256
    settled = {"session_id": "N1", "session_sha256": sha, "codebook": "small@1.0.0"}
    study.open_ledger().append([NewEvent("adjudicated", "test", settled)])
    done = relcode("next", "--codebook", "small", "--pages", 99, "--out", "next.jsonl")
    assert "4 page(s) are left" in done.err  # two of N2, two of S1
    nothing = relcode("next", "transcripts/N1.jsonl", "--codebook", "small", "--pages", 1, "--out", "next.jsonl")
    assert (nothing.status, "No page is left to be coded" in nothing.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--pages", 0), "--pages 0"),
        (("--pages", 1, "--random-share", 0), "--random-share"),
        (("--pages", 1, "--model", "models/none"), "models/none"),
        (("--pages", 1, "--model", "models/none", "--codebook", "small"), "--codebook goes without --model"),
    ],
)
def test_a_wrong_call_is_refused_and_writes_nothing(
    relcode: Command, study: Project, options: tuple[object, ...], said: str
) -> None:
    done = relcode("next", "--out", "next.jsonl", *options)
    assert done.status in (1, 2)
    assert said in done.err
    assert not Path("next.jsonl").exists()
