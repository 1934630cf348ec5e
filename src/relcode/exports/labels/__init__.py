"""Exports of labels: codings with the words that carry them, for corpus tools, statistics and QDA programs."""

from relcode.exports.labels.gather import Labelled, gather, read_label_files
from relcode.exports.labels.write import LABEL_FORMATS, export_labels

__all__ = ["LABEL_FORMATS", "Labelled", "export_labels", "gather", "read_label_files"]
