"""Files cut off, mixed up or with single bytes changed are read or refused with a message; nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.transcripts.read import read_file, read_whole
from relcode.transcripts.roles import Roles
from relcode.transcripts.source import Options

DATA = Path(__file__).parents[1] / "data" / "transcripts"
FILES = sorted(path for path in DATA.glob("*.*") if path.suffix != ".md")
ROLES = Roles(("Ada", "Speaker 1", "SPEAKER_00", "spk_0"), ("Nell",))


def outcome(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    try:
        read_whole(path, Options(ROLES, guess_encoding=True))
    except TranscriptError as error:
        return str(error)
    return path.name


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.floats(0, 1), changed=st.binary(max_size=3), cut=st.booleans())
def test_damage_is_read_or_refused_by_name(tmp_path: Path, file: Path, place: float, changed: bytes, cut: bool) -> None:
    data = file.read_bytes()
    where = int(place * len(data))
    damaged = data[:where] + changed + (b"" if cut else data[where + len(changed) :])
    assert file.name in outcome(tmp_path / file.name, damaged)


@pytest.mark.parametrize(
    "suffix", [".vtt", ".srt", ".docx", ".xlsx", ".csv", ".json", ".jsonl", ".otr", ".cha", ".eaf", ".txt", ".rtf", ""]
)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=st.sampled_from(FILES), second=st.sampled_from(FILES), place=st.floats(0, 1))
def test_one_file_in_the_middle_of_another(
    tmp_path: Path, suffix: str, first: Path, second: Path, place: float
) -> None:
    data = first.read_bytes()
    where = int(place * len(data))
    name = f"a{suffix}"
    assert name in outcome(tmp_path / name, data[:where] + second.read_bytes() + data[where:])


def test_two_turns_in_one_line_are_a_fault_of_that_line(tmp_path: Path) -> None:
    path = tmp_path / "S.jsonl"
    turns = [f'{{"turn": {number}, "speaker": "T", "text": "Yes."}}' for number in (1, 2, 3)]
    path.write_text("\n".join(['{"session_id": "S"}', turns[0], f"{turns[1]} {turns[2]}"]), encoding="utf-8")
    with pytest.raises(TranscriptError) as raised:
        read_file(path)
    assert [fault.split(": ")[0] for fault in raised.value.faults] == [f"{path}:3"]
