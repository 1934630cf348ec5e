"""Office files are zip archives of XML: looked over before anything is unpacked, and unpacked within bounds."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from relcode.errors import TranscriptError

_MOST_BYTES = 200_000_000  # of one archive, unpacked
_FEW_BYTES = 1_000_000
_MOST_RATIO = 200
_MOST_PARTS = 10_000
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PIECE = 1 << 20


def office_parts(path: Path, data: bytes) -> set[str]:
    """The names of the parts of an Office file.

    Raises
    ------
    TranscriptError
        Not a zip archive, or one that says of itself that it unpacks to far more than it holds.
    """
    infos = _opened(path, data).infolist()
    size = sum(info.file_size for info in infos)
    ratio = size / max(len(data), 1)
    if size > _MOST_BYTES or (size > _FEW_BYTES and ratio > _MOST_RATIO) or len(infos) > _MOST_PARTS:
        raise TranscriptError(
            f"{path} unpacks to {ratio:.0f} times its size, in {len(infos)} part(s); it is refused as a zip bomb."
        )
    if any(info.flag_bits & 1 for info in infos):
        raise TranscriptError(f"{path} is protected by a password; save it without one.")
    return {info.filename for info in infos}


def unpack(path: Path, data: bytes, part: str) -> bytes:
    """One part of an Office file, counted while it is unpacked, whatever the archive says of its size.

    Raises
    ------
    TranscriptError
        The part is damaged or grows beyond its bounds.
    """
    with _opened(path, data) as archive:
        pieces, size = [], 0
        try:
            with archive.open(part) as file:
                while piece := file.read(_PIECE):
                    size += len(piece)
                    if size > _MOST_BYTES or (size > _FEW_BYTES and size > _MOST_RATIO * len(data)):
                        raise TranscriptError(
                            f"{path}/{part} unpacks to far more than it holds: refused as a zip bomb."
                        )
                    pieces.append(piece)
        except Exception as error:  # zip and zlib let errors of many kinds through
            if isinstance(error, TranscriptError):
                raise
            raise TranscriptError(
                f"{path}/{part} is damaged or cut off ({type(error).__name__}); save it again."
            ) from None
    return b"".join(pieces)


def xml_of(path: Path, data: bytes, part: str) -> Any:
    """The root element of a part.

    Raises
    ------
    TranscriptError
        As `unpack`; no XML, or XML with a document type or entities, which no Office program writes.
    """
    try:
        return defusedxml.ElementTree.fromstring(unpack(path, data, part), forbid_dtd=True)
    except DefusedXmlException:
        raise TranscriptError(f"{path} has a document type or entities in {part}; it is refused.") from None
    except (SyntaxError, ValueError, LookupError, RecursionError) as error:
        raise TranscriptError(f"{path}: {part} is no XML that can be read ({type(error).__name__}).") from None


def check_xml(path: Path, data: bytes) -> None:
    """Refuse an archive in which some part of XML declares a document type or entities, or unpacks beyond bounds.

    Raises
    ------
    TranscriptError
        Naming the part.
    """
    total = 0
    for part in sorted(office_parts(path, data)):
        if not part.endswith((".xml", ".rels")):
            continue
        content = unpack(path, data, part)
        total += len(content)
        if total > _MOST_BYTES:
            raise TranscriptError(f"{path}/{part} unpacks to far more than it holds: refused as a zip bomb.")
        if _DECLARATION.search(content[:4096]):
            raise TranscriptError(f"{path} has a document type or entities in {part}; it is refused.")


def _opened(path: Path, data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise TranscriptError(f"{path} is no Word or Excel file: it is not a zip archive that can be read.") from error
