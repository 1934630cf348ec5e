"""Who speaks: what is declared, what is proposed and asked, couples, families and groups."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from relcode.errors import TranscriptError, UsageError
from relcode.transcripts import import_transcripts, read_file, read_sessions
from relcode.transcripts.asking import RolesQuestion
from relcode.transcripts.behaviour import propose, talk_of
from relcode.transcripts.roles import Declared, Roles, Utterance
from relcode.transcripts.speakers import AskedMark, read_speakers, write_speakers

COUPLE = """Marlene Ost: Shall we start where you two stopped last week?
Jonas: She stopped. I did not.
Britta: You left the room, Jonas.
Piet Kraus: What happened in you, Britta, when he left?
Britta: I felt alone with it.
Marlene Ost: And you, Jonas, did you know that?
Jonas: No.
"""
GROUP = ["Ina", "Olu", "Per", "Sun", "Wim", "Yara"]
ASKING = "So what do you feel when you say that to me? And how is it for you here?"
TELLING = "I think I just went home, and I told my sister that I could not do my work any more."


def put(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def speakers(path: Path, roles: Roles) -> str:
    (session,) = read_file(path, roles=roles)
    return " ".join(turn.speaker for turn in session.turns)


def test_a_couple_with_two_therapists_is_numbered_in_the_order_of_declaration(tmp_path: Path) -> None:
    path = put(tmp_path, "couple.txt", COUPLE)
    roles = Roles(("Piet Kraus", "Marlene Ost"), ("Britta", "Jonas"))
    assert speakers(path, roles) == "T2 C2 C T C T2 C2"
    table = tuple(
        Declared(*row) for row in (("Marlene Ost", "T"), ("Piet Kraus", "T"), ("Jonas", "C"), ("Britta", "C"))
    )
    assert speakers(path, Roles(table=table)) == "T C C2 T2 C2 T C"


def test_a_group_of_six_keeps_its_numbers_in_every_session(tmp_path: Path) -> None:
    rows = tuple(Declared(name, f"C{number}") for number, name in enumerate(GROUP, start=1))
    roles = Roles(("Lead",), table=rows)
    first = put(tmp_path, "g1.txt", "Lead: Who begins?\n" + "".join(f"{name}: Me.\n" for name in reversed(GROUP)))
    second = put(tmp_path, "g2.txt", "Lead: Yara?\nYara: Yes.\nSun: No.\n")
    assert speakers(first, roles) == "T C6 C5 C4 C3 C2 C"
    assert speakers(second, roles) == "T C6 C4"


def test_two_spellings_of_a_name_can_be_one_speaker_and_that_is_noted(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", "Lead: Hm?\nSara: One.\nLead: Yes?\nSarah: Two.\n")
    notes: list[str] = []
    table = (Declared("Sara", "C1"), Declared("Sarah", "C1"))
    (session,) = read_file(path, roles=Roles(("Lead",), table=table), notes=notes)
    assert [turn.speaker for turn in session.turns] == ["T", "C", "T", "C"]
    assert notes == [f"{path}: C has 2 marks (the 2nd and the 3rd); one person?"]
    separate = (Declared("Sara", "C"), Declared("Sarah", "C"))
    assert speakers(path, Roles(("Lead",), table=separate)) == "T C T C2"


def test_a_mark_of_nobody_is_left_out_and_counted(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", "T: One.\nSYSTEM: noise\nC: Two.\nSYSTEM: noise\nC: Three.\n")
    put(tmp_path, "s.csv", "mark,role\nSystem,none\n")
    report = import_transcripts([path], tmp_path / "out", speakers=tmp_path / "s.csv")
    assert [turn.text for turn in read_sessions([tmp_path / "out"])[0].turns] == ["One.", "Two. Three."]
    assert report.notes == [f"{path}: 2 utterance(s) of marks that are no speaker's were left out"]


def test_rows_for_a_session_come_before_rows_for_all(tmp_path: Path) -> None:
    table = read_speakers(
        put(
            tmp_path,
            "s.csv",
            "session,mark,role\n,Speaker 1,therapist\n,Speaker 2,client\nb,Speaker 1,C\nb,Speaker 2,T\n",
        )
    )
    text = "Speaker 1: One.\nSpeaker 2: Two.\n"
    assert speakers(put(tmp_path, "a.txt", text), Roles(table=table)) == "T C"
    assert speakers(put(tmp_path, "b.txt", text), Roles(table=table)) == "C T"


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ("who,role\nA,T\n", ["expected a table with the columns mark and role"]),
        ("mark,role\nAnna,boss\n,T\nBen,C\n", ["row 2 has no role", "row 3 names no mark"]),
    ],
)
def test_a_table_of_speakers_that_cannot_be_used_is_refused_by_row(
    tmp_path: Path, content: str, faults: list[str]
) -> None:
    with pytest.raises(TranscriptError) as caught:
        read_speakers(put(tmp_path, "s.csv", content))
    found = caught.value.faults or (caught.value.message,)
    assert len(found) == len(faults)
    assert all(part in fault for part, fault in zip(faults, found, strict=True))
    assert "Anna" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "mark"), [("A", "Speaker A"), ("speaker a", "Speaker A"), ("1", "Speaker 1"), ("00", "SPEAKER_00")]
)
def test_a_letter_or_number_stands_for_the_recognisers_speaker(tmp_path: Path, given: str, mark: str) -> None:
    path = put(tmp_path, "a.txt", f"{mark}: One.\nSpeaker Z: Two.\n")
    assert speakers(path, Roles((given,))) == "T C"
    named = put(tmp_path, "b.txt", "Vera A: One.\nSpeaker Z: Two.\n")
    with pytest.raises(TranscriptError):
        read_file(named, roles=Roles((given,)))


def test_the_one_beside_a_declared_therapist_is_the_client_and_that_is_a_note(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", "Lead: One?\nNell: Two.\n")
    report = import_transcripts([path], tmp_path / "out", therapists=["Lead"])
    assert report.notes == [
        f"{path}: taken for the client, as the only one beside the therapist declared: "
        "the 2nd speaker mark in the file (1 utterance)"
    ]


# --- proposals


def talk(*pairs: tuple[str, str]) -> list[Utterance]:
    return [Utterance(mark, text) for mark, text in pairs]


def test_talk_is_counted_over_runs_of_one_speaker() -> None:
    found = talk_of(talk(("A", "Do you"), ("a", "like it?"), ("B", "I do. My dog does."), ("A", "Mm-hm."), ("B", "")))
    assert (found["a"].runs, found["a"].words, found["a"].questions, found["a"].backchannels) == (2, 5, 0.5, 0.5)
    assert (found["a"].you, found["b"].i, found["b"].share) == (0.2, 0.4, 0.5)
    assert (found["a"].opens, found["a"].closes, found["b"].opens) == (True, True, False)


def test_who_asks_and_says_you_is_proposed_as_therapist() -> None:
    dyad = talk(("Speaker 0", TELLING), ("Speaker 1", ASKING)) * 5
    proposal = propose(dyad, Roles())
    assert proposal is not None
    assert dict(proposal.speakers) == {"speaker 0": "C", "speaker 1": "T"}
    assert proposal.is_certain
    short = propose(dyad[:2], Roles())
    assert short is not None
    assert not short.is_certain


def test_two_who_ask_are_two_therapists_and_clients_are_numbered_as_they_speak() -> None:
    four = talk(("D", TELLING), ("A", ASKING), ("C", TELLING), ("B", ASKING)) * 5
    renamed = [Utterance({"C": "Kim"}.get(u.mark, u.mark), u.text) for u in four]
    proposal = propose(renamed, Roles())
    assert proposal is not None
    assert dict(proposal.speakers) == {"d": "C", "a": "T", "kim": "C2", "b": "T2"}


def test_what_is_declared_is_not_proposed_otherwise() -> None:
    dyad = talk(("Ada", TELLING), ("Nell", ASKING), ("Bo", TELLING)) * 5
    proposal = propose(dyad, Roles(("Ada",)))
    assert proposal is not None
    assert dict(proposal.speakers) == {"ada": "T", "nell": "C", "bo": "C2"}
    assert propose(talk(("Ada", TELLING)), Roles()) is None


def a_session(folder: Path, name: str = "a.txt", first: str = "Nell Varga", second: str = "Ada Brook") -> Path:
    return put(folder, name, f"{first}: {TELLING}\n{second}: {ASKING}\n" * 5)


def test_roles_are_asked_with_a_proposal_and_never_assumed(tmp_path: Path) -> None:
    path = a_session(tmp_path)
    report = import_transcripts([path], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert ["proposed is C (" in report.faults[0], "proposed is T (" in report.faults[1]] == [True, True]
    assert "questions in 100% of 5 utterances" in report.faults[1]
    assert "--write-speakers" in report.notes[0]
    assert not any(name in str(report.faults + report.notes) for name in ("Nell", "Varga", "Ada", "Brook"))


def test_certain_proposals_are_accepted_where_the_user_says_so_and_noted(tmp_path: Path) -> None:
    unclear = put(tmp_path, "b.txt", "Kim: Yes.\nLou: No.\n" * 5)
    report = import_transcripts([a_session(tmp_path), unclear], tmp_path / "out", accept_proposed=True)
    assert [turn.speaker for turn in read_sessions([tmp_path / "out"])[0].turns][:2] == ["C", "T"]
    assert "roles proposed from talk were accepted (probability" in report.notes[0]
    assert all("uncertain" in fault for fault in report.faults)
    assert len(report.faults) == 2


def test_an_answer_holds_for_the_same_names_but_not_for_numbers(tmp_path: Path) -> None:
    asked: list[RolesQuestion] = []

    def answer(question: RolesQuestion) -> Mapping[str, str]:
        asked.append(question)
        return dict(zip(question.names, ("T", "C"), strict=True))

    files = [a_session(tmp_path, name) for name in ("a.txt", "b.txt")]
    files += [a_session(tmp_path, name, "Speaker 0", "Speaker 1") for name in ("c.txt", "d.txt")]
    report = import_transcripts(files, tmp_path / "out", ask_roles=answer)
    assert report.faults == []
    assert [question.session for question in asked] == ["a", "c", "d"]
    assert {turn.speaker for turn in read_sessions([tmp_path / "out"])[0].turns[:1]} == {"T"}
    assert import_transcripts(files, tmp_path / "out").faults == []  # answered once, known from then on


def test_a_file_left_unanswered_is_a_fault(tmp_path: Path) -> None:
    report = import_transcripts([a_session(tmp_path)], tmp_path / "out", ask_roles=lambda question: None)
    assert len(report.faults) == 2


def test_the_table_to_correct_is_private_and_confirms_when_given_back(tmp_path: Path) -> None:
    path = a_session(tmp_path)
    report = import_transcripts([path], tmp_path / "out", dry_run=True)
    table = tmp_path / "speakers.csv"
    assert write_speakers(table, report.asked) == 2
    assert table.stat().st_mode & 0o777 == 0o600
    with table.open() as file:
        assert [(row["session"], row["mark"], row["role"]) for row in csv.DictReader(file)] == [
            ("a", "Nell Varga", "C"),
            ("a", "Ada Brook", "T"),
        ]
    assert import_transcripts([path], tmp_path / "out", speakers=table).faults == []
    with pytest.raises(UsageError, match="may hold answers"):
        write_speakers(table, [AskedMark("a", "x", "T", "")])


def test_a_table_with_unknown_speakers_asks_for_every_session(tmp_path: Path) -> None:
    rows = [
        f'{session},{mark},"{text}"'
        for session in ("s1", "s2")
        for mark, text in (("Nell", TELLING), ("Ada", ASKING)) * 5
    ]
    path = put(tmp_path, "a.csv", "\n".join(["session_id,speaker,text", *rows]))
    report = import_transcripts([path], tmp_path / "out")
    assert [(mark.session, mark.mark, mark.proposed) for mark in report.asked] == [
        ("s1", "Nell", "C"),
        ("s1", "Ada", "T"),
        ("s2", "Nell", "C"),
        ("s2", "Ada", "T"),
    ]
    assert import_transcripts([path], tmp_path / "out", accept_proposed=True).faults == []
