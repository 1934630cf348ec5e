"""A spaCy pipeline that writes span groups as a suggester: a trained span categorizer, `spacy-llm`, rules of one's own.

Each turn is a `Doc`, the turns of a session one after the other; `doc._.relcode_speaker` and `doc._.relcode_session` say whose.
A span's label is the code. Probabilities are read from the group's attributes `scores` (spaCy's span categorizer) or
`probabilities`, reasons from `reasons`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup
from spacy.util import load_config, load_model_from_config

from relcode.codebook import Codebook
from relcode.errors import SuggesterError
from relcode.provenance import hash_file
from relcode.records import Session, Span, Turn
from relcode.suggesters.checking import Suggested, checked

SPANS_KEY = "sc"  # that of spaCy's span categorizer


def suggest_by_pipeline(
    sessions: Sequence[Session], codebook: Codebook, named: str, *, spans_key: str = SPANS_KEY
) -> Suggested:
    """Suggest by a pipeline: the folder of a saved one, a `.cfg` file, or the name of an installed one.

    Parameters
    ----------
    spans_key
        The group of spans that is read: `doc.spans[spans_key]`.

    Raises
    ------
    SuggesterError
        The pipeline cannot be loaded or fails, or no turn has a group of that key.
    """
    nlp = _loaded(named)
    source = _source(nlp, named)
    found: list[Span] = []
    groups: set[str] = set()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"\[W101\]")  # components that merge docs drop our extensions
            for session, turn, doc in _docs(nlp, sessions):
                groups.update(doc.spans)
                if spans_key in doc.spans:
                    found += _spans(session, turn, doc.spans[spans_key])
    except Exception as error:  # components are others' code; what they raise may hold words
        raise SuggesterError(f"The spaCy pipeline {named} failed: {type(error).__name__}.") from error
    if spans_key not in groups and sessions:
        there = ", ".join(sorted(groups)) or "none"
        raise SuggesterError(
            f"The spaCy pipeline {named} writes no span group {spans_key!r}; it writes: {there}. Name one with --spans-key."
        )
    spans, left_out = checked(found, sessions, codebook, source)
    settings = {
        "codebook": codebook.reference,
        "pipeline": named,
        "spans_key": spans_key,
        "components": list(nlp.pipe_names),
    }
    if Path(named).is_file():
        settings["sha256"] = hash_file(Path(named))
    return Suggested(source, spans, left_out, settings=settings)


def _loaded(named: str) -> Language:
    try:
        if named.endswith(".cfg"):
            return load_model_from_config(load_config(Path(named)), auto_fill=True)
        return spacy.load(named)
    except Exception as error:  # spaCy, thinc, catalogue and components raise what they like
        what = str(error).strip().splitlines()[:1]
        raise SuggesterError(
            f"The spaCy pipeline {named} cannot be loaded ({type(error).__name__}{': ' + what[0] if what else ''}). Name the "
            "folder of a saved pipeline, a .cfg file or an installed pipeline."
        ) from error


def _source(nlp: Language, named: str) -> str:
    """By the pipeline's name; by that of its file or folder, where it bears spaCy's own for one without a name."""
    name = nlp.meta["name"] if nlp.meta["name"] != "pipeline" else "_".join(Path(named).stem.split())
    return f"spacy:{nlp.meta['lang']}_{name}@{nlp.meta['version']}"


def _docs(nlp: Language, sessions: Sequence[Session]) -> Iterator[tuple[Session, Turn, Doc]]:
    for name in ("relcode_speaker", "relcode_session"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)
    for session in sessions:
        docs = []
        for turn in session.turns:
            doc = nlp.make_doc(turn.text)
            doc._.relcode_speaker, doc._.relcode_session = turn.speaker, session.session_id
            docs.append(doc)
        yield from ((session, turn, doc) for turn, doc in zip(session.turns, nlp.pipe(docs), strict=True))


def _spans(session: Session, turn: Turn, group: SpanGroup) -> list[Span]:
    scores = _of_each(group, "scores") or _of_each(group, "probabilities")
    reasons = _of_each(group, "reasons")
    return [
        Span(
            session.session_id,
            turn.turn,
            span.start_char,
            span.end_char,
            turn.text[span.start_char : span.end_char],
            span.label_,
            score=round(float(scores[row]), 4) if scores else None,
            why=tuple(map(str, reasons[row])) if reasons else (),
        )
        for row, span in enumerate(group)
    ]


def _of_each(group: SpanGroup, name: str) -> list[Any]:
    """An attribute of a group with an item a span, in their order; empty where there is none."""
    value = group.attrs.get(name)
    values = [] if value is None else list(value)
    return values if len(values) == len(group) else []
