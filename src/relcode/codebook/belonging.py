"""Which labels belong to a codebook: a file of labels may hold those of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from relcode.codebook.load import list_codebooks
from relcode.codebook.schema import Codebook
from relcode.codebook.source import read_source
from relcode.errors import CodebookError
from relcode.records import Span


class OwnLabels(NamedTuple):
    """`spans`: labels of the codebook. `others`: how many are of others (codebook id -> number). `sessions`: those that
    were coded with the codebook, as far as the labels say, also where none of its codes was given."""

    spans: list[Span]
    others: dict[str, int]
    sessions: set[str]

    @property
    def others_in_words(self) -> str:
        """`31 label(s) of other codebooks (ccrt 20, client-process 11)`."""
        listed = ", ".join(f"{name} {count}" for name, count in sorted(self.others.items()))
        return f"{sum(self.others.values())} label(s) of other codebooks ({listed})"


def split_labels(labels: Iterable[Span], codebook: Codebook, folders: Sequence[Path] = ()) -> OwnLabels:
    """Find the labels of a codebook among those of several.

    A label is of another codebook if it names one, or, where it names none, if another codebook that is known here has
    its code and this one has not. A label with a code that nobody knows stays, to be found faulty.
    """
    found = OwnLabels([], {}, set())
    homes: dict[str, str] | None = None
    for label in labels:
        home = (label.codebook or "").partition("@")[0]
        if not home and label.code not in codebook.by_id:
            homes = codes_known(folders) if homes is None else homes
            home = homes.get(label.code, "")
        if not home or home in codebook.ids:
            found.spans.append(label)
        else:
            found.others[home] = found.others.get(home, 0) + 1
        if not label.codebook or home in codebook.ids:
            found.sessions.add(label.session_id)
    return found


def codebooks_named(labels: Iterable[Span], folders: Sequence[Path] = ()) -> list[str]:
    """The ids of the codebooks that labels are from, the one with most labels first: as they say, else by their codes."""
    homes: dict[str, str] | None = None
    counts: dict[str, int] = {}
    for label in labels:
        home = (label.codebook or "").partition("@")[0]
        if not home:
            homes = codes_known(folders) if homes is None else homes
            home = homes.get(label.code, "")
        if home:
            counts[home] = counts.get(home, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


def codes_known(folders: Sequence[Path] = ()) -> dict[str, str]:
    """The codes of all codebooks that are known here, earlier versions left aside: code -> codebook id."""
    homes: dict[str, str] = {}
    for name, path in list_codebooks(folders).items():
        try:
            codes = [] if "@" in name else read_source(path).get("codes")
        except CodebookError:
            continue
        for code in codes if isinstance(codes, list) else []:
            if isinstance(code, dict) and isinstance(code.get("id"), str):
                homes.setdefault(code["id"], name)
    return homes
