"""The codebooks that labels are from, each once, as far as they are here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from relcode.codebook import Code, Codebook, codes_known, load_reference
from relcode.errors import CodebookError
from relcode.records import Span

_REFERENCE = re.compile(r"([A-Za-z0-9][\w-]*)(?:@(\d+)\.(\d+)\.(\d+))?")
_OTHERS = "other-codes"
_WHERE_UNKNOWN = "A code of labels whose codebook was not to hand."
_PRIOR = 0.1


class LabelCodes:
    """The codebooks that labels name, the newest version named of each; codes that none has are in one more book.

    A label that names no codebook is of the one known here that has its code.

    Attributes
    ----------
    books
        Those with codes of labels, by id.
    unknown
        How many codes no codebook has.
    """

    def __init__(self, spans: Iterable[Span], folders: Sequence[Path] = ()) -> None:
        given = list(spans)
        self._homes = codes_known(folders) if any(not span.codebook for span in given) else {}
        named = {reference for span in given for reference in self._references(span)}
        newest: dict[str, str] = {}
        for reference in sorted(named, key=_version):
            newest[reference.partition("@")[0]] = reference
        loaded = {book_id: _load(reference, folders) for book_id, reference in newest.items()}
        self._loaded = {book_id: book for book_id, book in loaded.items() if book is not None}
        self._of_label = {(span.codebook, span.code): self._find(span) for span in given}
        used = {*self._of_label.values()}
        others = sorted({code for (_, code), book_id in self._of_label.items() if book_id == _OTHERS})
        self.unknown = len(others)
        self.books = [book for book_id, book in sorted(self._loaded.items()) if book_id in used]
        if others:
            self.books.append(_book_of(others))

    def book_id(self, span: Span) -> str:
        """The id of the book in `books` that has the label's code."""
        return self._of_label[span.codebook, span.code]

    def _references(self, span: Span) -> list[str]:
        named = span.codebook or self._homes.get(span.code, "")
        return [part for part in named.split("+") if _REFERENCE.fullmatch(part)]

    def _find(self, span: Span) -> str:
        for reference in self._references(span):
            book_id = reference.partition("@")[0]
            if book_id in self._loaded and span.code in self._loaded[book_id].by_id:
                return book_id
        return _OTHERS


def _load(reference: str, folders: Sequence[Path]) -> Codebook | None:
    try:
        return load_reference(reference, folders)
    except CodebookError:
        return None


def _book_of(code_ids: Sequence[str]) -> Codebook:
    codes = [
        Code(id=code_id, name=code_id, speakers=["T", "C"], definition=_WHERE_UNKNOWN, prior=_PRIOR)
        for code_id in code_ids
    ]
    return Codebook(id=_OTHERS, version="0.0.0", title="Other codes", authors=["relcode"], codes=codes)


def _version(reference: str) -> tuple[int, ...]:
    match = _REFERENCE.fullmatch(reference)
    assert match is not None
    return tuple(int(part or -1) for part in match.groups()[1:])
