"""The command line of adjudication, without a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.adjudication import settle
from relcode.ledger import CONSENSUS, NewEvent
from relcode.project import Project
from relcode.records import Span
from relcode.spans import read_spans

Run = Callable[..., Any]


@pytest.fixture
def project(
    tmp_path: Path, span: Callable[..., Span], page: Callable[..., NewEvent], tick: Callable[..., list[NewEvent]]
) -> Project:
    """Three coders: turn 1 by all, 2 by two of three, 3 by one; turn 5 by ana alone. S2 waits for ben."""
    project = Project.create(tmp_path / "study", coders=["ana", "ben", "cem"])
    ledger = project.open_ledger()
    given = {"ana": [1, 2, 5], "ben": [1, 2], "cem": [1, 3]}
    for coder, turns in given.items():
        last = 5 if coder == "ana" else 4
        labels = [span(turn, 0, 9) for turn in turns]
        ledger.append([page(coder, coder, 1, last), *tick(coder, coder, *labels)])
    ledger.append([page("ben", "b2", 1, 4, session="S2")])
    return project


def test_a_policy_is_said_in_the_file_and_what_waits_is_named(relcode: Run, project: Project) -> None:
    done = relcode("adjudicate", "pull", "--policy", "majority", "--project", project.folder)
    assert done.status == 0, done.err
    assert "1 session(s) settled: 3 label(s) accepted now, 1 rejected, 0 withdrawn" in done.err
    assert "S2: not coded yet; ben has not confirmed 1 page(s)" in done.err
    labels = read_spans(project.labels / "accepted.jsonl")
    assert [(label.turn, label.source) for label in labels] == [
        (1, "accepted"),
        (2, "accepted:majority"),
        (5, "accepted:single"),
    ]


def test_options_take_the_place_of_the_projects_choices(relcode: Run, project: Project) -> None:
    with (project.folder / "relcode.toml").open("a") as file:
        file.write("[unknown]\n")
    assert relcode("adjudicate", "pull", "--policy", "agreed", "--project", project.folder).status == 1
    text = (project.folder / "relcode.toml").read_text().replace("[unknown]\n", "")
    (project.folder / "relcode.toml").write_text(text.replace("[adjudication]", '[adjudication]\nsingle = "leave"'))
    left = relcode("adjudicate", "pull", "--policy", "agreed", "--project", project.folder)
    assert "S1: not settled; turn 5: coded by one coder alone" in left.err
    taken = relcode("adjudicate", "pull", "--policy", "agreed", "--single", "accept", "--project", project.folder)
    assert "1 session(s) settled" in taken.err


def test_a_chain_is_explained_and_written(relcode: Run, project: Project) -> None:
    chains = project.reports / "chains.jsonl"
    relcode("adjudicate", "pull", "--policy", "majority", "--chains", chains, "--project", project.folder)
    said = relcode("adjudicate", "explain", "S1", 2, "--project", project.folder).out.splitlines()
    assert said == [
        "TSI at 0 to 9 “xxxxxxxxx”: accepted, policy:majority",
        "  ana: 0 to 9, added",
        "  ben: 0 to 9, added",
        "  not given by cem",
        "  codebook c@1.0.0, batch 1",
    ]
    lines = [json.loads(line) for line in chains.read_text().splitlines()]
    assert [(line["span"]["turn"], line["verdict"]) for line in lines] == [
        (1, "accept"),
        (2, "accept"),
        (3, "reject"),
        (5, "accept"),
    ]
    assert chains.stat().st_mode & 0o777 == 0o600


def test_the_report_counts_what_the_adjudicator_decided(
    relcode: Run,
    project: Project,
    span: Callable[..., Span],
    page: Callable[..., NewEvent],
    tick: Callable[..., list[NewEvent]],
) -> None:
    ledger = project.open_ledger()
    standing = [span(1, 0, 9), span(2, 0, 9), span(2, 0, 4, "why.rule"), span(3, 0, 4, "why.unclear"), span(5, 0, 9)]
    ledger.append([page(CONSENSUS, "c", 1, 5, adjudicator="judge"), *tick(CONSENSUS, "c", *standing)])
    settle(ledger)
    said = relcode("adjudicate", "report", "--project", project.folder).out.splitlines()
    assert said == [
        "2 label(s) decided by the adjudicator; 0 without a reason",
        "  TSI accepted, not none: 1 (rule 1)",
        "  none accepted, not TSI: 1 (unclear 1)",
        "reasons: rule 1, unclear 1",
        "ana: decided for 2, against 0",
        "ben: decided for 2, against 0",
        "cem: decided for 0, against 2",
        "codebook unclear: session S1, turn 3, TSI (rejected)",
    ]
    blind = relcode("adjudicate", "report", "--blind", "--json", "--project", project.folder)
    assert {coder["coder"] for coder in json.loads(blind.out)["coders"]} == {"coder 1", "coder 2", "coder 3"}
    explained = relcode("adjudicate", "explain", "S1", 3, "--project", project.folder).out
    assert "decided by judge; reason: unclear" in explained
