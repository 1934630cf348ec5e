"""Exporters of other packages: entry points of the group `relcode.exporters`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relcode.errors import PluginError
from relcode.plugins import Plugin, Point, running
from relcode.records import Session

if TYPE_CHECKING:
    from relcode.exports.labels import Labelled

# relcode's own, of transcripts and of labels; `tests/exports/test_plugins.py` holds them equal to the tables of writers
BUILT_IN = (
    *("jsonl", "txt", "vtt", "srt", "csv", "tsv", "xlsx", "docx", "json", "cha", "eaf", "tei"),
    *("conll", "parquet", "qdpx", "docbin", "convokit"),
)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_SUFFIX = re.compile(r"[a-z0-9]{1,16}")


@dataclass(frozen=True)
class TranscriptExporter:
    """A format of transcripts: a file a session, whose name ends in `suffix`.

    `reader`: the reader, relcode's or a plug-in, that reads a file back before it counts; without one it is not.
    """

    suffix: str
    write: Callable[[Session], bytes]
    reader: str | None = None


@dataclass(frozen=True)
class LabelExporter:
    """A format of labels: what `write` gives, file name -> content, is written into the folder of the export."""

    write: Callable[[Sequence[Labelled]], Mapping[str, bytes]]


def _fits(_: str, given: Any) -> bool:
    return isinstance(given, LabelExporter) or (
        isinstance(given, TranscriptExporter) and bool(_SUFFIX.fullmatch(given.suffix))
    )


PLUGINS: Point[TranscriptExporter | LabelExporter] = Point(
    "exporter", BUILT_IN, "relcode.exports.TranscriptExporter or LabelExporter", _fits
)


def written_by(plugin: Plugin, write: Callable[[Session], bytes], session: Session) -> bytes:
    """A session as a plug-in writes it.

    Raises
    ------
    PluginError
        It failed, or gave no bytes.
    """
    with running(plugin, f"cannot write session {session.session_id}"):
        data = write(session)
    if not isinstance(data, bytes):
        raise PluginError(f"{plugin} gave no bytes for session {session.session_id}.")
    return data


def label_files(name: str, labelled: Sequence[Labelled]) -> dict[str, bytes]:
    """The files that a plug-in makes of labels, by name.

    Raises
    ------
    PluginError
        It is not here, failed, or gave something else than bytes by plain names of files.
    """
    exporter, plugin = PLUGINS.load(name), PLUGINS.plugin(name)
    if not isinstance(exporter, LabelExporter):
        raise PluginError(f"{plugin} writes transcripts, not labels.")
    with running(plugin):
        files = dict(exporter.write(labelled))
    if wrong := sum(
        not (isinstance(file, str) and _FILE.fullmatch(file) and isinstance(data, bytes))
        for file, data in files.items()
    ):
        raise PluginError(f"{plugin} gave {wrong} file(s) that are not bytes under a plain name.")
    return files
