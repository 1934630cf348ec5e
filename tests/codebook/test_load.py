"""Loading a codebook: all faults at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from relcode.codebook import load_codebook
from relcode.codebook.patterns import expand_pattern
from relcode.errors import CodebookError

GOOD = """
id: small
version: 1.0.0
title: Small
authors: [A]
lexicons: {feeling: [sad]}
codes:
  - {id: TSI, name: a, speakers: [T], definition: d, prior: 0.1,
     cues: [{id: own, weight: 2, patterns: ["i feel <feeling>"]}]}
"""


def load(tmp_path: Path, text: str) -> object:
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return load_codebook(path)


def test_a_codebook_is_found_by_id_version_and_path(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    assert load_codebook("small", [tmp_path]).reference == "small@1.0.0"
    assert load_codebook("small@1.0.0", [tmp_path]).allows("TSI", "T2")
    assert not load_codebook("small", [tmp_path]).allows("TSI", "C")
    with pytest.raises(CodebookError, match=r"version 1\.0\.0, not 2\.0\.0"):
        load_codebook("small@2.0.0", [tmp_path])
    with pytest.raises(CodebookError, match="no codebook 'other'"):
        load_codebook("other", [tmp_path])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("version: 1.0.0", "version: '1'", "three numbers"),
        ("title: Small", "titel: Small", "titel"),
        ("[sad]", "[]", "lexicon feeling is empty"),
        ("<feeling>", "<feelings>", "no lexicon named 'feelings'"),
        ("prior: 0.1", "prior: 1.5", "prior 1.5"),
        ("speakers: [T]", "speakers: [X]", "code TSI"),
        ("definition: d", "definition: d, parent: INT", "parent INT: there is no such code"),
        ("definition: d", "definition: d, beats: [REFL]", "beats REFL"),
        ("definition: d", "definition: d, color: red", "#RRGGBB"),
        ('"i feel <feeling>"', '"re:("', "no regular expression"),
        ('"i feel <feeling>"', '".. sad?"', "optional"),
        ("codes:", "kodes:", "at least one code"),
        ("authors: [A]", "authors: [A", "not valid YAML"),
    ],
)
def test_every_fault_is_named(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(CodebookError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert fault in str(caught.value)


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(CodebookError) as caught:
        load(tmp_path, GOOD.replace("prior: 0.1", "prior: 7").replace("[sad]", "[]"))
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(
    ("pattern", "expanded"),
    [
        ("sad", [{"LOWER": "sad"}]),
        ("Sad|glad", [{"LOWER": {"IN": ["glad", "sad"]}}]),
        ("sad?", [{"LOWER": "sad", "OP": "?"}, {"LOWER": "x"}]),
        ("!sad", [{"LOWER": {"NOT_IN": ["sad"]}, "IS_PUNCT": False}]),
        ("?", [{"LOWER": "?"}]),
    ],
)
def test_short_patterns(pattern: str, expanded: list[dict[str, object]]) -> None:
    text = pattern + " x" if len(expanded) == 2 else pattern
    assert expand_pattern(text, {}) == expanded
