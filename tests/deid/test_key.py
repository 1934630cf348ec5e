"""The key's file: private, whole or not at all, encrypted if wished, extended by later runs."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcode.deid import Key, deidentify, is_encrypted, open_key
from relcode.deid.key_file import SCRYPT_COST
from relcode.errors import DeidError
from relcode.records import Session, Turn
from relcode.transcripts import write_session

CHEAP = 2**4  # scrypt's cost in tests; the file says which it was
PHRASE = "four words are long"
SESSION = Session("S1", (Turn(1, "C", "I told Casimir."),), {"dyad": "D"})


def written(path: Path, *, passphrase: str | None = None) -> Key:
    file = open_key(path, passphrase=passphrase, cost=CHEAP)
    deidentify([SESSION], key=file.key)
    with file.written():
        pass
    return file.key


@pytest.mark.parametrize("passphrase", [None, PHRASE])
def test_a_key_is_private_and_comes_back_as_it_was(tmp_path: Path, passphrase: str | None) -> None:
    path = tmp_path / "deep" / "key.json"
    key = written(path, passphrase=passphrase)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_key(path, passphrase=passphrase).key == key
    assert is_encrypted(path) is (passphrase is not None)
    assert ("casimir" in path.read_text(encoding="utf-8")) is (passphrase is None)


def test_the_file_has_mode_0600_before_it_has_its_name(tmp_path: Path) -> None:
    file = open_key(tmp_path / "key.json")
    with file.written():
        (beside,) = tmp_path.iterdir()
        assert stat.S_IMODE(beside.stat().st_mode) == 0o600
        assert not (tmp_path / "key.json").exists()


def test_a_run_that_fails_leaves_the_old_key(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    written(path)
    before = path.read_bytes()
    file = open_key(path)
    deidentify([Session("S2", (Turn(1, "C", "I told Priya."),), {"dyad": "E"})], key=file.key)
    with pytest.raises(KeyboardInterrupt), file.written():
        raise KeyboardInterrupt
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_key_that_another_run_changed_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    file = open_key(path)
    written(path)
    before = path.read_bytes()
    with pytest.raises(DeidError, match="another run"), file.written():
        pass
    assert path.read_bytes() == before


def test_an_unencrypted_key_can_be_encrypted_later(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    key = written(path)
    written(path, passphrase=PHRASE)
    assert is_encrypted(path)
    assert open_key(path, passphrase=PHRASE).key == key


def test_a_wrong_passphrase_and_none(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    written(path, passphrase=PHRASE)
    with pytest.raises(DeidError, match="The passphrase is not that of the key"):
        open_key(path, passphrase="other words here")
    with pytest.raises(DeidError, match="is encrypted"):
        open_key(path)


@pytest.mark.parametrize("name", ["data", "salt", "nonce", "n", "version", "kdf", "check"])
def test_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "key.json"
    written(path, passphrase=PHRASE)
    document = json.loads(path.read_text(encoding="utf-8"))
    value = document[name]
    document[name] = {"n": CHEAP * 2, "version": 0}.get(name, "A" + value[1:] if isinstance(value, str) else value)
    if document[name] == value:
        document[name] = "B" + value[1:]
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DeidError, match="changed") as caught:
        open_key(path, passphrase=PHRASE)
    assert "asimir" not in str(caught.value)


@pytest.mark.parametrize("passphrase", [None, PHRASE])
def test_a_file_that_was_cut_off_or_is_something_else_is_refused(tmp_path: Path, passphrase: str | None) -> None:
    path = tmp_path / "key.json"
    written(path, passphrase=passphrase)
    data = path.read_bytes()
    for broken in (data[: len(data) // 2], b"", b"\xff\x00", b"[]", b'{"format": "other"}'):
        path.write_bytes(broken)
        with pytest.raises(DeidError, match="no key"):
            open_key(path, passphrase=passphrase)
        assert path.read_bytes() == broken
    path.write_bytes(b'{"format": "relcode-key", "version": 1, "key": {"secret": 5}}')
    with pytest.raises(DeidError, match="damaged"):
        open_key(path)
    path.write_bytes(b'{"format": "relcode-key", "version": 99}')
    with pytest.raises(DeidError, match="newer relcode"):
        open_key(path)


def test_a_file_cannot_ask_for_more_memory_than_there_is(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    written(path, passphrase=PHRASE)
    document = json.loads(path.read_text(encoding="utf-8")) | {"n": 2**40}
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DeidError, match="damaged"):
        open_key(path, passphrase=PHRASE)


def test_the_cost_is_that_recommended() -> None:
    assert SCRYPT_COST >= 2**17


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session_of: Callable[..., Session]) -> Path:
    monkeypatch.chdir(tmp_path)
    write_session(session_of("C: I told Casimir on March 3rd.", session_id="Sarah Jones 1", dyad="D"), tmp_path / "raw")
    return tmp_path


def test_the_command_extends_a_key_and_keeps_its_replacements(
    raw: Path, relcode: Callable[..., Any], session_of: Callable[..., Session]
) -> None:
    assert relcode("deid", "raw", "--out", "o", "--mode", "surrogate", "--key", "k.json").status == 0
    first = (raw / "o" / "S-1.jsonl").read_bytes()
    assert b"Casimir" not in first
    write_session(session_of("C: Priya told Casimir.", session_id="A2", dyad="D"), raw / "raw")
    done = relcode("deid", "raw", "--out", "o", "--mode", "surrogate", "--key", "k.json")
    assert done.status == 0
    assert "Sarah" not in done.err + done.out
    assert sorted(path.name for path in (raw / "o").iterdir()) == ["A2.jsonl", "S-1.jsonl"]
    assert (raw / "o" / "S-1.jsonl").read_bytes() == first


def test_the_command_encrypts_with_a_private_file(raw: Path, relcode: Callable[..., Any]) -> None:
    def run(*more: str) -> tuple[int, str]:
        done = relcode("deid", "raw", "--out", "o", *more)
        return done.status, done.err

    phrase = raw / "phrase"
    phrase.write_text(PHRASE + "\n", encoding="utf-8")
    phrase.chmod(0o644)
    status, message = run("--key", "k.json", "--passphrase-file", "phrase")
    assert (status, "chmod 600" in message) == (2, True)
    phrase.chmod(0o600)
    assert run("--key", "k.json", "--passphrase-file", "phrase")[0] == 0
    assert is_encrypted(raw / "k.json")
    before = (raw / "k.json").read_bytes()
    assert run("--key", "k.json")[0] == 2  # no terminal to ask on
    assert run("--passphrase-file", "phrase")[0] == 2
    assert run("--key", "o/k.json")[0] == 2
    phrase.write_text("short", encoding="utf-8")
    assert run("--key", "k2.json", "--passphrase-file", "phrase")[0] == 2
    (raw / "blocked").write_text("x", encoding="utf-8")
    assert relcode("deid", "raw", "--out", "blocked", "--key", "k.json").status == 2
    assert (raw / "k.json").read_bytes() == before


def test_the_command_moves_labels_and_writes_offsets(raw: Path, relcode: Callable[..., Any]) -> None:
    label = {"session_id": "Sarah Jones 1", "turn": 1, "start": 7, "end": 14, "text": "Casimir", "code": "X"}
    (raw / "labels.jsonl").write_text(json.dumps(label) + "\n", encoding="utf-8")
    options = ("--spans", "labels.jsonl", "--spans-out", "moved.jsonl", "--offsets", "offsets.jsonl")
    assert relcode("deid", "raw", "--out", "o", *options).status == 0
    moved = json.loads((raw / "moved.jsonl").read_text(encoding="utf-8"))
    assert moved == label | {"session_id": "S-1", "end": 15, "text": "[NAME_1]"}
    offsets = json.loads((raw / "offsets.jsonl").read_text(encoding="utf-8"))
    assert offsets["session_id"] == "S-1"
    assert offsets["edits"][0] == [7, 14, 7, 15]
    assert relcode("deid", "raw", "--out", "o", "--spans", "labels.jsonl").status == 2
    (raw / "labels.jsonl").write_text(json.dumps(label | {"session_id": "other"}) + "\n", encoding="utf-8")
    done = relcode("deid", "raw", "--out", "new", *options)
    assert done.status == 1
    assert not (raw / "new").exists()


@pytest.mark.slow
def test_the_passphrase_is_asked_for_on_the_terminal(raw: Path) -> None:
    def run(*answers: str, more: tuple[str, ...] = ()) -> int:
        process, terminal = pty.fork()
        if process == 0:
            command = [sys.executable, "-m", "relcode", "deid", "raw", "--out", "o", "--key", "k.json", *more]
            os.execv(sys.executable, command)
        for answer in answers:
            said = b""
            while not said.rstrip().endswith((b"k.json:", b"more:")):
                said += os.read(terminal, 1000)
            os.write(terminal, answer.encode() + b"\n")
        with contextlib.suppress(OSError):
            while os.read(terminal, 1000):
                pass
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    assert run(PHRASE, PHRASE + "x", more=("--encrypt-key",)) == 2
    assert not (raw / "k.json").exists()
    assert run(PHRASE, PHRASE, more=("--encrypt-key",)) == 0
    assert is_encrypted(raw / "k.json")
    assert run("other words here") == 1
    assert run(PHRASE) == 0
