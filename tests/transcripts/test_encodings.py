"""From bytes to words: what is read as it is, what is guessed with a doubt, and what is refused by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.transcripts import import_transcripts, read_file, read_sessions
from relcode.transcripts.encoding import decode, wide_without_mark

SAID = "T: It’s been a “long” week – for Zoë, too…\nC: Ça va, I don’t know. Café £5.\n"
PATH = Path("a.txt")


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "Windows-1252"), ("mac_roman", "Mac Roman"), ("utf-16-le", "UTF-16-LE")]
)
def test_older_encodings_are_guessed_with_a_doubt(encoding: str, name: str) -> None:
    decoded = decode(PATH, SAID.encode(encoding), guess=True)
    assert (decoded.text, decoded.encoding) == (SAID, name)
    assert [doubt.split(":")[0] for doubt in decoded.doubts] == ["encoding guessed"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("T: caf\xe9", "cp1252"),
        ("T: caf\xe9", "mac_roman"),
        ("T: I\u2019m", "cp1252"),
        ("T: I\u2019m", "mac_roman"),
        ("T: \u201cno\u201d \u2013 \xc9mile", "cp1252"),
        ("T: \u201cno\u201d \u2013 \xc9mile", "mac_roman"),
        ("T: na\xefve \xa330", "cp1252"),
        ("T: na\xefve \xa330", "mac_roman"),
    ],
)
def test_a_single_sign_tells_windows_from_mac(text: str, encoding: str) -> None:
    assert decode(PATH, text.encode(encoding), guess=True).text == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_no_doubt(encoding: str) -> None:
    decoded = decode(PATH, SAID.encode(encoding), guess=True)
    assert (decoded.text, decoded.doubts) == (SAID, ())


def test_broken_utf8_is_a_fault_by_line_and_no_other_encoding() -> None:
    data = SAID.encode() + b"T: caf\xe9\n" + SAID.encode() + b"C: \xff\n"
    with pytest.raises(TranscriptError) as caught:
        decode(PATH, data, guess=True)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == ["a.txt:3", "a.txt:6"]


def test_utf8_cut_off_within_a_letter_is_a_fault() -> None:
    with pytest.raises(TranscriptError, match=r"a\.txt:2: not valid UTF-8"):
        decode(PATH, "T: Zoë\nC: caf\xe9".encode()[:-1], guess=True)


def test_without_a_listener_for_doubts_nothing_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(SAID.encode("cp1252"))
    with pytest.raises(TranscriptError, match=r"a\.txt:1: not valid UTF-8"):
        read_sessions([path])
    notes: list[str] = []
    assert "Zoë" in read_file(path, notes=notes)[0].turns[0].text
    assert "Windows-1252" in notes[0]


@pytest.mark.parametrize(
    ("encoding", "said"), [("mac_roman", "caf\xc8"), ("latin-1", "caf\xe9"), ("cp1252", "caf\xe9")]
)
def test_the_user_may_name_the_encoding(tmp_path: Path, encoding: str, said: str) -> None:
    (tmp_path / "a.txt").write_bytes(b"T: caf\xe9\nC: b\n")
    report = import_transcripts([tmp_path / "a.txt"], tmp_path / "out", encoding=encoding)
    assert report.faults == []
    text = read_sessions([tmp_path / "out"])[0].turns[0].text
    assert text == b"caf\xe9".decode(encoding) if encoding == "mac_roman" else text == said


def test_an_encoding_that_does_not_fit_or_exist_is_said() -> None:
    with pytest.raises(TranscriptError, match=r"a\.txt:2: not valid ascii"):
        decode(PATH, b"a\n\xe9", encoding="ascii")
    with pytest.raises(TranscriptError, match="no encoding of the name"):
        decode(PATH, b"a", encoding="nosuch")


def test_nul_characters_and_marks_within_are_removed_and_counted() -> None:
    decoded = decode(PATH, "T: a\x00b\n\ufeffC: c\n".encode())
    assert decoded.text == "T: ab\nC: c\n"
    assert decoded.doubts == ("1 NUL character(s) removed", "1 byte order mark(s) within the text removed")


def test_line_ends_are_one() -> None:
    assert decode(PATH, b"a\r\nb\rc\nd\r\n").text == "a\nb\nc\nd\n"


@pytest.mark.parametrize(
    ("data", "wide"),
    [
        ("T: hello".encode("utf-16-le"), "utf-16-le"),
        ("T: hello".encode("utf-16-be"), "utf-16-be"),
        (b"T: hello", None),
        (b"T: he\x00llo", None),
        (b"", None),
        (b"\x00" * 40, None),
    ],
)
def test_utf16_without_its_mark_is_told_by_its_zeros(data: bytes, wide: str | None) -> None:
    assert wide_without_mark(data) == wide


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_the_file(data: bytes) -> None:
    message = "a.txt"
    text = ""
    try:
        text = decode(PATH, data, guess=True).text
    except TranscriptError as error:
        message = str(error)
    assert message.startswith("a.txt")
    assert not {"\r", "\x00"} & set(text)
