"""The REFI-QDA codebook (`.qdc`), by which NVivo, ATLAS.ti, MAXQDA, QualCoder and others exchange codebooks."""

from relcode.codebook.refiqda.export import codes_element, guid_of, write_qdc
from relcode.codebook.refiqda.takeover import DEFAULT_PRIOR, ImportedCodebook, read_qdc

__all__ = ["DEFAULT_PRIOR", "ImportedCodebook", "codes_element", "guid_of", "read_qdc", "write_qdc"]
