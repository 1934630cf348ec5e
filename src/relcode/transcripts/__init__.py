"""Transcripts: readers, the canonical form, token arrays and segments."""

from relcode.transcripts.canonical import write_session
from relcode.transcripts.files import find_files
from relcode.transcripts.importing import ImportReport, import_transcripts
from relcode.transcripts.read import read_file, read_sessions

__all__ = ["ImportReport", "find_files", "import_transcripts", "read_file", "read_sessions", "write_session"]
