"""Read scores (contract form 3): one file or a folder of shards, checked, whole or session by session."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from relcode.errors import LabelError, ModelError
from relcode.scoring.manifest import Manifest, read_manifest

if TYPE_CHECKING:
    import pandas as pd

KEYS = {
    "session_id": pa.string(),
    "turn": pa.int32(),
    "segment": pa.int32(),
    "speaker": pa.string(),
    "start": pa.int32(),
    "end": pa.int32(),
}
SHARDS = "shard-*.parquet"
_ROWS = 50_000  # read at once
_MADE_BY = ("model_id", "codebook", "codebook_version", "relcode_version")
_UNDER_WAY = "a run is at work in it, or ended early; run the same `relcode score` again to finish it"
_EXPECTED = "Expected a file, or a folder of shards, that `relcode score` wrote."


@dataclass(frozen=True, repr=False)
class Scores:
    """Scores on disk, not yet read.

    Attributes
    ----------
    path
        The file or folder.
    made_by
        What the files say of themselves, the same in all: `model_id`, `codebook`, `codebook_version`, `relcode_version`.
    codes
        The codes, as they stand in the names of columns (dots are `_`).
    """

    path: Path
    made_by: dict[str, str]
    codes: tuple[str, ...]
    dataset: Any

    def __repr__(self) -> str:
        return f"Scores({self.made_by.get('model_id', 'model not named')}, {len(self.codes)} codes)"

    def tables(
        self, columns: Sequence[str] | None = None, *, filter: pc.Expression | None = None
    ) -> Iterator[pa.Table]:
        """The rows in parts, of which each holds whole sessions, so that memory does not grow with the corpus.

        Parameters
        ----------
        columns
            Names of columns, `session_id` among them; all by default.

        Raises
        ------
        LabelError
            A file is damaged, or a session's rows do not stand together: it was scored twice.
        """
        begun: list[pa.Table] = []
        seen: set[str] = set()
        try:
            for batch in self._batches(columns, filter):
                begun.append(pa.Table.from_batches([batch]))
                if sum(map(len, begun)) < _ROWS:  # shards are small: many at once are quicker
                    continue
                rows = pa.concat_tables(begun)
                whole = _whole_sessions(rows)
                begun = [rows.slice(whole)]
                if whole:
                    yield self.each_once(rows.slice(0, whole), seen)
        except (OSError, pa.ArrowException) as error:
            raise LabelError(f"The scores in {self.path} cannot be read to their end: a file is damaged.") from error
        if sum(map(len, begun)):
            yield self.each_once(pa.concat_tables(begun), seen)

    def _batches(self, columns: Sequence[str] | None, filter: pc.Expression | None) -> Iterator[pa.RecordBatch]:
        """One row group after the other: Arrow's own reading ahead fills the memory where the reader is slower."""
        for fragment in self.dataset.get_fragments(filter=filter):
            for group in fragment.split_by_row_group(filter=filter, schema=self.dataset.schema):
                yield from group.to_batches(
                    schema=self.dataset.schema, columns=columns, filter=filter, batch_size=_ROWS
                )

    def each_once(self, rows: pa.Table, seen: set[str]) -> pa.Table:
        """These rows; their sessions are put down in `seen`, and must not have been there.

        Raises
        ------
        LabelError
            A session's rows do not stand together: it was scored twice.
        """
        ids = _ids(rows)
        names = pc.run_end_encode(ids).values.to_pylist()
        twice = sorted(name for name, places in Counter(names).items() if places > 1 or name in seen)
        if twice:
            raise LabelError(
                f"The scores in {self.path} hold sessions in several places; score them again.",
                [f"session {name}: its rows do not stand together" for name in twice],
            )
        seen.update(names)
        return rows


def open_scores(path: str | Path) -> Scores:
    """Open a file of scores, or a folder of shards, and check what it is; no row is read.

    Of a folder, the shards that its manifest names count; all of them where it has no manifest. While a run is at work, or
    after one that ended early, these are the scores as they stood when it began; a `UserWarning` says so.

    Raises
    ------
    LabelError
        It is not there, no parquet, not of contract form 3, its files were made by different models, or some that the
        manifest names are gone: all faults.
    """
    path = Path(path)
    files, faults = _files(path)
    made_by: dict[str, str] = {}
    schema: pa.Schema | None = None
    for file in files:
        try:
            fragment = ds.dataset(file, format="parquet")
            named = _metadata(file)
        except (OSError, pa.ArrowException):
            faults.append(f"{file}: no parquet file that can be read")
            continue
        if found := _schema_faults(fragment.schema):
            faults += [f"{file}: {fault}" for fault in found]
        elif schema is None:
            schema, made_by = fragment.schema, named
        elif not fragment.schema.equals(schema) or named != made_by:
            faults.append(f"{file}: made by another model, codebook or relcode than {files[0].name}")
    if faults or schema is None:
        raise LabelError(f"The scores in {path} cannot be used. {_EXPECTED}", faults)
    codes = tuple(name[2:] for name in schema.names if name.startswith("p_"))
    return Scores(path, made_by, codes, ds.dataset([str(file) for file in files], format="parquet", schema=schema))


def read_scores(path: str | Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read scores to pandas: a row a segment, as `relcode score` wrote them (contract form 3).

    Parameters
    ----------
    path
        A file, or a folder of shards.
    columns
        Names of columns, such as `["session_id", "turn", "p_TSI"]`; all by default.

    Returns
    -------
    `.attrs` holds `model_id`, `codebook`, `codebook_version` and `relcode_version`.

    Raises
    ------
    LabelError
        As `open_scores`; a column is not there, or has rows without a value; a file is damaged; a session was scored twice
        (looked for where `session_id` is read).
    """
    scores = open_scores(path)
    missing = [name for name in columns or () if name not in scores.dataset.schema.names]
    if missing:
        raise LabelError(
            f"The scores in {path} have no column {', '.join(missing)}; there are p_ and y_ of {', '.join(scores.codes)}."
        )
    try:
        table = scores.dataset.to_table(columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as error:
        raise LabelError(f"The scores in {path} cannot be read to their end: a file is damaged.") from error
    if empty := [name for name in table.column_names if _is_ours(name) and table[name].null_count]:
        raise LabelError(
            f"The scores in {path} cannot be used. {_EXPECTED}",
            [f"column {name}: some rows are empty" for name in empty],
        )
    if "session_id" in table.column_names:
        scores.each_once(table, set())
    frame: pd.DataFrame = table.to_pandas()
    frame.attrs.update(scores.made_by)
    return frame


def _files(path: Path) -> tuple[list[Path], list[str]]:
    """The files to be read, and a line for each that is named and not there."""
    if not path.is_dir():
        if path.is_file():
            return [path], []
        raise LabelError(f"Cannot read the scores in {path}: there is no such file or folder. {_EXPECTED}")
    manifest = _manifest_of(path)
    files = sorted(path.glob(SHARDS)) if manifest is None else [path / name for name in manifest.shards]
    if manifest is not None and not manifest.complete:
        if not files:
            raise LabelError(f"Cannot read the scores in {path}: {_UNDER_WAY}, and none stood there before.")
        warnings.warn(f"The scores in {path} are those from before: {_UNDER_WAY}.", stacklevel=3)
    if not files:
        what = f"the folder has no {SHARDS}" if manifest is None else "its manifest names no shard"
        raise LabelError(f"Cannot read the scores in {path}: {what}. {_EXPECTED}")
    there = [file for file in files if file.is_file()]
    return there, [f"{file}: is not there, though the manifest names it" for file in files if file not in there]


def _manifest_of(path: Path) -> Manifest | None:
    try:
        return read_manifest(path)
    except ModelError as error:
        raise LabelError(error.message) from error


def _metadata(file: Path) -> dict[str, str]:
    import pyarrow.parquet as pq

    noted = pq.read_metadata(file).metadata or {}
    return {name: noted[name.encode()].decode("utf-8", "replace") for name in _MADE_BY if name.encode() in noted}


def _schema_faults(schema: pa.Schema) -> list[str]:
    """What keeps columns from being contract form 3."""
    found = {field.name: field.type for field in schema}
    codes = [name[2:] for name in found if name.startswith("p_")]
    expected = {**KEYS, **{f"p_{code}": pa.float32() for code in codes}, **{f"y_{code}": pa.bool_() for code in codes}}
    faults = [f"no column {name}" for name in expected if name not in found]
    faults += [
        f"column {name} is {found[name]}; expected {kind}"
        for name, kind in expected.items()
        if name in found and not _is_like(found[name], kind)
    ]
    return faults if codes else [*faults, "no code: expected columns p_CODE and y_CODE"]


def _is_ours(name: str) -> bool:
    """Whether this column is of contract form 3; others are let be."""
    return name in KEYS or name.startswith(("p_", "y_"))


def _is_like(found: pa.DataType, expected: pa.DataType) -> bool:
    """Whether a column may stand for the contract's: other programs write wider numbers and dictionaries."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
    text = pa.types.is_string(expected) and (pa.types.is_string(found) or pa.types.is_large_string(found))
    return text or any(is_kind(found) and is_kind(expected) for is_kind in kinds)


def _ids(rows: pa.Table) -> pa.Array:
    """The session of each row, as plain text whatever the file keeps it as."""
    return rows["session_id"].cast(pa.string()).combine_chunks()


def _whole_sessions(rows: pa.Table) -> int:
    """How many rows are of sessions that have ended: all before the last session's first row."""
    ids = _ids(rows)
    if not len(ids):
        return 0
    last = pc.equal(ids, ids[len(ids) - 1])
    return int(pc.index(last, True).as_py())
