"""ELAN: tiers merged by time, a tier a speaker; what is refused, and on which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from relcode.errors import TranscriptError
from relcode.records import Session, Turn
from relcode.transcripts import read_file
from relcode.transcripts.roles import Roles

FILES = Path(__file__).parents[1] / "data" / "transcripts"


def said(session: Session) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in session.turns]


def annotation(text: str, start: str, end: str) -> str:
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="x" TIME_SLOT_REF1="{start}" TIME_SLOT_REF2="{end}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def tier(attributes: str, *annotations: tuple[str, str, str]) -> str:
    return f"<TIER {attributes}>" + "".join(annotation(*one) for one in annotations) + "</TIER>"


def eaf(folder: Path, *tiers: str, slots: str = "a=1000 b=2000 c=3000 d=4000 e f g h", head: str = "") -> Path:
    """A document with a tier a line from line 4 on; slots are `id=milliseconds`, or `id` without a time."""
    order = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + (f' TIME_VALUE="{value}"/>' if value else "/>")
        for name, _, value in (slot.partition("=") for slot in slots.split())
    )
    lines = ['<?xml version="1.0" encoding="UTF-8"?>' + head, "<ANNOTATION_DOCUMENT>"]
    lines += [f"<TIME_ORDER>{order}</TIME_ORDER>", *tiers, "</ANNOTATION_DOCUMENT>"]
    path = folder / "a.eaf"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def faults_of(path: Path) -> str:
    with pytest.raises(TranscriptError) as caught:
        read_file(path)
    assert "secret" not in str(caught.value)
    return str(caught.value)


T, C = 'TIER_ID="T"', 'TIER_ID="C"'


def test_tiers_are_merged_by_time_and_codes_left_out() -> None:
    (session,) = read_file(FILES / "session.eaf")
    assert session.turns == (
        Turn(1, "T", "You look tired, more & more.", 0.5, 2.3),
        Turn(2, "C", "I slept badly.", 2.6),
        Turn(3, "T", "Mhm.", 3.0, 3.4),
        Turn(4, "C", "I keep arguing in my sleep.", None, 9.0),
        Turn(5, "T", "With whom?", 9.5, 11.0),
    )
    assert "Verbeek" not in repr(session.metadata)  # the name of the recording


@pytest.mark.parametrize(
    ("tiers", "turns"),
    [
        # the order of time, not of the file
        ([tier(T, ("two", "c", "d"), ("one", "a", "b"))], [("T", "one two")]),
        ([tier(C, ("two", "c", "d")), tier(T, ("one", "a", "b"))], [("T", "one"), ("C", "two")]),
        # at one time: the tier that stands first
        ([tier(T, ("one", "a", "b")), tier(C, ("two", "a", "b"))], [("T", "one"), ("C", "two")]),
        # slots without a time lie between those around them
        ([tier(T, ("one", "a", "e"), ("three", "e", "d")), tier(C, ("two", "b", "c"))], "one two three"),
        ([tier(T, ("one", "e", "f"), ("two", "f", "b")), tier(C, ("three", "b", "c"))], "one two three"),
        ([tier(T, ("one", "a", "e"), ("four", "e", "f")), tier(C, ("two", "a", "b"))], "one four two"),
        # a tier alone needs no time at all
        ([tier(T, ("one", "e", "f"), ("two", "f", "g"))], [("T", "one two")]),
        # tiers that depend on others, and empty ones, are no speech
        ([tier(T, ("one", "a", "b")), tier('TIER_ID="x" PARENT_REF="T"', ("TSI", "a", "b"))], [("T", "one")]),
        ([tier(T, ("one", "a", "b")), tier('TIER_ID="x"', (" ", "a", "b"))], [("T", "one")]),
        ([tier(T, ("one", "a", "b")), tier('TIER_ID="x"')], [("T", "one")]),
        # the participant, where the tier's name is no role
        ([tier('TIER_ID="x" PARTICIPANT="Client"', ("one", "a", "b"))], [("C", "one")]),
        ([tier('TIER_ID="T" PARTICIPANT="Client"', ("one", "a", "b"))], [("T", "one")]),
        ([tier(T, ("a &lt;b&gt; &amp; c", "a", "b"))], [("T", "a <b> & c")]),
    ],
)
def test_who_says_what_in_which_order(tmp_path: Path, tiers: list[str], turns: list[tuple[str, str]] | str) -> None:
    (session,) = read_file(eaf(tmp_path, *tiers))
    assert said(session) == turns if isinstance(turns, list) else " ".join(t for _, t in said(session)) == turns


def test_a_second_tier_of_one_participant_is_asked_about(tmp_path: Path) -> None:
    speech = tier('TIER_ID="Therapist"', ("one", "a", "b"))
    notes = tier('TIER_ID="gestures" PARTICIPANT="T"', ("secret", "a", "b"))
    assert "2nd speaker mark" in faults_of(eaf(tmp_path, speech, notes))


def test_a_declared_tier_counts_and_names_are_not_shown(tmp_path: Path) -> None:
    path = eaf(
        tmp_path, tier('TIER_ID="Maud" PARTICIPANT="Client"', ("x", "a", "b")), tier('TIER_ID="Lea"', ("y", "c", "d"))
    )
    assert "Lea" not in faults_of(path)
    assert said(read_file(path, roles=Roles(("Lea",)))[0]) == [("C", "x"), ("T", "y")]
    assert said(read_file(path, roles=Roles(("Maud",), ("Lea",)))[0]) == [("T", "x"), ("C", "y")]


@pytest.mark.parametrize(
    ("tiers", "options", "fault"),
    [
        ([tier(T, ("secret", "a", "zz"))], {}, "a.eaf:4: its time slot"),
        ([tier(T, ("secret", "a", "b")), tier(C, ("secret", "e", "f"))], {}, "a.eaf:5: a tier without any time"),
        ([tier(T, ("secret", "b", "a"))], {}, "a.eaf:4: it ends before it starts"),
        ([tier(T, ("secret", "a", "b"))], {"slots": "a=1.5 b=-1"}, "a.eaf:3: TIME_VALUE"),
        ([tier('TIER_ID="x" PARENT_REF="T"', ("secret", "a", "b"))], {}, "tiers that depend on others are not read"),
        (["<TIER TIER_ID='T'><secret></TIER>"], {}, "a.eaf:4: no valid XML"),
        (
            [tier(T, ("&secret;", "a", "b"))],
            {"head": "<!DOCTYPE x [<!ENTITY secret 'x'>]>"},
            "a.eaf:1: it has a document",
        ),
        (
            [tier(T, ("secret", "a", "b"))],
            {"head": "<!DOCTYPE x SYSTEM 'http://x/secret'>"},
            "a.eaf:1: it has a document",
        ),
    ],
)
def test_what_cannot_be_placed_is_refused_by_line(
    tmp_path: Path, tiers: list[str], options: dict[str, str], fault: str
) -> None:
    assert fault in faults_of(eaf(tmp_path, *tiers, **options))


@pytest.mark.parametrize(
    ("content", "fault"),
    [("<html>secret</html>", "does not begin with <ANNOTATION_DOCUMENT>"), ("secret", "its content is no eaf")],
)
def test_other_content_is_no_elan(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "a.eaf"
    path.write_text(content, encoding="utf-8")
    assert fault in faults_of(path)


def test_a_cut_file_is_refused_and_utf_16_is_read(tmp_path: Path) -> None:
    path = eaf(tmp_path, tier(T, ("sé", "a", "b")))
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-30], encoding="utf-8")
    assert "no valid XML" in faults_of(path)
    path.write_bytes(text.replace("UTF-8", "UTF-16").encode("utf-16"))
    assert said(read_file(path)[0]) == [("T", "sé")]
