"""Exports: transcripts back to the text of other programs' formats."""

from relcode.exports.plugins import LabelExporter, TranscriptExporter
from relcode.exports.transcripts import WRITERS, ExportReport, export_transcripts

__all__ = ["WRITERS", "ExportReport", "LabelExporter", "TranscriptExporter", "export_transcripts"]
