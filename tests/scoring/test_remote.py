"""Transcripts and scores at URLs: what is read and written there is what is read and written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from relcode.errors import DataError, ModelError, TranscriptError, UsageError
from relcode.scoring.files import score
from relcode.scoring.remote import elsewhere, place

pytestmark = pytest.mark.slow  # with a model of real sessions
fsspec = pytest.importorskip("fsspec")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def memory(texts: Path) -> Iterator[Any]:
    """fsspec's file system in this process's memory, with the transcripts."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    system.put(f"{texts}/", "/study/texts/", recursive=True)
    yield system
    system.store.clear()


def files(system: Any, folder: str) -> dict[str, bytes]:
    return {path.rpartition("/")[2]: system.cat_file(path) for path in system.find(folder)}


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("texts/a.jsonl", Path("texts/a.jsonl")),
        ("file:///a/b%20c.jsonl", Path("/a/b c.jsonl")),
        ("local:///a/b.jsonl", Path("/a/b.jsonl")),
        (Path("s3:/b"), Path("s3:/b")),
        ("s3://bucket/a", "s3://bucket/a"),
    ],
)
def test_a_place_is_a_path_or_the_url_of_another_machine(named: str | Path, meant: Path | str) -> None:
    assert place(named) == meant


def test_the_memory_of_this_process_is_not_elsewhere() -> None:
    assert elsewhere(["memory://a", "s3://b/c", Path("d")]) == ["s3://b/c"]


def test_another_machine_is_refused_unless_it_is_allowed(
    relcode: Run, texts: Path, model_folder: Path, tmp_path: Path
) -> None:
    for sources, out in (("sftp://nobody.invalid/a", tmp_path / "o"), (texts, "s3://bucket/scores")):
        status, _, err = relcode("score", sources, "--model", model_folder, "--out", out)
        assert status == 2
        assert "is on another machine" in err
        assert "--remote" in err


def test_a_folder_at_a_url_is_as_one_here_and_is_taken_up(
    memory: Any, texts: Path, model_folder: Path, tmp_path: Path
) -> None:
    url = "memory://study/scores"
    score([texts], model_folder, tmp_path / "scores", shard_words=1)
    here = {path.name: path.read_bytes() for path in (tmp_path / "scores").iterdir() if path.name != ".lock"}

    class Stopped(Exception):
        pass

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "scoring":
            raise Stopped

    with pytest.raises(Stopped):
        score(["memory://study/texts"], model_folder, url, shard_words=1, progress=stop)
    assert b'"complete": false' in files(memory, "/study/scores")["manifest.json"]
    report = score(["memory://study/texts/*.jsonl"], model_folder, url, shard_words=1)
    assert (report.kept, report.scored) == (1, 2)
    assert files(memory, "/study/scores") == here


def test_what_is_changed_gone_or_damaged_at_a_url_is_put_right(memory: Any, model_folder: Path) -> None:
    source, out = "memory://study/texts", "memory://study/scores"
    score([source], model_folder, out, shard_words=1)
    before = files(memory, "/study/scores")
    name = sorted(name for name in before if name.startswith("shard"))[0]
    memory.pipe_file(f"/study/scores/{name}", b"harm")
    report = score([source], model_folder, out, shard_words=1)
    assert (report.damaged, report.scored, files(memory, "/study/scores")) == ([name], 1, before)
    memory.rm_file("/study/texts/E8-Y08-s12.jsonl")
    assert score([source], model_folder, out, shard_words=1).removed == 1
    assert len(files(memory, "/study/scores")) == len(before) - 1


def test_faults_are_named_by_url(memory: Any, model_folder: Path, tmp_path: Path) -> None:
    memory.pipe_file("/study/texts/broken.jsonl", b"nothing of the kind")
    report = score(["memory://study/texts"], model_folder, tmp_path / "scores")
    assert report.scored == 3
    assert len(report.faults) == 1
    assert report.faults[0].startswith("memory://")
    assert "broken.jsonl" in report.faults[0]
    with pytest.raises(TranscriptError, match="memory://nothing"):
        score(["memory://nothing/here"], model_folder, tmp_path / "scores")
    with pytest.raises(UsageError, match="folder of shards"):
        score(["memory://study/texts"], model_folder, "memory://study/s.parquet")
    with pytest.raises(DataError, match="nosuch://"):
        score(["memory://study/texts"], model_folder, "nosuch://a/b", remote=True)


def test_scores_of_another_model_at_a_url_are_refused(memory: Any, model_folder: Path) -> None:
    memory.pipe_file("/study/scores/manifest.json", b"{")
    with pytest.raises(ModelError, match="cannot be read as the manifest"):
        score(["memory://study/texts"], model_folder, "memory://study/scores")
