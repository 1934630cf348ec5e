"""relcode and the tools beside it, each as a function from sessions to found identifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from material import Mark

from relcode.deid import deidentify
from relcode.records import Session

System = Callable[[list[Session]], list[Mark]]


def relcode(sessions: list[Session]) -> list[Mark]:
    return [Mark(f.session_id, f.turn, f.start, f.end, f.label) for f in deidentify(sessions).findings]


def presidio(model: str | None) -> System:
    """Presidio with its default recognisers; entities by an installed spaCy model, or by none (a blank pipeline)."""
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Installed(SpacyNlpEngine):
        """An engine that never downloads."""

        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "en", "model_name": model or "blank"}])

        def load(self) -> None:
            self.nlp = {"en": spacy.load(model) if model else spacy.blank("en")}

    # Presidio's e-mail recogniser would fetch a list of domains; the list that is installed with it serves as well.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    engine = Installed()
    engine.load()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])

    def find(sessions: list[Session]) -> list[Mark]:
        return [
            Mark(name, turn, result.start, result.end, result.entity_type)
            for name, turn, text in _turns(sessions)
            for result in analyzer.analyze(text, language="en")
        ]

    return find


def scrubadub() -> System:
    """scrubadub with its default detectors (installed by hand for this benchmark)."""
    import scrubadub as library

    scrubber = library.Scrubber()

    def find(sessions: list[Session]) -> list[Mark]:
        return [
            Mark(name, turn, filth.beg, filth.end, filth.type)
            for name, turn, text in _turns(sessions)
            for filth in scrubber.iter_filth(text)
        ]

    return find


def _turns(sessions: list[Session]) -> Iterator[tuple[str, int, str]]:
    for session in sessions:
        for turn in session.turns:
            yield session.session_id, turn.turn, turn.text
