"""The key: what each replacement stands for, by dyad, and the secret that surrogates and dates are made from.

Nothing but `deidentify` uses it: to give the same replacements in a later run.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

import msgspec

_SHORTEST_SHIFT, _LONGEST_SHIFT = 3, 26  # weeks


class Person(msgspec.Struct, omit_defaults=True):
    """Someone named in a dyad's sessions. `repr` shows no name.

    `tag` is empty until the first replacement; `first` and `surname` are in lower case as first seen; `sex` is `f`, `m`
    or unknown; `forms` are the mentions in lower case, each with what it is: `full`, `first`, `short`, `last`, `plural`.
    """

    tag: str = ""
    first: str = ""
    surname: str = ""
    sex: str = ""
    relation: str = ""
    invented_first: str = ""
    forms: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Person({self.tag!r})"


class DyadKey(msgspec.Struct, omit_defaults=True):
    """What stands for what in the sessions of one dyad.

    `names`: words of names that several people may share (surnames, middle names) -> invented ones; `tags` and
    `surrogates`: by label, the identifier in its plain form -> its tag or surrogate; `counts`: the last number given.
    """

    people: list[Person] = []
    names: dict[str, str] = {}
    tags: dict[str, dict[str, str]] = {}
    surrogates: dict[str, dict[str, str]] = {}
    counts: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"DyadKey({len(self.people)} people)"

    def next_number(self, kind: str) -> int:
        """The next number of a kind of tag or surrogate, from 1."""
        self.counts[kind] = number = self.counts.get(kind, 0) + 1
        return number

    def reserve(self, kind: str, number: int) -> None:
        """Keep numbers up to this one from being given: they stand in the text already."""
        self.counts[kind] = max(number, self.counts.get(kind, 0))


class Key(msgspec.Struct, omit_defaults=True):
    """All that a later run needs to replace in the same way.

    `ids`: by field of the header (`session_id`, `dyad`, `therapist`, `client`), the id that held a name -> its neutral one.
    """

    secret: str = msgspec.field(default_factory=lambda: secrets.token_hex(32))
    dyads: dict[str, DyadKey] = {}
    ids: dict[str, dict[str, str]] = {}

    def __repr__(self) -> str:
        return f"Key({len(self.dyads)} dyads)"

    def of_dyad(self, dyad: str) -> DyadKey:
        """The part of a dyad, new if need be."""
        return self.dyads.setdefault(dyad, DyadKey())

    def bytes_for(self, *purpose: str) -> bytes:
        """32 bytes that only the holder of the secret can make, the same each time for one purpose."""
        return hashlib.blake2b("\0".join(purpose).encode(), key=bytes.fromhex(self.secret), digest_size=32).digest()

    def shuffled(self, items: Iterable[str], *purpose: str) -> list[str]:
        """Items in an order that does not show how they were chosen."""
        seed = self.bytes_for(*purpose)
        return sorted(items, key=lambda item: hashlib.blake2b(item.encode(), key=seed, digest_size=16).digest())

    def shift_days(self, dyad: str) -> int:
        """By how many days a dyad's dates move: 3 to 26 whole weeks, to either side."""
        number = int.from_bytes(self.bytes_for("dates", dyad)[:8], "big")
        weeks = _SHORTEST_SHIFT + number // 2 % (_LONGEST_SHIFT - _SHORTEST_SHIFT + 1)
        return 7 * weeks * (1 if number % 2 else -1)
