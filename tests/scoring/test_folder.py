"""A folder of scores: shards and manifest, what a rerun scores, and what a kill, a full disk or a damaged shard costs."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from relcode.errors import DataError, ModelError
from relcode.learning.domain import fit_domain
from relcode.learning.model import Model
from relcode.learning.save import save_model
from relcode.provenance import hash_session
from relcode.scoring.files import ScoreReport, score
from relcode.scoring.manifest import read_manifest
from relcode.scoring.read import read_scores
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import tokenize
from scoring.conftest import many

pytestmark = pytest.mark.slow  # models are trained, or pages made

SESSIONS = {"E1-Y01-s06", "E6-Y06-s05", "E8-Y08-s12"}
Run = Callable[..., tuple[int, str, str]]


def in_shards(texts: Path, model_folder: Path, folder: Path, **options: object) -> ScoreReport:
    """Score into a folder, a shard a session."""
    return score([texts], model_folder, folder, **{"shard_words": 1, **options})  # type: ignore[arg-type]


def rows(folder: Path) -> bytes:
    """The rows of all shards as bytes, sorted by session, turn and segment."""
    table = pq.ParquetDataset([str(path) for path in sorted(folder.glob("shard-*.parquet"))]).read()
    return table.to_pandas().sort_values(["session_id", "turn", "segment"]).to_csv(index=False).encode()


@pytest.fixture(scope="session")
def shards(beginnings: Path, model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of scores of the three transcripts, a shard each, not to be written to."""
    folder = tmp_path_factory.mktemp("sharded") / "scores"
    in_shards(beginnings, model_folder, folder)
    return folder


@pytest.fixture
def folder(shards: Path, tmp_path: Path) -> Path:
    """The same, to be written to."""
    return Path(shutil.copytree(shards, tmp_path / "scores"))


def say_more(path: Path) -> None:
    """Add a turn."""
    number = len(path.read_text().splitlines())
    with path.open("a") as file:
        file.write(json.dumps({"turn": number, "speaker": "C", "text": "That is all for now."}) + "\n")


def test_the_manifest_says_where_each_session_stands(texts: Path, folder: Path, model: Model) -> None:
    manifest = read_manifest(folder)
    assert manifest is not None
    assert (manifest.model_id, manifest.complete, manifest.with_text) == (model.id, True, False)
    assert set(manifest.shards) == {path.name for path in folder.iterdir()} - {"manifest.json", ".lock"}
    for session in read_sessions([texts]):
        line = manifest.sessions[session.session_id]
        table = pq.read_table(folder / line.shard)
        assert line.sha256 == hash_session(session)
        assert line.segments == table["session_id"].to_pylist().count(session.session_id)


def test_a_rerun_scores_and_writes_nothing(texts: Path, folder: Path, model_folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("shard-*")}
    report = in_shards(texts, model_folder, folder)
    assert (report.scored, report.kept, report.damaged, report.unlike) == (0, 3, [], None)
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("shard-*")} == before


def test_a_changed_session_alone_is_scored_and_its_old_rows_go(
    texts: Path, model_folder: Path, folder: Path, tmp_path: Path
) -> None:
    together = tmp_path / "together"
    score([texts], model_folder, together)
    assert len(list(together.glob("shard-*"))) == 1
    say_more(texts / "E6-Y06-s05.jsonl")
    report = score([texts], model_folder, together)
    assert (report.scored, report.kept) == (1, 2)
    in_shards(texts, model_folder, folder)
    assert rows(together) == rows(folder)
    assert sum(pq.read_metadata(path).num_rows for path in together.glob("shard-*")) == report.segments


def test_a_session_that_is_gone_goes_unless_a_file_cannot_be_read(
    texts: Path, model_folder: Path, folder: Path
) -> None:
    path = texts / "E8-Y08-s12.jsonl"
    whole = path.read_text()
    path.write_text("nothing of the kind")
    report = in_shards(texts, model_folder, folder)
    assert (report.removed, len(report.faults)) == (0, 1)
    assert read_manifest(folder).sessions.keys() == SESSIONS  # type: ignore[union-attr]
    path.unlink()
    assert in_shards(texts, model_folder, folder).removed == 1
    assert read_manifest(folder).sessions.keys() == SESSIONS - {"E8-Y08-s12"}  # type: ignore[union-attr]
    path.write_text(whole)
    assert in_shards(texts, model_folder, folder).scored == 1


def test_scores_of_another_model_are_refused_and_left(texts: Path, model: Model, folder: Path, tmp_path: Path) -> None:
    fields = {name: getattr(model, name) for name in Model.__dataclass_fields__}
    save_model(Model(**{**fields, "card": {**model.card, "id": "lean-other"}}), tmp_path / "other")
    before = rows(folder)
    with pytest.raises(ModelError, match=r"holds scores of another model.*Choose another --out"):
        in_shards(texts, tmp_path / "other", folder)
    (folder / "manifest.json").unlink()  # the shards say it too
    with pytest.raises(ModelError, match="holds scores of another model"):
        in_shards(texts, tmp_path / "other", folder)
    assert rows(folder) == before


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "gone"])
def test_a_damaged_shard_is_named_and_its_sessions_are_scored_again(
    texts: Path, model_folder: Path, folder: Path, harm: str
) -> None:
    before = rows(folder)
    path = sorted(folder.glob("shard-*"))[0]
    data = path.read_bytes()
    middle = len(data) // 2
    if harm == "gone":
        path.unlink()
    else:
        flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        path.write_bytes({"flip": flipped, "cut": data[:-10], "empty": b""}[harm])
    report = in_shards(texts, model_folder, folder)
    assert (report.scored, report.kept, report.damaged) == (1, 2, [path.name])
    assert rows(folder) == before


def test_a_manifest_that_cannot_be_read_is_named_and_can_do_without(
    texts: Path, model_folder: Path, folder: Path
) -> None:
    (folder / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match="Remove this one file"):
        in_shards(texts, model_folder, folder)
    (folder / "manifest.json").unlink()
    assert in_shards(texts, model_folder, folder).kept == 3


def test_what_is_left_of_a_kill_while_shards_are_put_in_order_is_cleared(
    texts: Path, model_folder: Path, folder: Path, tmp_path: Path
) -> None:
    """The same sessions in two shards each, as when a run ends between writing and removing."""
    score([texts], model_folder, tmp_path / "other")
    before = rows(folder)
    for path in (tmp_path / "other").glob("shard-*"):
        shutil.copy(path, folder)
    report = in_shards(texts, model_folder, folder)
    assert (report.scored, report.kept) == (0, 3)
    assert rows(folder) == before


def test_while_a_run_is_at_work_the_scores_of_before_are_read(
    texts: Path, model_folder: Path, folder: Path, tmp_path: Path
) -> None:
    """Also where an earlier run that was killed left the same sessions in two shards."""
    before = read_scores(folder)
    score([texts], model_folder, tmp_path / "other")
    for path in (tmp_path / "other").glob("shard-*"):
        shutil.copy(path, folder)
    say_more(texts / "E6-Y06-s05.jsonl")
    read: list[int] = []

    def look(stage: str, done: int, total: int) -> None:
        if stage == "scoring":
            with pytest.warns(UserWarning, match="a run is at work in it"):
                assert read_scores(folder).equals(before)
            read.append(done)

    assert in_shards(texts, model_folder, folder, progress=look).scored == 1
    assert len(read) == 1
    assert len(read_scores(folder)) > len(before)


def test_small_shards_of_many_reruns_are_put_together(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    many(texts, 3)
    paths = sorted(texts.glob("*.jsonl"))
    folder = tmp_path / "scores"
    for last in (5, 9, len(paths)):
        report = score(paths[:last], model_folder, folder)
        assert report.kept + report.scored == last
        assert len(list(folder.glob("shard-*"))) == 1
    in_shards(texts, model_folder, tmp_path / "anew")
    assert len(list((tmp_path / "anew").glob("shard-*"))) == len(paths)  # each is as full as was asked for
    assert rows(folder) == rows(tmp_path / "anew")
    assert score([texts], model_folder, folder).scored == 0


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a full disk: what is written beyond so many bytes is refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_named_and_what_was_finished_is_kept(
    texts: Path, model_folder: Path, shards: Path, tmp_path: Path
) -> None:
    sizes = {path.name: path.stat().st_size for path in shards.glob("shard-*")}
    first, *others = sorted(read_manifest(shards).sessions.items())  # type: ignore[union-attr]
    for name, line in others:  # the later ones are too large
        if sizes[line.shard] < sizes[first[1].shard]:
            (texts / f"{name}.jsonl").unlink()
    out = tmp_path / "scores"
    with (
        files_of_at_most(sizes[first[1].shard] + 1),
        pytest.raises(DataError, match=r"Cannot write .*shard-.*free space"),
    ):
        in_shards(texts, model_folder, out)
    assert [path.name for path in out.glob("*shard-*")] == [first[1].shard]
    report = in_shards(texts, model_folder, out)
    assert (report.kept, report.damaged, report.faults) == (1, [], [])


def test_a_file_that_may_not_be_read_is_named(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    (texts / "dangling.vtt").mkdir()
    report = in_shards(texts, model_folder, tmp_path / "scores")
    assert report.scored == 3
    assert any("dangling.vtt" in fault for fault in report.faults)


def test_a_second_run_is_refused_while_one_is_at_work(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    refused: list[str] = []

    def again(stage: str, done: int, total: int) -> None:
        if stage == "scoring" and done == total:
            with pytest.raises(DataError) as error:
                in_shards(texts, model_folder, tmp_path / "scores")
            refused.append(str(error.value))

    assert in_shards(texts, model_folder, tmp_path / "scores", progress=again).scored == 3
    assert len(refused) == 1
    assert "Another run is writing" in refused[0]


def test_a_session_unlike_those_of_training_is_named(
    relcode: Run, texts: Path, model: Model, tmp_path: Path, corpus: Callable[[str], Sequence[Path]]
) -> None:
    domain = fit_domain(tokenize(read_sessions(corpus("transcripts"))))
    save_model(replace(model, domain=domain), tmp_path / "model")
    turns = ("Guten Morgen, wie geht es Ihnen heute?", "Ich habe kaum geschlafen und war sehr traurig.") * 12
    lines = [{"turn": n, "speaker": "CT"[n % 2], "text": text} for n, text in enumerate(turns, start=1)]
    (texts / "german.jsonl").write_text("\n".join(map(json.dumps, [{"session_id": "G1"}, *lines])))  # type: ignore[arg-type]
    out = tmp_path / "scores"
    _, printed, err = relcode("score", texts, "--model", tmp_path / "model", "--out", out, "--jobs", "1", "--json")
    assert json.loads(printed)["unlike"] == {"G1": ["new words", "new pairs of words"]}
    assert "G1: new words, new pairs of words" in err
    manifest = read_manifest(out)
    assert manifest is not None
    assert manifest.sessions["G1"].unlike == ("new words", "new pairs of words")
    assert 0 < manifest.sessions["E1-Y01-s06"].distance < 5 < manifest.sessions["G1"].distance  # type: ignore[operator]
    score([texts], tmp_path / "model", tmp_path / "one.parquet")
    noted = json.loads(pq.read_metadata(tmp_path / "one.parquet").metadata[b"domain"])
    assert noted["G1"]["unlike"] == ["new words", "new pairs of words"]


def command(texts: Path, model_folder: Path, folder: Path, jobs: int) -> subprocess.Popen[bytes]:
    arguments = ["score", str(texts), "--model", str(model_folder), "--out", str(folder), "--shard-words", "1"]
    return subprocess.Popen(
        [sys.executable, "-m", "relcode", *arguments, "--jobs", str(jobs)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def wait_for_shards(folder: Path, count: int, running: subprocess.Popen[bytes]) -> None:
    while len(list(folder.glob("shard-*"))) < count:
        assert running.poll() is None, running.stderr and running.stderr.read()
        time.sleep(0.01)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_kill_costs_what_was_at_work_and_the_next_run_takes_up(
    texts: Path, model_folder: Path, tmp_path: Path, jobs: int
) -> None:
    many(texts, 10)
    folder = tmp_path / "scores"
    running = command(texts, model_folder, folder, jobs)
    wait_for_shards(folder, 4, running)
    running.kill()
    running.wait()
    finished = len(list(folder.glob("shard-*")))
    assert read_manifest(folder).complete is False  # type: ignore[union-attr]
    report = in_shards(texts, model_folder, folder)
    assert report.kept >= finished
    assert report.kept + report.scored == 33
    in_shards(texts, model_folder, tmp_path / "anew")
    assert rows(folder) == rows(tmp_path / "anew")
    assert {path.name for path in folder.glob("shard-*")} == {p.name for p in (tmp_path / "anew").glob("shard-*")}


def test_a_worker_that_is_killed_costs_nothing(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    import psutil

    many(texts, 10)
    folder = tmp_path / "scores"
    running = command(texts, model_folder, folder, 2)
    wait_for_shards(folder, 4, running)
    workers = [p for p in psutil.Process(running.pid).children() if "spawn_main" in " ".join(p.cmdline())]
    assert len(workers) == 2
    os.kill(workers[0].pid, signal.SIGKILL)
    assert running.wait() == 0
    manifest = read_manifest(folder)
    assert manifest is not None
    assert manifest.complete
    assert len(manifest.sessions) == 33


def test_workers_end_with_a_parent_that_is_killed(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    import psutil

    many(texts, 10)
    running = command(texts, model_folder, tmp_path / "scores", 2)
    wait_for_shards(tmp_path / "scores", 2, running)
    children = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    running.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []


def test_a_dry_run_writes_nothing_and_tells(relcode: Run, texts: Path, model_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores"
    status, printed, err = relcode(
        "score", texts, "--model", model_folder, "--out", out, "--jobs", "1", "--dry-run", "--json"
    )
    found = json.loads(printed)
    assert (status, found["sessions"], found["missing"], found["jobs"]) == (0, 3, 3, 1)
    assert found["sampled_words"] == found["words"] == found["missing_words"] > 500
    assert found["seconds"] > 0
    assert "Nothing was written" in err
    assert not out.exists()


def test_a_dry_run_knows_what_stands_already(relcode: Run, texts: Path, model_folder: Path, folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    _, printed, _ = relcode("score", texts, "--model", model_folder, "--out", folder, "--dry-run", "--json")
    assert (json.loads(printed)["missing"], json.loads(printed)["seconds"]) == (0, 0)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
