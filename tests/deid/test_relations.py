"""Who is who to whom: from the words beside a name, into the header and the key, never into the tag."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.deid import Key, deidentify
from relcode.deid.relations import relation_beside, sex_of_relation
from relcode.records import Session


@pytest.mark.parametrize(
    ("text", "speaker", "expected"),
    [
        ("My sister Bridget rang.", "C", "sister"),
        ("My older sister, Bridget, rang.", "C", "sister"),
        ("I have a boss. My boss is called Bridget.", "C", "boss"),
        ("My sister's name is Bridget.", "C", "sister"),
        ("And your sister Bridget?", "T", "sister"),
        ("I saw Bridget, my sister, there.", "C", "sister"),
        ("Bridget is my ex-wife.", "C", "ex-wife"),
        ("Bridget's my step-mother.", "C", "step-mother"),
        ("my ex, Bridget", "C", "ex"),
        ("His wife Bridget came.", "C", "wife of another person"),
        ("Kenneth's wife, Bridget, came.", "C", "wife of another person"),
        ("My wife Bridget says so.", "T", "wife of T"),
        ("Your wife Bridget says so.", "C", "wife of T"),
        ("My sister Bridget rang.", "C2", "sister of C2"),
        ("Your sister Bridget rang.", "C2", "sister"),
        ("Aunt Bridget came.", "C", "aunt"),
        ("My name is Bridget.", "C", "client"),
        ("I'm Dr. Bridget.", "T", "therapist"),
        ("Bridget, my sister is here.", "C", None),  # said to Bridget
        ("Bridget and my sister.", "C", None),
        ("My sister told Bridget.", "C", None),
        ("A sister Bridget.", "C", None),
        ("My systems, Bridget.", "C", None),
    ],
)
def test_relations(text: str, speaker: str, expected: str | None) -> None:
    start = text.index("Bridget")
    assert relation_beside(text, start, start + len("Bridget"), speaker) == expected


@pytest.mark.parametrize(
    ("relation", "sex"),
    [
        ("sister", "f"),
        ("mother-in-law", "f"),
        ("stepson", "m"),
        ("ex-husband of T", "m"),
        ("boss", ""),
        ("partner", ""),
    ],
)
def test_sex_of_relation(relation: str, sex: str) -> None:
    assert sex_of_relation(relation) == sex


def test_the_header_says_who_is_who_in_either_mode(session_of: Callable[..., Session]) -> None:
    sessions = [
        session_of("C: I told Casimir and Dr. Okafor.", session_id="A", dyad="D"),
        session_of("C: My brother Casimir is in.", "C: His wife Priya, too.", session_id="B", dyad="D"),
        session_of("C: Nobody.", session_id="C", dyad="D"),
    ]
    key = Key()
    result = deidentify(sessions, key=key)
    assert [session.metadata.get("relations") for session in result.sessions] == [
        {"[NAME_1]": "brother"},
        {"[NAME_1]": "brother", "[NAME_3]": "wife of another person"},
        None,
    ]
    assert result.sessions[1].turns[0].text == "My brother [NAME_1] is in."
    assert [person.relation for person in key.dyads["D"].people if person.first == "casimir"] == ["brother"]
    invented = deidentify(sessions, mode="surrogate", key=key).sessions[0]
    (name,) = invented.metadata["relations"]
    assert invented.turns[0].text.startswith(f"I told {name} and Dr. ")
    again = deidentify(result.sessions, key=Key()).sessions  # what is de-identified already keeps its table
    assert [session.metadata for session in again] == [session.metadata for session in result.sessions]
