"""What a comparison of coders found: rows, their summary, and the files they are written to."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from relcode.errors import UsageError
from relcode.provenance import write_text
from relcode.reliability.anchoring import Anchoring
from relcode.reliability.coefficients import Coefficient
from relcode.reliability.confusions import Confusion
from relcode.reliability.drift import Drift
from relcode.reliability.ratings import Level

GroupKind = Literal["pair", "version", "window", "recode"]


class Row(msgspec.Struct, frozen=True):
    """One code on one level.

    `instances`: by coder, the units that carry the code; `prevalence`: their share of the units that the coder rated.
    `folded`: the row stands for all codes with this prefix (`INT.*`). `coefficients` by name. On the session level
    alone: those of doses (`icc`, `icc_k`, `icc_rate`, `icc_rate_k`, `alpha_counts`), over counts of the finest unit at
    hand, and `dose_sessions`, the sessions that every coder counted, on which the intraclass correlations rest.
    """

    level: Level
    code: str
    folded: bool
    units: int
    sessions: int
    instances: dict[str, int]
    prevalence: dict[str, float | None]
    coefficients: dict[str, Coefficient]
    dose_sessions: int | None = None

    @property
    def given(self) -> bool:
        """Whether any coder gave the code."""
        return any(self.instances.values())


class SpanRow(msgspec.Struct, frozen=True):
    """One code on the words that two coders or more could have given it.

    `words`: how many these are; `spans`: by coder, how many were marked (overlapping ones of one coder are one);
    `prevalence`: by coder, the share of the words rated that lie in them. `coefficients` by name.
    """

    code: str
    folded: bool
    words: int
    sessions: int
    spans: dict[str, int]
    prevalence: dict[str, float | None]
    coefficients: dict[str, Coefficient]


class Macro(msgspec.Struct, frozen=True):
    """Means over the codes that coders gave to `at_least` turns on average, on every level the same codes.

    `codes`: how many they are; folded rows do not count. A mean is over those in which the coefficient is defined.
    """

    level: Level
    at_least: int
    codes: int
    coefficients: dict[str, Coefficient]


class Group(msgspec.Struct, frozen=True):
    """The agreement within a part of what was compared.

    `kind`: `pair` of coders, `version` of the codebook, `window` of time, or `recode` (one coder's first coding and
    that of the same pages given again unmarked). `name`: of the part. `days`: of re-codes, the median time between.
    """

    kind: GroupKind
    name: str
    coders: tuple[str, ...]
    sessions: tuple[str, ...]
    turns: int
    rows: list[Row]
    macro: list[Macro]
    days: float | None = None

    def of_level(self, level: Level) -> list[Row]:
        """The rows of one level."""
        return [row for row in self.rows if row.level == level]


class Coded(msgspec.Struct, frozen=True):
    """What one coder coded of what is compared. `pages`, `first`, `last` (days) and `batches` are of the ledger alone."""

    coder: str
    sessions: int
    turns: int
    segments: int | None
    labels: int
    pages: int = 0
    first: date | None = None
    last: date | None = None
    batches: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()


class Machine(msgspec.Struct, frozen=True):
    """A model as one more coder. `seen`: sessions that it was trained on, `seen_dyads`: others of dyads that it was trained
    on; figures on these are too good."""

    coder: str
    sessions: int
    seen: tuple[str, ...] = ()
    seen_dyads: tuple[str, ...] = ()


class Agreement(msgspec.Struct, frozen=True):
    """The reliability of a set of coders. `notes` say what was left out, and what the figures do not know.

    `spans` is empty without transcripts: how long a turn is, is then not known. The fields
    after it are filled by `reliability_of` alone.
    """

    coders: tuple[str, ...]
    sessions: tuple[str, ...]
    codebook: str | None
    draws: int
    seed: int
    rows: list[Row]
    macro: list[Macro]
    notes: list[str]
    spans: list[SpanRow] = []
    coded: list[Coded] = []
    groups: list[Group] = []
    confusions: list[Confusion] = []
    drift: Drift | None = None
    anchoring: Anchoring | None = None
    machines: list[Machine] = []

    def of_level(self, level: Level) -> list[Row]:
        """The rows of one level."""
        return [row for row in self.rows if row.level == level]

    def of_kind(self, kind: GroupKind) -> list[Group]:
        """The groups of one kind."""
        return [group for group in self.groups if group.kind == kind]


def write_agreement(path: Path, result: Agreement) -> None:
    """Write all rows to a `.csv` file (a line a code and level, the groups' after them) or everything to a `.json` file.

    A `.json` file that repeats words of sessions (the turns to discuss) has mode 0600.
    """
    if path.suffix == ".json":
        words = any(place.text is not None for confusion in result.confusions for place in confusion.places)
        text = msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n"
        write_text(path, text, mode=0o600 if words else None)
    elif path.suffix == ".csv":
        lines = [_flat(row) for row in result.rows]
        if result.groups:
            lines = [{"group": "", **line} for line in lines]
            lines += [{"group": f"{g.kind} {g.name}", **_flat(row)} for g in result.groups for row in g.rows]
        fields = list(dict.fromkeys(key for line in lines for key in line))
        table = io.StringIO()
        writer = csv.DictWriter(table, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
        write_text(path, table.getvalue())
    else:
        raise UsageError(f"Cannot write {path}: expected a name that ends in .csv or .json.")


def _flat(row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {"level": row.level, "code": row.code, "units": row.units, "sessions": row.sessions}
    line |= {f"n_{coder}": count for coder, count in row.instances.items()}
    line |= {f"prevalence_{coder}": share for coder, share in row.prevalence.items()}
    for name, coefficient in row.coefficients.items():
        line |= {
            name: coefficient.value,
            f"{name}_low": coefficient.low,
            f"{name}_high": coefficient.high,
            f"{name}_reason": coefficient.reason,
        }
    return line
