"""A suggester: words of a list. `--suggester phrases:FILE`, a CSV file with the columns `code` and `phrase`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from relcode.codebook import Codebook
from relcode.errors import UsageError
from relcode.records import Session, Span


def suggest_phrases(sessions: Sequence[Session], codebook: Codebook, options: str) -> Iterator[Span]:
    """Each phrase, wherever it stands as whole words. relcode checks code, speaker and words, and sets the source."""
    try:
        rows = list(csv.DictReader(Path(options).read_text(encoding="utf-8").splitlines()))
        wanted = [(row["code"], re.compile(rf"\b{re.escape(row['phrase'])}\b", re.IGNORECASE)) for row in rows]
    except (OSError, KeyError, UnicodeDecodeError):
        raise UsageError("phrases: expected the name of a CSV file with the columns code and phrase.") from None
    for session in sessions:
        for turn in session.turns:
            for code, phrase in wanted:
                for match in phrase.finditer(turn.text):
                    yield Span(session.session_id, turn.turn, *match.span(), match[0], code)
