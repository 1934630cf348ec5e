"""The same comparison within parts: each pair of coders, each version of the codebook, each stretch of time; re-codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Literal

import numpy as np

from relcode.errors import LabelError
from relcode.ledger import CODE, RECODE
from relcode.reliability.agreement import summarise
from relcode.reliability.coded_pages import CodedPage, window_of, windows_in_order
from relcode.reliability.codings import coding_of_pages
from relcode.reliability.material import Kept, Material, prepare
from relcode.reliability.ratings import Bools, Level, Ratings
from relcode.reliability.results import Group

PartKind = Literal["pair", "version", "window"]
PART_KINDS: tuple[PartKind, ...] = ("pair", "version", "window")
Part = tuple[str, tuple[int, ...], Kept | None]


def group_agreement(
    material: Material,
    kind: PartKind,
    *,
    window: str = "week",
    levels: Sequence[Level] = (),
    draws: int = 1000,
    seed: int = 0,
) -> list[Group]:
    """The agreement within each part of one kind; parts in which nothing was coded twice are passed over.

    Pairs are of all coders, models and cues too; versions and windows of those whom the main figures are of. A turn
    belongs to the window in which the last of its coders confirmed it. Windows need pages of the ledger.
    """
    parts: dict[PartKind, Callable[[], Iterator[Part]]] = {
        "pair": lambda: _pairs(material),
        "version": lambda: _versions(material),
        "window": lambda: _windows(material, window),
    }
    groups = []
    for name, coders, kept in parts[kind]():
        tables = material.tables(coders, kept)
        if not (tables["turn"].covered.sum(axis=0) >= 2).any():
            continue
        names = [material.coders[row] for row in coders]
        rows, macro = summarise(material, tables, names, levels=levels, draws=draws, seed=seed)
        sessions = tables["turn"].session_ids
        groups.append(Group(kind, name, tuple(names), sessions, _turns(tables["turn"]), rows, macro))
    return groups


def recode_agreement(
    pages: Sequence[CodedPage],
    material: Material,
    notes: list[str],
    *,
    levels: Sequence[Level] = (),
    draws: int = 1000,
    seed: int = 0,
) -> list[Group]:
    """How far each coder agrees with their own earlier coding, on pages that they were given again unmarked.

    A re-code is compared with what the same coder said of the same turns before; what cannot be compared goes to `notes`.
    """
    groups = []
    for coder in sorted({page.coder for page in pages if page.role == RECODE}):
        again = [page for page in pages if page.coder == coder and page.role == RECODE]
        named = {page.session_id for page in again}
        before = [p for p in pages if p.coder == coder and p.role == CODE and p.session_id in named]
        days = [gap for page in again if (gap := _days_since(page, before)) is not None]
        first, second = coding_of_pages(f"{coder}, first", before), coding_of_pages(f"{coder}, again", again)
        try:
            both = prepare([first, second], material.sessions, material.codebook, tokens=material.tokens)
        except LabelError as error:
            notes.append(f"{coder}: re-codes left out. {' '.join([error.message, *error.faults])}")
            continue
        tables = both.tables((0, 1), _earlier_only(both))
        if not days or not (tables["turn"].covered.sum(axis=0) >= 2).any():
            notes.append(f"{coder}: re-codes left out, none is of turns that the coder had confirmed before.")
            continue
        rows, macro = summarise(both, tables, both.coders, levels=levels, draws=draws, seed=seed)
        turns = tables["turn"]
        middle = float(np.median(days))
        groups.append(Group("recode", coder, both.coders, turns.session_ids, _turns(turns), rows, macro, middle))
    return groups


def _pairs(material: Material) -> Iterator[Part]:
    for pair in combinations(range(len(material.codings)), 2):
        yield " – ".join(material.coders[row] for row in pair), pair, None


def _versions(material: Material) -> Iterator[Part]:
    versions = [coding.versions() for coding in material.codings]
    for version in sorted({name for named in versions for name in named.values() if name}):

        def kept(table: Ratings, version: str = version) -> Bools:
            units = [
                (table.session_ids[row], int(turn)) for row, turn in zip(table.session_row, table.turn, strict=True)
            ]
            return np.array(
                [[named.get(unit, named.get((unit[0], 0))) == version for unit in units] for named in versions],
                dtype=np.bool_,
            )

        yield version, material.people, kept


def _windows(material: Material, window: str) -> Iterator[Part]:
    pages = [page for row in material.people for page in material.codings[row].pages]
    order = {name: number for number, name in enumerate(windows_in_order(pages, window))}
    numbers = [
        np.array([*(order[window_of(page, window)] for page in material.codings[row].pages), -1], dtype=np.int64)
        for row in material.people
    ]
    for name, number in order.items():

        def kept(table: Ratings, number: int = number) -> Bools:
            rows = material.page_rows(table)[list(material.people)]
            last = np.max([of_page[row] for of_page, row in zip(numbers, rows, strict=True)], axis=0)
            found = np.zeros(table.covered.shape, dtype=np.bool_)
            found[list(material.people)] = last == number
            return found

        yield name, material.people, kept


def _earlier_only(both: Material) -> Kept:
    """Where the first coding was confirmed before the second, and both are there."""
    times = [np.array([*(page.confirmed.timestamp() for page in coding.pages), np.nan]) for coding in both.codings]

    def kept(table: Ratings) -> Bools:
        rows = both.page_rows(table)
        earlier = times[0][rows[0]] <= times[1][rows[1]]  # NaN, where one is missing, is never earlier
        return np.broadcast_to(earlier, table.covered.shape)

    return kept


def _days_since(page: CodedPage, before: Sequence[CodedPage]) -> float | None:
    """Days from the first coding of any of a page's turns to its re-code; None where there is none before it."""
    seconds = [
        (page.confirmed - other.confirmed).total_seconds()
        for other in before
        if other.session_id == page.session_id
        and other.first_turn <= page.last_turn
        and page.first_turn <= other.last_turn
        and other.confirmed <= page.confirmed
    ]
    return max(seconds) / 86400 if seconds else None


def _turns(turns: Ratings) -> int:
    """How many turns two coders rated."""
    return int((turns.covered.sum(axis=0) >= 2).sum())
