"""Offsets in code points (Python) and in UTF-16 code units (the browser, hence Doccano), both ways."""

from __future__ import annotations

import re
from bisect import bisect_left

_WIDE = re.compile("[\U00010000-\U0010ffff]")


class Utf16Map:
    """Convert offsets in one text; built in linear time; a look-up is logarithmic in the wide characters.

    Combining marks and joiners are code points of their own in both counts; only characters beyond U+FFFF (emoji, for
    one) differ: one code point, two code units.

    >>> offsets = Utf16Map("a🙂b")
    >>> offsets.to_utf16(2), offsets.to_code_points(3)
    (3, 2)
    """

    def __init__(self, text: str) -> None:
        self._length = len(text)
        wide = [] if text.isascii() else [found.start() for found in _WIDE.finditer(text)]
        self._wide = wide
        self._wide_units = [at + number for number, at in enumerate(wide)]

    @property
    def units(self) -> int:
        """The length of the text in UTF-16 code units."""
        return self._length + len(self._wide)

    def to_utf16(self, offset: int) -> int:
        """The offset in UTF-16 code units.

        Raises
        ------
        ValueError
            The offset lies outside the text.
        """
        if not 0 <= offset <= self._length:
            raise ValueError(f"offset {offset} lies outside a text of {self._length} characters")
        return offset + bisect_left(self._wide, offset)

    def to_code_points(self, offset: int) -> int:
        """The offset in code points.

        Raises
        ------
        ValueError
            The offset lies outside the text, or within a character that takes two code units.
        """
        if not 0 <= offset <= self.units:
            raise ValueError(f"offset {offset} lies outside a text of {self.units} code units")
        before = bisect_left(self._wide_units, offset)
        if before and self._wide_units[before - 1] == offset - 1:
            raise ValueError(f"offset {offset} lies within a character")
        return offset - before
