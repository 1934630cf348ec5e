"""The header of a session: ids that hold a name become neutral ones, dates go or move, other text stays if harmless."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from relcode.deid.date_shift import DateShift, header_date, shifted_header_date
from relcode.deid.detect import detect
from relcode.deid.key import Key
from relcode.deid.lists import NAME_WORDS, words
from relcode.records import Session, Turn

RELATIONS = "relations"  # the field that says who the people of a session are
_PREFIXES = {"session_id": "S", "dyad": "D", "therapist": "T", "client": "C"}
_KEPT = ("session_number",)
# Parts of an id: words begin at capitals, digits and anything else part them.
_PART = re.compile(r"[^\W\d_]?[a-zà-öø-ÿ'’]+|[^\W\d_]+?(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]|[\W\d_]|$)")
# Words of ids that name no one, whatever a list of names says: `case`, `dev`, `session`.
_ID_WORDS = words("id_words")
_PRIVATE_FIELD = re.compile(
    r"zip|post_?code|phone|fax|mrn|ssn|birth|dob|account|licen[cs]e|address|e-?mail|name", re.IGNORECASE
)
# A study's own id with a word to remember it by (`dev06_kofi`): kept, as files and labels are called by it; it is said.
_MEMORABLE = re.compile(r"[A-Za-z]{1,6}[-_]?\d+[-_][a-z]{2,12}")
_TAG = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_\d+\]")
_AGE_FIELD = re.compile(r"(?:^|_)age(?:$|_)", re.IGNORECASE)
_MOST_DIGITS = 6  # longer numbers may be somebody's
_LEAST, _LEAST_OF_WHOLE_NAME = 0.7, 5


def holds_name(value: str, names: Collection[str] = ()) -> bool:
    """Whether an id or another short text holds somebody's name: to the detectors, or one known from the sessions.

    Parameters
    ----------
    names
        Known from the sessions, in lower case. Words that are names too (`will`) count only with a capital.
    """
    value = _TAG.sub("", value)
    parts = [part for part in _PART.findall(value) if not _is_usual(part)]
    if any(part.lower() in names and (part[:1].isupper() or part not in NAME_WORDS) for part in parts):
        return True
    if any(part.istitle() and part.lower() in NAME_WORDS for part in parts):
        return True
    lower = value.lower()
    if any(len(name) >= _LEAST_OF_WHOLE_NAME and name not in NAME_WORDS and name in lower for name in names):
        return True  # run together with other words
    return bool(parts) and _is_found_as_name(" ".join(parts))


@lru_cache(maxsize=4096)
def _is_found_as_name(words_of_id: str) -> bool:
    found = detect(Session("", (Turn(1, "T", f"it was {words_of_id} then"),)))
    return any(finding.label == "NAME" and finding.probability >= _LEAST for finding in found)


def _is_usual(part: str) -> bool:
    """Whether a part of an id is a letter or two, an abbreviation or a word such as `session`."""
    return len(part) < 3 or (len(part) == 3 and part.isupper()) or part.lower() in _ID_WORDS


def may_hold_name(session_id: str, names: Collection[str]) -> bool:
    """Whether an id that stays ends in a word that may be a name."""
    return _MEMORABLE.fullmatch(session_id) is not None and holds_name(session_id, names)


class NeutralIds:
    """Neutral ids (`S-1`, `D-1`, `T-1`, `C-1`) in the place of ids that hold a name; the same for the same id.

    Parameters
    ----------
    key
        Keeps them for later runs.
    taken
        Ids that are others' already.
    """

    def __init__(self, key: Key, taken: Collection[str] = ()) -> None:
        self._key = key
        self._taken = set(taken)

    def of(self, field: str, value: str, names: Collection[str]) -> str:
        """The id to be used for a value of a field of the header."""
        known = self._key.ids.setdefault(field, {})
        if value not in known:
            if not holds_name(value, names) or (field == "session_id" and _MEMORABLE.fullmatch(value)):
                return value
            used = self._taken | set(known.values())
            number = next(n for n in range(1, len(used) + 2) if f"{_PREFIXES[field]}-{n}" not in used)
            known[value] = f"{_PREFIXES[field]}-{number}"
        return known[value]


def clean_header(
    session: Session, ids: NeutralIds, names: Collection[str], dates: DateShift | None
) -> tuple[dict[str, Any], list[str]]:
    """The header without what identifies, and the names of the fields that were left out or changed.

    Parameters
    ----------
    dates
        Moves dates; without it they are left out.
    """
    cleaned: dict[str, Any] = {}
    changed: list[str] = []
    for field, value in session.metadata.items():
        if field in _PREFIXES and isinstance(value, str):
            new: Any = ids.of(field, value, names)
        elif field in _KEPT and isinstance(value, int):
            new = value
        elif header_date(value) is not None:
            new = None if dates is None else shifted_header_date(value, dates)
        else:
            new = value if not holds_name(field) and _is_harmless(field, value, names) else None
        if new is not None:
            cleaned[field] = new
        if new != value:
            changed.append("a field" if holds_name(field, names) else field)
    return cleaned, changed


def _is_harmless(field: str, value: Any, names: Collection[str]) -> bool:
    """Whether nothing is found in a value; of a nested one, in all that it holds."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, Mapping):
        return all(not holds_name(str(key)) and _is_harmless(str(key), inner, names) for key, inner in value.items())
    if isinstance(value, list):
        return all(_is_harmless(field, inner, names) for inner in value)
    if _PRIVATE_FIELD.search(_TAG.sub("", field)):
        return False
    if isinstance(value, (int, float)):
        grouped = _AGE_FIELD.search(field) is not None and value >= 90
        return not grouped and (isinstance(value, float) or len(str(abs(value))) <= _MOST_DIGITS)
    found = detect(Session("", (Turn(1, "T", f"it was {value}"),)), names=frozenset(names))
    return not holds_name(str(value), names) and not any(finding.probability >= _LEAST for finding in found)
