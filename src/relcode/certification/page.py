"""The coder's page: agreement per code, and each difference with the words and the codebook's rule. One HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from relcode.certification.assessing import Assessment, Measure, words_of
from relcode.certification.attempts import Attempt, Standard
from relcode.pages import page_environment

_TEMPLATES = Path(__file__).parent / "templates"


def render_assessment(assessment: Assessment, attempts: Sequence[Attempt], standard: Standard) -> str:
    """Render an assessment. Unlike everything else about it, the page repeats words of transcripts."""
    accepted = [span for labels in standard.accepted.values() for span in labels]
    given = attempts[-1].labels if attempts else []
    rows = [
        {"difference": each, "accepted": words_of(each, accepted), "given": words_of(each, given)}
        for each in assessment.differences
    ]
    environment = page_environment(_TEMPLATES)
    environment.filters["measure"] = measure_in_words
    return environment.get_template("assessment.html.j2").render(assessment=assessment, rows=rows)


def measure_in_words(measure: Measure) -> str:
    """A coefficient as `0.62 [0.41, 0.80]`; a dash where it is undefined."""
    if measure.value is None:
        return "-"
    if measure.low is None or measure.high is None:
        return f"{measure.value:.2f}"
    return f"{measure.value:.2f} [{measure.low:.2f}, {measure.high:.2f}]"
