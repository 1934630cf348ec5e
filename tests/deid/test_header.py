"""Headers and ids: what holds a name becomes neutral, dates go or move, other text stays only if nothing is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relcode.deid import Key, deidentify
from relcode.deid.header import holds_name
from relcode.records import Session


@pytest.mark.parametrize(
    "value",
    [
        "Sarah Jones session 3",
        "SarahJones03",
        "sarah_jones_3",
        "JONES_03",
        "AnnaMueller",
        "Will_2",
        "casimir-s03",
        "mycasimir",
    ],
)
def test_ids_that_hold_names(value: str) -> None:
    assert holds_name(value, {"casimir"})


@pytest.mark.parametrize(
    "value",
    [
        *(
            "D1-T01-s03",
            "dev01_will",
            "E2-03",
            "S1",
            "C01",
            "P003",
            "SES2",
            "Session_4",
            "TherapistB",
            "study1.p22",
            "12",
        ),
        *(
            "baseline_w2",
            "MI_high_04",
            "couple_09",
            "hope-3",
            "depressed_01",
            "UK-site-2",
            "2024-03-05",
            "Group A, week 2",
        ),
    ],
)
def test_ids_that_hold_none(value: str) -> None:
    assert not holds_name(value, {"casimir", "will"})


def test_ids_with_names_become_neutral_and_stay_so_with_the_key(session_of: Callable[..., Session]) -> None:
    def of(name: str, **fields: object) -> Session:
        return session_of("C: Yes.", session_id=name, **fields)

    one = of("Sarah Jones 1", dyad="Sarah Jones", therapist="DrOkafor", client="sarah", session_number=1)
    two = of("Sarah Jones 2", dyad="Sarah Jones", therapist="DrOkafor", client="sarah", session_number=2)
    other = of("D7-s01", dyad="D7", therapist="T01", client="C01")
    key = Key()
    result = deidentify([one, other, two], key=key)
    assert [session.session_id for session in result.sessions] == ["S-1", "D7-s01", "S-2"]
    assert result.sessions[0].metadata == {"dyad": "D-1", "therapist": "T-1", "client": "C-1", "session_number": 1}
    assert result.sessions[1].metadata == other.metadata
    assert result.session_ids == {"Sarah Jones 1": "S-1", "Sarah Jones 2": "S-2"}
    assert set(result.notes) == {"S-1", "S-2"}
    assert "arah" not in str(result.notes)
    later = deidentify([of("Ann Moss"), two], key=key)
    assert [session.session_id for session in later.sessions] == ["S-3", "S-2"]
    assert deidentify([two, of("S-1")]).sessions[0].session_id == "S-2"  # S-1 is somebody's already
    assert deidentify([two], taken_ids={"S-1", "S-2"}).sessions[0].session_id == "S-3"


def test_an_id_with_a_name_that_only_the_words_of_the_dyad_tell(session_of: Callable[..., Session]) -> None:
    session = session_of("C: I told Dr. Xolthar.", session_id="xolthar-2", dyad="D1")
    assert deidentify([session]).sessions[0].session_id == "S-1"
    assert deidentify([session_of("C: I told him.", session_id="xolthar-2")]).sessions[0].session_id == "xolthar-2"


def test_dates_of_the_header_go_or_move_with_those_of_the_turns(session_of: Callable[..., Session]) -> None:
    session = session_of("C: It was 2024-03-04.", dyad="D1", date="2024-03-05", recorded="2024-03-05T10:00:00")
    assert deidentify([session]).sessions[0].metadata == {"dyad": "D1"}
    key = Key()
    moved = deidentify([session], mode="surrogate", key=key).sessions[0]
    assert moved.metadata["recorded"] == moved.metadata["date"] + "T10:00:00"
    assert moved.metadata["date"] != "2024-03-05"
    day = int(moved.metadata["date"][-2:])
    assert day == 1 or moved.turns[0].text == f"It was {moved.metadata['date'][:-2]}{day - 1:02d}."


@pytest.mark.parametrize(
    ("field", "value", "stays"),
    [
        ("note", "synthetic", True),
        ("note", "seen by Casimir Dombrowski", False),
        ("room", "a.b@mail.example", False),
        ("minutes", 50, True),
        ("quality", 0.8, True),
        ("consent", True, True),
        ("record", 77301194, False),
        ("zip", 46815, False),
        ("age", 41, True),
        ("age", 93, False),
        ("tags", ["intake", "remote"], True),
        ("tags", ["intake", "Casimir"], False),
        ("measures", {"ors": [3, 4], "srs": {"total": 31}}, True),
        ("measures", {"by": {"rater": "Casimir Dombrowski"}}, False),
        ("client_name", "x", False),
        ("Casimir", 3, False),
    ],
)
def test_other_fields_stay_only_if_harmless(
    field: str, value: object, stays: bool, session_of: Callable[..., Session]
) -> None:
    result = deidentify([session_of("C: Yes.", **{field: value})])
    assert result.sessions[0].metadata == ({field: value} if stays else {})
    assert bool(result.notes) is not stays
    assert "asimir" not in str(result.notes)
