"""What an export refuses."""

from __future__ import annotations

from relcode.errors import DataError


class ExportError(DataError):
    """A session cannot be written in a format without losing words or order."""
