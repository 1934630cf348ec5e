"""Files of scores: contract form 3 on disk, taking up an earlier run, faults, processes, the command."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from relcode import __version__
from relcode.errors import ModelError, TranscriptError
from relcode.learning.model import Model
from relcode.learning.save import save_model
from relcode.provenance import hash_session
from relcode.scoring.files import ScoreReport, score
from relcode.scoring.score import schema_of, score_sessions
from relcode.transcripts import read_file, read_sessions

pytestmark = pytest.mark.slow  # models are trained, or pages made

Run = Callable[..., tuple[int, str, str]]


def in_order(path: Path) -> pd.DataFrame:
    frame = pq.read_table(path).to_pandas()
    return frame.sort_values(["session_id", "turn", "segment"], ignore_index=True)


def other_model(model: Model, folder: Path, **changes: object) -> Path:
    """The model under another id or with other parts, in a folder of its own."""
    fields = {name: getattr(model, name) for name in Model.__dataclass_fields__}
    fields["card"] = {**model.card, "id": "lean-other"}
    save_model(Model(**{**fields, **changes}), folder)
    return folder


def say_otherwise(path: Path) -> None:
    """Change the words of a turn."""
    lines = path.read_text().splitlines()
    turn = {**json.loads(lines[5]), "text": "Nothing of the kind. Not at all."}
    path.write_text("\n".join([*lines[:5], json.dumps(turn), *lines[6:]]) + "\n")


def rewritten(out: Path, change: Callable[[pa.Table], pa.Table], **metadata: str) -> None:
    table = change(pq.read_table(out))
    noted = pq.read_metadata(out).metadata
    kept = {key.decode(): value.decode() for key, value in noted.items() if key != b"ARROW:schema"}
    pq.write_table(table.replace_schema_metadata({**kept, **metadata}), out)


def test_the_file_holds_the_contracts_columns_rows_and_metadata(texts: Path, out: Path, model: Model) -> None:
    schema = pq.read_schema(out)
    assert schema.equals(schema_of(model))
    metadata = {key.decode(): value.decode() for key, value in pq.read_metadata(out).metadata.items()}
    expected = {"model_id": model.id, "codebook": "lean", "codebook_version": "1.2.3"}
    assert {key: metadata[key] for key in (*expected, "relcode_version")} == {
        **expected,
        "relcode_version": __version__,
    }
    sessions = read_sessions([texts])
    assert json.loads(metadata["sessions"]) == {s.session_id: hash_session(s) for s in sessions}
    pd.testing.assert_frame_equal(pq.read_table(out).to_pandas(), score_sessions(sessions, model), check_exact=True)


def test_the_report_counts(texts: Path, model_folder: Path, model: Model, tmp_path: Path) -> None:
    report = score([texts], model_folder, tmp_path / "new" / "scores.parquet")
    rows = pq.read_table(tmp_path / "new" / "scores.parquet").num_rows
    assert report == ScoreReport(model.id, scored=3, kept=0, removed=0, segments=rows, faults=[])
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["scores.parquet"]


@pytest.mark.parametrize("shard_words", [1, 700, 100_000])
def test_the_file_is_the_same_whatever_the_shards_and_the_order(
    texts: Path, out: Path, model_folder: Path, tmp_path: Path, shard_words: int
) -> None:
    names = sorted(texts.iterdir(), reverse=shard_words == 1)
    assert score(names, model_folder, tmp_path / "other.parquet", shard_words=shard_words).scored == 3
    assert (tmp_path / "other.parquet").read_bytes() == out.read_bytes()


def test_two_processes_write_what_one_writes(texts: Path, out: Path, model_folder: Path, tmp_path: Path) -> None:
    report = score([texts], model_folder, tmp_path / "two.parquet", jobs=2, shard_words=1)
    assert report.scored == 3
    assert (tmp_path / "two.parquet").read_bytes() == out.read_bytes()


def test_a_second_run_keeps_what_is_unchanged(texts: Path, out: Path, model_folder: Path) -> None:
    before = in_order(out)
    report = score([texts], model_folder, out)
    assert (report.scored, report.kept, report.removed) == (0, 3, 0)
    assert report.segments == len(before)
    pd.testing.assert_frame_equal(in_order(out), before, check_exact=True)


def test_kept_rows_are_not_scored_again(texts: Path, out: Path, model_folder: Path, model: Model) -> None:
    """Rows are marked by hand; a run that keeps them leaves the mark."""
    place = pq.read_schema(out).get_field_index("p_TSI")
    rewritten(out, lambda table: table.set_column(place, "p_TSI", pa.array([0.125] * table.num_rows, pa.float32())))
    say_otherwise(texts / "E1-Y01-s06.jsonl")
    report = score([texts], model_folder, out)
    assert (report.scored, report.kept) == (1, 2)
    frame = in_order(out)
    fresh = frame.session_id == "E1-Y01-s06"
    assert (frame.p_TSI[~fresh] == 0.125).all()
    expected = score_sessions(read_file(texts / "E1-Y01-s06.jsonl"), model)
    pd.testing.assert_frame_equal(frame[fresh].reset_index(drop=True), expected, check_exact=True)


def test_a_session_that_comes_later_is_added(texts: Path, model_folder: Path, out: Path, tmp_path: Path) -> None:
    whole = in_order(out)
    part = tmp_path / "part.parquet"
    names = sorted(texts.iterdir())
    assert score(names[:1], model_folder, part).scored == 1
    report = score(names, model_folder, part)
    assert (report.scored, report.kept) == (2, 1)
    pd.testing.assert_frame_equal(in_order(part), whole, check_exact=True)


def test_a_session_that_is_gone_is_counted(texts: Path, out: Path, model_folder: Path) -> None:
    (texts / "E8-Y08-s12.jsonl").unlink()
    report = score([texts], model_folder, out)
    assert (report.scored, report.kept, report.removed) == (0, 2, 1)
    assert set(in_order(out).session_id) == {"E1-Y01-s06", "E6-Y06-s05"}


def test_another_model_scores_all_again(
    texts: Path, out: Path, model: Model, model_folder: Path, tmp_path: Path
) -> None:
    folder = other_model(model, tmp_path / "other", offsets=model.offsets + 1)
    before = in_order(out)
    report = score([texts], folder, out)
    assert (report.scored, report.kept, report.model) == (3, 0, "lean-other")
    learned = model.codebook.code_ids[int(model.learned.argmax())].replace(".", "_")
    assert in_order(out)[f"p_{learned}"].sum() > before[f"p_{learned}"].sum()


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda table: table, 3),
        (lambda table: table.filter(pc.not_equal(table["session_id"], "E6-Y06-s05")), 2),
        (lambda table: table.slice(0, table.num_rows - 1), 2),  # the last row of the last session
        (lambda table: pa.concat_tables([table.slice(0, 1), table]), 2),  # a row twice
        (lambda table: pa.concat_tables([table, table.slice(0, 1)]), 0),  # not in the order of sessions
        (lambda table: table.drop_columns(["p_TSI"]), 0),
    ],
)
def test_a_session_whose_rows_are_not_all_there_is_scored_again(
    texts: Path, out: Path, model_folder: Path, change: Callable[[pa.Table], pa.Table], kept: int
) -> None:
    whole = in_order(out)
    rewritten(out, change)
    report = score([texts], model_folder, out)
    assert (report.kept, report.scored) == (kept, 3 - kept)
    pd.testing.assert_frame_equal(in_order(out), whole, check_exact=True)


def test_rows_of_another_version_of_relcode_are_scored_again(texts: Path, out: Path, model_folder: Path) -> None:
    rewritten(out, lambda table: table, relcode_version="0.0.1")
    assert score([texts], model_folder, out).kept == 0


def test_a_broken_file_is_named_and_the_others_are_scored(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    path = texts / "E6-Y06-s05.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:3], '{"turn": 3, "speaker": ', *lines[4:]]))
    (texts / "empty.vtt").write_text("")
    report = score([texts], model_folder, tmp_path / "scores.parquet")
    assert report.scored == 2
    assert any(f"{path}:4" in fault for fault in report.faults)
    assert any("empty.vtt is empty" in fault for fault in report.faults)
    assert set(in_order(tmp_path / "scores.parquet").session_id) == {"E1-Y01-s06", "E8-Y08-s12"}


def test_a_session_that_stands_in_two_files_is_scored_once(texts: Path, out: Path, model_folder: Path) -> None:
    rows = len(in_order(out))
    shutil.copy(texts / "E1-Y01-s06.jsonl", texts / "copy.jsonl")
    out.unlink()
    report = score([texts], model_folder, out)
    assert report.scored == 3
    assert len(report.faults) == 1
    assert "session E1-Y01-s06 stands in another file too" in report.faults[0]
    assert len(in_order(out)) == rows


def test_what_is_no_file_of_scores_is_refused_and_left(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    words, table, folder = tmp_path / "notes.txt", tmp_path / "table.parquet", tmp_path / "folder"
    words.write_text("mine")
    pq.write_table(pa.table({"session_id": ["mine"]}), table)
    folder.mkdir()
    (folder / "diary.txt").write_text("mine")
    before = {path: path.read_bytes() for path in (words, table)}
    for path in (words, table, folder):
        with pytest.raises(ModelError, match=r"no (file of )?scores"):
            score([texts], model_folder, path)
    assert {path: path.read_bytes() for path in (words, table)} == before


def test_a_source_that_does_not_exist_leaves_the_file_as_it_was(texts: Path, out: Path, model_folder: Path) -> None:
    before = out.read_bytes()
    with pytest.raises(TranscriptError, match="there is no such file"):
        score([texts, texts / "nowhere.jsonl"], model_folder, out)
    assert out.read_bytes() == before
    assert sorted(path.name for path in out.parent.iterdir()) == ["scores.parquet", "texts"]


def stopping_after(count: int) -> Callable[[str, int, int], None]:
    """A progress that interrupts once so many shards are there."""
    seen = []

    def progress(stage: str, done: int, total: int) -> None:
        seen.extend([stage] if stage == "scoring" else [])
        if len(seen) == count:
            raise KeyboardInterrupt

    return progress


def test_an_interrupted_run_is_taken_up(texts: Path, out: Path, model_folder: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.parquet"
    with pytest.raises(KeyboardInterrupt):
        score([texts], model_folder, part, shard_words=1, progress=stopping_after(2))
    assert not part.exists()
    report = score([texts], model_folder, part)
    assert (report.scored, report.kept) == (1, 2)
    assert part.read_bytes() == out.read_bytes()
    assert not (tmp_path / "part.parquet.shards").exists()


def test_an_interrupted_second_run_keeps_what_it_did_not_come_to(texts: Path, out: Path, model_folder: Path) -> None:
    before = out.read_bytes()
    say_otherwise(texts / "E1-Y01-s06.jsonl")
    say_otherwise(texts / "E6-Y06-s05.jsonl")
    with pytest.raises(KeyboardInterrupt):
        score([texts], model_folder, out, shard_words=1, progress=stopping_after(1))
    assert out.read_bytes() == before
    report = score([texts], model_folder, out)
    assert (report.scored, report.kept, report.removed) == (1, 2, 0)
    assert set(in_order(out).session_id) == {"E1-Y01-s06", "E6-Y06-s05", "E8-Y08-s12"}


def test_who_waits_is_told_of_files_and_of_words(texts: Path, model_folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    score([texts], model_folder, tmp_path / "scores.parquet", shard_words=1, progress=lambda *what: seen.append(what))
    assert seen[:3] == [("reading", 1, 3), ("reading", 2, 3), ("reading", 3, 3)]
    assert [stage for stage, _, _ in seen[3:]] == ["scoring"] * 3
    assert seen[-1][1] == seen[-1][2] > seen[3][1] > 0


def test_text_is_there_only_where_it_is_asked_for(texts: Path, out: Path, model_folder: Path, tmp_path: Path) -> None:
    assert "text" not in pq.read_schema(out).names
    report = score([texts], model_folder, tmp_path / "words.parquet", with_text=True)
    frame = in_order(tmp_path / "words.parquet")
    turns = {(s.session_id, turn.turn): turn.text for s in read_sessions([texts]) for turn in s.turns}
    assert report.segments == len(frame)
    for row in frame.itertuples():
        assert row.text == turns[row.session_id, row.turn][row.start : row.end]
    assert (tmp_path / "words.parquet").stat().st_mode & 0o777 == 0o600
    pd.testing.assert_frame_equal(frame.drop(columns="text"), in_order(out), check_exact=True)


def test_the_command_says_what_it_did(relcode: Run, texts: Path, model_folder: Path, tmp_path: Path) -> None:
    arguments = ["score", texts, "--model", model_folder, "--out", tmp_path / "s.parquet"]
    status, printed, err = relcode(*arguments)
    assert (status, printed) == (0, "")
    assert "3 session(s) scored now and 0 kept" in err
    (texts / "E8-Y08-s12.jsonl").unlink()
    _, _, err = relcode(*arguments)
    assert "0 session(s) scored now and 2 kept" in err
    assert "1 session(s) of the earlier run are not among the sources" in err


def test_the_command_gives_json_alone_also_with_faults(
    relcode: Run, texts: Path, model_folder: Path, tmp_path: Path, model: Model
) -> None:
    (texts / "bad.jsonl").write_text('{"session_id": "B"}\nnothing\n')
    status, printed, err = relcode("score", texts, "--model", model_folder, "--out", tmp_path / "s.parquet", "--json")
    report = json.loads(printed)
    assert status == 1
    assert (report["model"], report["scored"], report["kept"], report["removed"]) == (model.id, 3, 0, 0)
    assert len(report["faults"]) == 1
    assert "bad.jsonl:2" in err
    assert "1 fault(s); the other sessions were scored" in err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["score"], 2),
        (["score", "x", "--model", "m", "--out", "s.parquet", "--jobs", "0"], 2),
        (["score", "x", "--model", "nowhere", "--out", "s.parquet"], 1),
    ],
)
def test_exit_status(
    relcode: Run, arguments: list[str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found, printed, err = relcode(*arguments)
    assert (found, printed) == (status, "")
    assert err
    assert list(tmp_path.iterdir()) == []


def test_the_whole_corpus_over_two_processes_as_a_program(model_folder: Path, tmp_path: Path) -> None:
    """Forty sessions in batches over two processes equal one process, bit for bit; stdout holds JSON alone."""
    corpus = Path(__file__).parents[2] / "examples" / "corpus"
    sources = [str(corpus / f"transcripts{number}") for number in ("", "2", "3", "4")]
    command = [sys.executable, "-m", "relcode", "score", *sources, "--model", str(model_folder), "--json"]
    for jobs in ("1", "2"):
        done = subprocess.run(
            [*command, "--out", str(tmp_path / f"{jobs}.parquet"), "--jobs", jobs],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert json.loads(done.stdout)["scored"] == 40
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()
