"""Reading scores: a file or a folder of shards, checked, whole or session by session."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import relcode
from relcode.errors import LabelError
from relcode.scoring.manifest import Manifest
from relcode.scoring.read import open_scores

MADE_BY = {"model_id": "m1", "codebook": "lean", "codebook_version": "1.0.0", "relcode_version": "0.1.0"}


def table(*sessions: str, turns: int = 3, made_by: dict[str, str] = MADE_BY) -> pa.Table:
    """Scores of sessions with two segments a turn; the probability tells the rows apart."""
    ids = np.repeat(sessions, 2 * turns)
    n = len(ids)
    number = np.tile(np.repeat(np.arange(1, turns + 1), 2), len(sessions))
    columns = {
        "session_id": pa.array(ids.tolist(), pa.string()),
        "turn": pa.array(number, pa.int32()),
        "segment": pa.array(np.tile([1, 2], n // 2), pa.int32()),
        "speaker": pa.array(np.where(number % 2, "T", "C").tolist(), pa.string()),
        "start": pa.array(np.tile([0, 10], n // 2), pa.int32()),
        "end": pa.array(np.tile([9, 20], n // 2), pa.int32()),
        "p_INT_genetic": pa.array(np.linspace(0, 1, n), pa.float32()),
        "y_INT_genetic": pa.array(np.linspace(0, 1, n) > 0.5, pa.bool_()),
    }
    return pa.table(columns).replace_schema_metadata(made_by)


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    """A folder of shards whose manifest is lost."""
    folder = tmp_path / "scores"
    folder.mkdir()
    pq.write_table(table("S1", "S2"), folder / "shard-00000.parquet", row_group_size=4)
    pq.write_table(table("S3"), folder / "shard-00001.parquet")
    return folder


def test_a_file_is_read_with_what_it_says_of_its_making(tmp_path: Path) -> None:
    pq.write_table(table("S1"), tmp_path / "s.parquet")
    frame = relcode.read_scores(tmp_path / "s.parquet")
    pd.testing.assert_frame_equal(frame, table("S1").to_pandas(), check_dtype=False)
    assert frame.attrs == MADE_BY


def test_what_is_noted_after_the_rows_is_read_too(tmp_path: Path) -> None:
    bare = table("S1", made_by={})
    with pq.ParquetWriter(tmp_path / "s.parquet", bare.schema) as writer:
        writer.write_table(bare)
        writer.add_key_value_metadata(MADE_BY)
    assert relcode.read_scores(tmp_path / "s.parquet").attrs == MADE_BY


def test_empty_rows_are_refused_by_column_and_those_of_a_foreign_column_are_not(shards: Path) -> None:
    rows = table("S4")
    nothing = pa.nulls(len(rows), pa.bool_())
    pq.write_table(rows.append_column("note", nothing), shards.parent / "note.parquet")
    assert len(relcode.read_scores(shards.parent / "note.parquet")) == 6
    wrong = rows.set_column(rows.column_names.index("y_INT_genetic"), "y_INT_genetic", nothing)
    pq.write_table(wrong, shards / "shard-00002.parquet")
    with pytest.raises(LabelError, match="column y_INT_genetic: some rows are empty"):
        relcode.read_scores(shards)


def test_sessions_kept_as_categories_are_read_as_those_kept_as_text(tmp_path: Path) -> None:
    plain = table("S1", "S2")
    pq.write_table(plain.set_column(0, "session_id", plain["session_id"].dictionary_encode()), tmp_path / "s.parquet")
    assert sum(len(part) for part in open_scores(tmp_path / "s.parquet").tables()) == 12
    assert relcode.read_scores(tmp_path / "s.parquet").session_id.tolist() == plain["session_id"].to_pylist()


def test_a_folder_is_read_as_one_table_in_the_order_of_its_shards(shards: Path) -> None:
    frame = relcode.read_scores(shards, ["session_id", "p_INT_genetic"])
    assert list(frame.columns) == ["session_id", "p_INT_genetic"]
    assert frame.session_id.drop_duplicates().tolist() == ["S1", "S2", "S3"]
    assert frame.attrs["model_id"] == "m1"


def test_parts_hold_whole_sessions_whatever_the_row_groups(shards: Path) -> None:
    parts = list(open_scores(shards).tables())
    lengths = {name: len(rows) for part in parts for name, rows in part.to_pandas().groupby("session_id")}
    assert lengths == {"S1": 6, "S2": 6, "S3": 6}
    assert sum(part.num_rows for part in parts) == 18


def listed(folder: Path, *names: str, complete: bool = True) -> None:
    """Put down in the manifest that these shards count."""
    manifest = Manifest(
        **MADE_BY, with_text=False, complete=complete, segments=0, shards=names, sessions={}
    )  # fmt: skip
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))


def test_where_there_is_a_manifest_the_shards_that_it_names_count(shards: Path) -> None:
    pq.write_table(table("S1"), shards / "shard-00002.parquet")  # as a run leaves it that is at work
    listed(shards, "shard-00000.parquet", "shard-00001.parquet")
    assert relcode.read_scores(shards).session_id.unique().tolist() == ["S1", "S2", "S3"]
    listed(shards, "shard-00001.parquet", "shard-00002.parquet")
    assert relcode.read_scores(shards).session_id.unique().tolist() == ["S3", "S1"]


def test_a_run_that_is_not_finished_is_named(shards: Path) -> None:
    listed(shards, "shard-00001.parquet", complete=False)
    with pytest.warns(UserWarning, match="from before: a run is at work in it, or ended early"):
        assert relcode.read_scores(shards).session_id.unique().tolist() == ["S3"]
    listed(shards, complete=False)
    with pytest.raises(LabelError, match=r"a run is at work in it, or ended early.*none stood there before"):
        relcode.read_scores(shards)


def test_a_shard_that_is_gone_and_a_manifest_that_cannot_be_read_are_named(shards: Path) -> None:
    listed(shards, "shard-00001.parquet", "shard-00007.parquet")
    with pytest.raises(LabelError, match=r"shard-00007.parquet: is not there, though the manifest names it"):
        open_scores(shards)
    (shards / "manifest.json").write_text("{}")
    with pytest.raises(LabelError, match="Remove this one file"):
        open_scores(shards)


@pytest.mark.parametrize("where", ["another shard", "further down"])
def test_a_session_in_two_places_is_refused_by_name(shards: Path, where: str) -> None:
    if where == "another shard":
        pq.write_table(table("S1"), shards / "shard-00002.parquet")
    else:
        pq.write_table(pa.concat_tables([table("S4"), table("S5"), table("S4")]), shards / "shard-00002.parquet")
    with pytest.raises(LabelError, match=r"session S[14]: its rows do not stand together"):
        list(open_scores(shards).tables())
    with pytest.raises(LabelError, match=r"session S[14]: its rows do not stand together"):
        relcode.read_scores(shards)


def test_shards_of_two_models_are_refused_by_file(shards: Path) -> None:
    pq.write_table(table("S4", made_by={**MADE_BY, "model_id": "m2"}), shards / "shard-00002.parquet")
    with pytest.raises(LabelError, match=r"shard-00002.parquet: made by another model"):
        open_scores(shards)


def test_all_faults_are_listed_at_once(shards: Path) -> None:
    (shards / "shard-00002.parquet").write_bytes(b"no parquet")
    wrong = table("S4").drop_columns(["y_INT_genetic"])
    pq.write_table(wrong.set_column(1, "turn", pa.array(["1"] * 6)), shards / "shard-00003.parquet")
    with pytest.raises(LabelError) as caught:
        open_scores(shards)
    assert [fault.rpartition("/")[2] for fault in caught.value.faults] == [
        "shard-00002.parquet: no parquet file that can be read",
        "shard-00003.parquet: no column y_INT_genetic",
        "shard-00003.parquet: column turn is string; expected int32",
    ]


@pytest.mark.parametrize("name", ["missing.parquet", "empty"])
def test_what_is_not_there_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LabelError, match="relcode score"):
        relcode.read_scores(tmp_path / name)


def test_a_column_that_is_not_there_is_named(shards: Path) -> None:
    with pytest.raises(LabelError, match="no column p_TSI; there are p_ and y_ of INT_genetic"):
        relcode.read_scores(shards, ["session_id", "p_TSI"])


def test_a_cut_off_shard_is_named_not_half_read(shards: Path) -> None:
    file = shards / "shard-00001.parquet"
    data = bytearray(file.read_bytes())
    data[4:200] = bytes(196)
    file.write_bytes(data)
    with pytest.raises(LabelError, match=r"scores cannot be read to their end|cannot be used"):
        relcode.read_scores(shards)


def test_importing_relcode_imports_no_heavy_library() -> None:
    code = "import relcode, sys; print([m for m in ('numpy', 'pandas', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_duckdb_reads_the_shards_as_documented(shards: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.sql(
        f"SELECT session_id, avg(p_INT_genetic) FROM '{shards}/shard-*.parquet' WHERE speaker = 'T' "
        "GROUP BY session_id ORDER BY session_id"
    ).fetchall()
    assert [row[0] for row in rows] == ["S1", "S2", "S3"]


def test_polars_reads_the_shards_as_documented(shards: Path) -> None:
    polars = pytest.importorskip("polars")
    scores = polars.scan_parquet(shards / "shard-*.parquet")
    held = scores.filter(polars.col("y_INT_genetic")).select("session_id").collect()
    assert len(held) == relcode.read_scores(shards)["y_INT_genetic"].sum()
