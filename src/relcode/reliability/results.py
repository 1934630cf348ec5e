"""What a comparison of coders found: rows, their summary, and the files they are written to."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Literal

import msgspec

from relcode.errors import UsageError
from relcode.provenance import write_text
from relcode.reliability.coefficients import Coefficient
from relcode.reliability.ratings import Level

GroupKind = Literal["pair", "version", "window", "recode"]


class Row(msgspec.Struct, frozen=True):
    """One code on one level.

    `instances`: by coder, the units that carry the code; `prevalence`: their share of the units that the coder rated.
    `folded`: the row stands for all codes with this prefix (`INT.*`). `coefficients` by name; `icc` on the session
    level alone, over counts of the finest unit at hand.
    """

    level: Level
    code: str
    folded: bool
    units: int
    sessions: int
    instances: dict[str, int]
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


class Agreement(msgspec.Struct, frozen=True):
    """The reliability of a set of coders. `notes` say what was left out, and what the figures do not know."""

    coders: tuple[str, ...]
    sessions: tuple[str, ...]
    codebook: str | None
    draws: int
    seed: int
    rows: list[Row]
    macro: list[Macro]
    notes: list[str]

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
