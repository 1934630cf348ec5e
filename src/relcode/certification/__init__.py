"""Training and certification: calibration pages for a new coder, the comparison with accepted labels, certificates."""

from relcode.certification.assessing import Assessment, CodeResult, Difference, Measure, assess
from relcode.certification.attempts import (
    BATCH,
    Attempt,
    Standard,
    calibration_attempts,
    next_batch,
    read_standard,
    seen_turns,
)
from relcode.certification.certificates import Certificate, Recorded, certificates, record_certificates
from relcode.certification.choosing import Candidate, Choice, candidate_of, choose_pages
from relcode.certification.page import render_assessment

__all__ = [
    "BATCH",
    "Assessment",
    "Attempt",
    "Candidate",
    "Certificate",
    "Choice",
    "CodeResult",
    "Difference",
    "Measure",
    "Recorded",
    "Standard",
    "assess",
    "calibration_attempts",
    "candidate_of",
    "certificates",
    "choose_pages",
    "next_batch",
    "read_standard",
    "record_certificates",
    "render_assessment",
    "seen_turns",
]
