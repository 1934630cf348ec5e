"""Churches, and what saints gave their name: "Greater Mount Moriah", "grace baptist", "st brigids"."""

from __future__ import annotations

from collections.abc import Sequence

from relcode.deid.kinds import KINDS
from relcode.deid.lexicon import know
from relcode.deid.lists import word_set
from relcode.deid.tokens import Token

SAINTS = frozenset(("saint", "st", "sts"))
_CHURCH_NAMES = word_set("grace trinity faith hope emmanuel immanuel redeemer messiah zion bethel calvary victory")
_FAITHS = word_set("baptist lutheran methodist presbyterian")
# What churches are called by: "Greater Mount Moriah", "New Bethel", "First Zion".
BIBLICAL = word_set(
    "moriah zion bethel calvary ebenezer pisgah nebo olivet olive canaan galilee gethsemane shiloh antioch bethany "
    "bethlehem jerusalem hebron carmel sinai gilead tabor hermon nazareth macedonia corinth ephesus smyrna beulah "
    "bethesda hope canaan pleasant"
)
_OF_CHURCHES = word_set("greater new first second old true united saint st")


def is_congregation(name: str, faith: str) -> bool:
    """Whether a word and a faith are a church: "grace baptist", not "southern baptist"."""
    return faith in _FAITHS and name in _CHURCH_NAMES


def is_church(plains: Sequence[str]) -> bool:
    """Whether words are the name of a church without the word: `Greater Mount Moriah`, `New Bethel`, `Mount Zion`."""
    *starts, last = plains
    if last not in BIBLICAL or not starts:
        return False
    if not set(starts) <= _OF_CHURCHES | {"mount", "mt"}:
        return False
    mount = starts[-1] in ("mount", "mt")
    return starts[0] in ("greater", "true") or (mount and starts[0] in _OF_CHURCHES) or (mount and last == "zion")


def church(words: Sequence[Token], at: int, free: int) -> tuple[int, int, float] | None:
    """ "greater mount moriah": the longest of at most three words that are the name of a church."""
    for start in range(max(free, at - 2), at):
        if is_church([token.plain for token in words[start : at + 1]]):
            end = at
            while end + 1 < len(words) and words[end + 1].gap == " " and words[end + 1].plain in KINDS:
                end += 1
            return start, end, 0.8
    return None


def saint(words: Sequence[Token], at: int) -> tuple[int, int, float] | None:
    """A school or church named after a saint: "st brigids", "saint jude hospital"."""
    end = at + 1
    if end == len(words):
        return None
    what = know(words[end].plain)
    if not (what.name or what.unknown) or words[end].gap not in (" ", ". "):
        return None
    if words[end].plain.endswith("s") or words[end].possessive:
        return at, end, 0.8
    if end + 1 < len(words) and words[end + 1].plain in KINDS:
        while end + 1 < len(words) and words[end + 1].plain in KINDS:
            end += 1
        return at, end, 0.86
    return (at, end, 0.7) if at and words[at - 1].plain == "at" else None
