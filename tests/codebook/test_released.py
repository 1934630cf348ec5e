"""A version of a codebook that was released never changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relcode.codebook import load_codebook
from relcode.provenance import hash_file

FOLDER = Path(__file__).parents[2] / "codebooks"
LINES = [line.split("  ") for line in (FOLDER / "RELEASED").read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_each_codebook_here_was_released_in_this_very_form() -> None:
    released = {reference: digest for digest, reference in LINES}
    here = {load_codebook(path).reference: hash_file(path) for path in FOLDER.glob("*.yaml")}
    assert here == released


def test_no_version_is_released_twice() -> None:
    references = [reference for _, reference in LINES]
    assert len(set(references)) == len(references)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest, _ in LINES)


@pytest.mark.slow
def test_an_earlier_version_is_named_by_its_number() -> None:
    for _, reference in LINES:
        assert load_codebook(reference).reference == reference
