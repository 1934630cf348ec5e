"""One map of people: all mentions of somebody are theirs, nobody shares a replacement, and it stays so with the key."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.deid import Key, deidentify
from relcode.deid.invented_names import diminutives, invented_names, sex_of_first_name
from relcode.deid.key import DyadKey
from relcode.deid.mentions import read_mention, rewritten
from relcode.deid.people import People
from relcode.records import Session, Turn


def tags(*mentions: str, key: DyadKey | None = None) -> list[str]:
    """The number of each mention; a title may stand before it: `Mr. Lee`."""
    people = People(key or DyadKey())
    read = []
    for mention in mentions:
        title = re.match(r"(?:(?:Mr|Mrs|Dr)\. )?", mention)
        assert title is not None
        read.append(read_mention(mention[title.end() :], title.group()))
    people.learn(read)
    return [people.tag(mention).strip("[]").removeprefix("NAME_") for mention in read]


@pytest.mark.parametrize(
    ("mentions", "expected"),
    [
        (["Casimir Dombrowski", "Casimir", "casimir", "Mr. Dombrowski", "C-Casimir", "D-O-M-B-R-O-W-S-K-I"], "111111"),
        (["Casimir", "Casimir Dombrowski"], "11"),
        (["Casimir", "Mr. Dombrowski"], "12"),
        (["William Lee", "Bill", "Will", "Liam"], "1111"),
        (["William Lee", "Walter"], "12"),
        (["Bill Haggerty", "William Lee", "Bill", "Will"], "1212"),  # a short form that is a person's own stays theirs
        (["Bill Haggerty", "Will Moss"], "12"),
        (["Bill", "Will"], "12"),  # two short forms of one name are two people
        (["Barbara Lee", "Casimir Lee", "Mrs. Lee", "Mr. Lee", "Barbara"], "12121"),
        (["Barbara Lee", "Olga Lee", "Dr. Lee"], "123"),  # which of them? The family's number
        (["Barbara Lee", "Casimir Lee", "Lees", "Lee"], "1233"),
        (["Barbara Moss-Lee", "Mosses", "Lees"], "123"),
        (["Graciella Montaño", "Graciela", "Montano"], "111"),
        (["Ana", "Anna", "Anja"], "112"),
        (["Dr. Vasquez-Lindqvist", "Lindqvist"], "11"),
        (["Ernesto Montaño Ruiz", "Ernesto", "Montaño", "Ruiz"], "1111"),
        (["John Smith", "J. Smith", "John S.", "Jane Smith"], "1112"),
        (["John Smith", "John Moss", "John"], "121"),
        (["Dr. Okafor", "Okafor", "Okafor's"], "111"),
    ],
)
def test_mentions_of_one_person(mentions: list[str], expected: str) -> None:
    assert "".join(tags(*mentions)) == expected


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("Casimir's", ["Peter"], "Peter's"),
        ("casimir", ["Peter"], "peter"),
        ("CASIMIR", ["Peter"], "PETER"),
        ("C-Casimir", ["Peter"], "P-Peter"),
        ("wei-ling", ["Anna"], "anna"),
        ("S-A-R-A", ["Anna"], "A-N-N-A"),
        ("s, a, r, a", ["Anna"], "a, n, n, a"),
        ("Casimir  Dombrowski", ["Peter", "Moss"], "Peter  Moss"),
        ("J. Dombrowski", ["P", "Moss"], "P. Moss"),
    ],
)
def test_a_mention_keeps_how_it_was_written(text: str, new: list[str], expected: str) -> None:
    assert len(read_mention(text, "").words) == len(new)
    assert rewritten(text, new) == expected


# Names that no two of which sound alike or are one in short.
DIFFERENT = [
    "Agnes",
    "Brenda",
    "Carla",
    "Diane",
    "Edith",
    "Gloria",
    "Helen",
    "Irene",
    "Janice",
    "Karen",
    "Alan",
    "Brian",
]
DIFFERENT += ["Carlos", "Derek", "Enrique", "Felix", "Gordon", "Hector", "Ivan", "Jorge"]


def surrogates(*lines: str, key: Key | None = None) -> list[str]:
    turns = tuple(Turn(number, "C", line) for number, line in enumerate(lines, start=1))
    result = deidentify([Session("S1", turns, {"dyad": "D"})], mode="surrogate", key=key)
    return [turn.text for turn in result.sessions[0]]


def test_all_forms_of_a_name_have_one_surrogate() -> None:
    texts = surrogates(
        "I told Kenneth Dombrowski.", "Kenneth laughed.", "And then kenneth left.", "Mr. Dombrowski's car.",
        "It is D-O-M-B-R-O-W-S-K-I.", "I asked Ken about it.", "I told Barbara Dombrowski.",
    )  # fmt: skip
    first, surname = texts[0].removeprefix("I told ").removesuffix(".").split()
    assert sex_of_first_name(first.lower()) == "m"
    assert texts[1] == f"{first} laughed."
    assert texts[2] == f"And then {first.lower()} left."
    assert texts[3] == f"Mr. {surname}'s car."
    assert texts[4] == f"It is {'-'.join(surname.upper())}."
    assert texts[5] == f"I asked {diminutives(first.lower())[0].capitalize()} about it."
    other, family = texts[6].removeprefix("I told ").removesuffix(".").split()
    assert family == surname
    assert sex_of_first_name(other.lower()) == "f"


@settings(max_examples=10, deadline=None)
@given(st.permutations(DIFFERENT))
def test_no_surrogate_is_a_name_of_the_sessions_and_no_two_people_share_one(names: list[str]) -> None:
    texts = surrogates(*(f"I told Dr. Okafor and {name} about it." for name in names))
    invented = [text.removesuffix(" about it.").split(" and ")[1] for text in texts]
    assert len(set(invented)) == len(names)
    assert not set(invented) & set(names)
    assert [sex_of_first_name(name.lower()) for name in invented] == [sex_of_first_name(name.lower()) for name in names]


@pytest.mark.parametrize("secret", ["00" * 32, "01" * 32, "02" * 32])
def test_a_surrogate_does_not_begin_like_a_real_name(secret: str) -> None:
    (text,) = surrogates("I told Sarah, Kenneth and Patricia.", key=Key(secret=secret))
    invented = re.findall(r"[A-Z]\w+", text.removeprefix("I told"))
    assert len(invented) == 3
    assert not {name[:3] for name in invented} & {"Sar", "Ken", "Pat"}


def test_more_people_than_names_become_tags_instead_of_somebody_else() -> None:
    names = [*invented_names("female")]
    texts = surrogates(*(f"I told {name} about it." for name in names))
    assert all("[NAME_" in text for text in texts)


def test_the_relation_or_a_title_tells_the_sex_where_the_name_does_not() -> None:
    texts = surrogates("My sister Xiomaritza rang.", "Then my brother Xantherion rang.", "My friend Quorrel rang.")
    names = [re.sub(r".*(?:sister|brother|friend) | rang\.", "", text) for text in texts]
    assert [sex_of_first_name(name.lower()) for name in names[:2]] == ["f", "m"]
    assert names[2] in invented_names("neutral")


def test_a_later_run_with_the_key_changes_nothing_that_was(session_of: Callable[..., Session]) -> None:
    one = session_of("C: I told Casimir Dombrowski on March 3rd, in Toledo.", "T: And Priya?", session_id="A", dyad="D")
    two = session_of("C: Ana Dombrowski rang Priya in Muncie.", "T: Dr. Dombrowski?", session_id="B", dyad="D")
    for mode in ("tag", "surrogate"):
        key = Key()
        first = deidentify([one], mode=mode, key=key).sessions[0]
        both = deidentify([two, one], mode=mode, key=key).sessions
        assert both[1] == first
        again = deidentify([one, two], mode=mode, key=key).sessions
        assert again == (both[1], both[0])


def test_a_key_serves_both_modes_with_the_same_numbers(session_of: Callable[..., Session]) -> None:
    one = session_of("C: I told Casimir.", session_id="A", dyad="D")
    two = session_of("C: I told Priya and Casimir.", session_id="B", dyad="D")
    key = Key()
    deidentify([one], mode="surrogate", key=key)
    assert deidentify([two], key=key).sessions[0].turns[0].text == "I told [NAME_2] and [NAME_1]."


def test_without_a_key_surrogates_cannot_be_worked_out_from_the_name() -> None:
    assert len({surrogates("I told Casimir and Priya.")[0] for _ in range(5)}) > 1
    assert len({surrogates("I told Casimir and Priya.", key=Key(secret="00" * 32))[0] for _ in range(3)}) == 1


def test_tags_that_stand_in_the_text_already_are_not_given_again(session_of: Callable[..., Session]) -> None:
    session = session_of("C: [NAME_2] told Casimir.", dyad="D")
    assert deidentify([session]).sessions[0].turns[0].text == "[NAME_2] told [NAME_3]."


def test_the_key_and_its_people_show_no_names(session_of: Callable[..., Session]) -> None:
    key = Key()
    deidentify([session_of("C: I told Casimir.", dyad="D")], key=key)
    assert "casimir" not in (repr(key) + repr(key.dyads["D"]) + repr(key.dyads["D"].people[0])).lower()
    assert key.dyads["D"].people[0].forms == {"casimir": "first"}
