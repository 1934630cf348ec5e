"""Who someone is to whom, from the words beside a name: "my sister Bridget", "Bridget, my sister", "his wife Ana"."""

from __future__ import annotations

import re

_KIN = (
    r"(?:(?:step|half|grand|great-grand|god|foster)[- ]?)?(?:mother|father|mom|mum|dad|sister|brother|son|daughter|child|"
    r"parent|grandma|grandpa|nana|nan)(?:[- ]in[- ]law)?|(?:ex[- ])?(?:wife|husband|partner|boyfriend|girlfriend|fianc[eé]e?|"
    r"spouse)|ex|"
    r"cousin|aunt|auntie|uncle|niece|nephew|twin|(?:best )?friend|buddy|roommate|flatmate|housemate|boss|manager|"
    r"supervisor|foreman|co-?worker|colleague|assistant|neighbou?r|therapist|counsel+or|psychiatrist|doctor|nurse|sponsor|"
    r"landlord|landlady|teacher|coach|pastor|rabbi|imam|priest|lawyer|social worker|case ?worker|dog|cat"
)
_ADJECTIVE = (
    r"(?:(?:older|younger|oldest|youngest|elder|big|little|baby|late|old|new|former|first|second|third|own|twin|dear|poor|"
    r"current|middle|whole|other)[ -]+)*"
)
_OWNER = r"(?P<owner>my|your|his|her|their|our)"
_BEFORE = re.compile(
    rf"\b(?P<owner>my|your|his|her|their|our|[^\W\d_]+['’]s)\s+{_ADJECTIVE}(?P<kin>{_KIN})"
    rf"(?:['’]s name(?: is|['’]s)|\s*,?\s+(?:named|called|is called)|,)?\s+"
    rf"(?:(?:Dr|Mr|Mrs|Ms|Miss)\.?\s+)?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?:['’]s|\s+is|\s+was|\s*,\s+who(?:['’]s| is| was)|(?P<comma>\s*,))\s+{_OWNER}\s+{_ADJECTIVE}(?P<kin>{_KIN})\b"
    # "Mr. Lee, your father is in": an address, not an apposition
    r"(?!['’]s)(?(comma)(?=\s*[,.;:!?–—)]|\s+-|\s*$))",
    re.IGNORECASE,
)
_TITLE_KIN = re.compile(r"\b(?P<kin>Aunt|Auntie|Aunty|Uncle|Cousin|Grandma|Grandpa|Nana|Tía|Tío)\s+$", re.IGNORECASE)
_SELF = re.compile(
    r"\b(?:my (?:full )?name is|my name['’]s|i['’]m|i am)\s+(?:(?:Dr|Mr|Mrs|Ms|Miss)\.?\s+)?$", re.IGNORECASE
)
_REACH = 64
OF_ANOTHER = " of another person"


def relation_beside(text: str, start: int, end: int, speaker: str) -> str | None:
    """The relation that the words beside a name state, or None.

    Returns
    -------
    The client's own relations alone ("sister"), those of others with whose they are: "wife of T", "sister of C2",
    "wife of another person". Someone who gives their own name is "client" or "therapist" (`C2`, `T2` ... for further ones).
    """
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    if _SELF.search(before):
        return {"C": "client", "T": "therapist"}.get(speaker, speaker)
    match = _BEFORE.search(before) or _AFTER.match(after)
    if match is None:
        kin = _TITLE_KIN.search(before)
        return None if kin is None else kin["kin"].lower()
    return _of_whom(" ".join(match["kin"].lower().split()), match["owner"].lower(), speaker)


def sex_of_relation(relation: str) -> str:
    """`f`, `m` or "" for a relation."""
    word = relation.partition(" of ")[0]
    if re.search(r"mother|mom|mum|sister|daughter|wife|girl|grandma|nana?$|aunt|niece|fiancée|fiancee|lady|tía", word):
        return "f"
    return (
        "m"
        if re.search(r"father|dad|brother|son$|husband|boyfriend|grandpa|uncle|nephew|fiancé$|lord|tío", word)
        else ""
    )


def _of_whom(kin: str, owner: str, speaker: str) -> str:
    if owner not in ("my", "our", "your"):
        return kin + OF_ANOTHER
    if owner == "your":  # said to the other: in a room of two, it is clear to whom
        speaker = {"T": "C", "C": "T"}.get(speaker, "")
        if not speaker:
            return kin
    return kin if speaker == "C" else f"{kin} of {speaker}"
