"""Lint: examples that their own cues judge otherwise, codes out of reach, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from relcode.codebook import list_codebooks
from relcode.codebook.source import read_head
from relcode.cues import lint_codebook

GOOD = """\
id: small
version: 1.0.0
title: Small
authors: [A]
codes:
  - id: TSI
    name: a
    speakers: [T]
    definition: d
    prior: 0.1
    rules: [{against: REP, ask: Which one?}]
    examples:
      hit: ["I feel sad."]
      near_hit: ["C: You're late. | T: So I feel sad."]
      near_miss: ["You feel sad."]
      miss: ["It rained."]
    cues:
      - {id: own, weight: 4, patterns: ["i feel"]}
"""


def lint(tmp_path: Path, old: str = "", new: str = "") -> list[str]:
    path = tmp_path / "small.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new) if old else GOOD, encoding="utf-8")
    return [fault.removeprefix(f"{path}:") for fault in lint_codebook(path)]


def test_a_sound_codebook_has_no_fault(tmp_path: Path) -> None:
    assert lint(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('hit: ["I feel sad."]', 'hit: ["I feel.", "I am sad."]', "13: code TSI: hit 2 is missed by its own cues"),
        (
            'near_miss: ["You feel sad."]',
            'near_miss: ["As if I feel it."]',
            "15: code TSI: near_miss 1 is taken by its own",
        ),
        ('"C: You\'re late. | T: So I feel sad."', '"T: I feel sad. | T: So."', "14: code TSI: near_hit 1 is missed"),
        ('      miss: ["It rained."]\n', "", "code TSI: no example of the kind miss"),
        ("weight: 4", "weight: 2", "17: code TSI: all of its cues together do not bring it to 0.5"),
        ("against: REP,", "against: NOWHERE,", "11: code TSI: rule against NOWHERE: no such code is known"),
        ("prior: 0.1", "prior: 1.1", "10: code TSI: prior 1.1"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert any(
        found.startswith(fault) or (fault.startswith("code") and fault in found) for found in lint(tmp_path, old, new)
    )


def test_a_hit_of_either_speaker_is_enough_and_a_miss_of_either_too_much(tmp_path: Path) -> None:
    either = GOOD.replace("speakers: [T]", "speakers: [T, C]").replace(
        'patterns: ["i feel"]', 'patterns: ["i feel"], when: {speaker: C}'
    )
    path = tmp_path / "small.yaml"
    path.write_text(either.replace('"C: You\'re late. | T: So I feel sad."', '"So I feel sad."'), encoding="utf-8")
    assert lint_codebook(path) == []
    path.write_text(path.read_text().replace('miss: ["It rained."]', 'miss: ["I feel rain."]'), encoding="utf-8")
    assert len(lint_codebook(path)) == 1


# Released codebooks do not change. These examples of theirs hold two units since compound sentences are cut ("I chase, and you
# run"), and their cues need both.
_TWO_UNITS = {
    "client-process@1.0.0": {"MCOG: near_hit 6"},
    "relational-core@1.0.0": {"ENACT: hit 3", "ENACT: near_hit 2", "SUPP: near_miss 6"},
    "rupture-repair@1.0.0": {"REP.exploratory: hit 1", "REP.exploratory: hit 4", "REP.exploratory: near_hit 5"},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sorted(name for name, path in list_codebooks().items() if read_head(path).version == "1.0.0")
)
def test_the_authors_codebooks_have_no_fault_but_the_known(name: str) -> None:
    faults = lint_codebook(list_codebooks()[name])
    assert {fault.split(": code ")[1].split(" is ")[0] for fault in faults} == _TWO_UNITS.get(name, set())
