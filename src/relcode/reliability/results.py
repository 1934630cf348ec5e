"""What a comparison of coders found: rows, their summary, and the files they are written to."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import msgspec

from relcode.errors import UsageError
from relcode.provenance import write_text
from relcode.reliability.coefficients import Coefficient
from relcode.reliability.ratings import Level


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


class Agreement(msgspec.Struct, frozen=True):
    """The reliability of a set of coders. `notes` say what was left out, and what the figures do not know.

    `spans` is empty without transcripts: how long a turn is, is then not known.
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

    def of_level(self, level: Level) -> list[Row]:
        """The rows of one level."""
        return [row for row in self.rows if row.level == level]


def write_agreement(path: Path, result: Agreement) -> None:
    """Write all rows to a `.csv` file (a line a code and level) or everything to a `.json` file."""
    if path.suffix == ".json":
        write_text(path, msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n")
    elif path.suffix == ".csv":
        lines = [_flat(row) for row in result.rows]
        fields = list(dict.fromkeys(key for line in lines for key in line))
        text = io.StringIO()
        writer = csv.DictWriter(text, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
        write_text(path, text.getvalue())
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
