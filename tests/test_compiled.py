"""Machine code on disk is used again, and made again when anything changes that is compiled into it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LOOP = """
from relcode.compiled import compiled
from other import FACTOR, Pair, twice

@compiled
def loop(pair: Pair) -> int:
    return FACTOR * twice(pair.inner.one)
"""
OTHER = """
from typing import NamedTuple
from relcode.compiled import compiled
from third import Inner, more

FACTOR = 10

class Pair(NamedTuple):
    inner: Inner

@compiled
def twice(number):
    return 2 * more(number)
"""
THIRD = """
from typing import NamedTuple
from relcode.compiled import compiled

class Inner(NamedTuple):
    one: int
    other: int

@compiled
def more(number):
    return number + 1
"""


FILES = {"loop": LOOP, "other": OTHER, "third": THIRD}


def forget() -> None:
    for name in FILES:
        sys.modules.pop(name, None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for name, text in FILES.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    yield tmp_path
    forget()


def called() -> tuple[int, int]:
    """What the loop gives for one = 3 and other = 5, imported anew; how often its machine code came from disk."""
    forget()
    importlib.invalidate_caches()
    loop, third = importlib.import_module("loop").loop, importlib.import_module("third")
    pair = importlib.import_module("other").Pair(third.Inner(one=3, other=5))
    return loop(pair), sum(loop.stats.cache_hits.values())


def test_what_is_unchanged_comes_from_disk(folder: Path) -> None:
    assert called() == (80, 0)
    assert called() == (80, 1)


@pytest.mark.parametrize(
    ("file", "before", "after", "result"),
    [
        ("loop", "FACTOR * twice", "FACTOR + twice", 18),
        ("other", "FACTOR = 10", "FACTOR = 11", 88),
        ("other", "2 * more", "3 * more", 120),
        ("third", "number + 1", "number + 2", 100),
        ("third", "    one: int\n    other: int\n", "    other: int\n    one: int\n", 80),
    ],
)
def test_a_change_in_any_file_is_compiled(folder: Path, file: str, before: str, after: str, result: int) -> None:
    called()
    path = folder / f"{file}.py"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    assert called() == (result, 0)
    assert called() == (result, 1)
