"""The cues as a spaCy component: `nlp.add_pipe("relcode_cues", config={"codebook": "relational-core"})`.

A `Doc` is one turn. `doc._.relcode_speaker` (`T`, `C`, `C2` ...) says who speaks; without it the codes of both sides are
looked for. Neighbouring docs of one `nlp.pipe` call with the same `doc._.relcode_session` are the turns of one session, in
order, so that cues may look at the turn before; without it each doc stands alone.
"""

# No `from __future__ import annotations` here: spaCy reads the factory's annotations as types.

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path

import msgspec
from spacy.language import Language
from spacy.tokens import Doc

from relcode.codebook import Codebook, load_codebook
from relcode.cues.engine import CueEngine
from relcode.cues.suggest import suggest
from relcode.errors import CodebookError
from relcode.records import Session, Turn
from relcode.transcripts.tokens import table_of_docs

for _name in ("relcode_speaker", "relcode_session"):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=None)


class CueComponent:
    """Writes suggestions to `doc.spans[spans_key]`: the span's label is the code; the group's `attrs` hold, in the
    spans' order, `probabilities` and `reasons` (lists of names of cues)."""

    def __init__(self, nlp: Language, name: str, codebook: str, *, threshold: float | None, spans_key: str) -> None:
        self.nlp = nlp
        self.name = name
        self.threshold = threshold
        self.spans_key = spans_key
        self._named = codebook
        self._saved: Codebook | None = None

    @cached_property
    def engine(self) -> CueEngine:
        """Compiled when first used, so that a saved component needs no codebook but the one saved with it."""
        return CueEngine(self._saved or load_codebook(self._named))

    def __call__(self, doc: Doc) -> Doc:
        return self._annotate([doc])[0]

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 1000) -> Iterator[Doc]:
        """Annotate a stream of docs, at least a batch at a time; no session is cut."""
        for batch in _whole_sessions(stream, batch_size):
            yield from self._annotate(batch)

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """The codebook, with those that it uses."""
        return msgspec.json.encode(self.engine.codebook)

    def from_bytes(self, data: bytes, *, exclude: Sequence[str] = ()) -> "CueComponent":
        try:
            self._saved = msgspec.json.decode(data, type=Codebook)
        except msgspec.DecodeError as error:
            raise CodebookError(f"The component {self.name} was not saved by relcode.") from error
        self.__dict__.pop("engine", None)
        return self

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        Path(path).mkdir(exist_ok=True)
        (Path(path) / "codebook.json").write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> "CueComponent":
        return self.from_bytes((Path(path) / "codebook.json").read_bytes())

    def _annotate(self, docs: Sequence[Doc]) -> list[Doc]:
        docs = list(docs)
        unknown = [doc._.relcode_speaker is None for doc in docs]
        found: list[dict[tuple[int, int, str], tuple[float, list[str]]]] = [{} for _ in docs]
        for side in "TC" if any(unknown) else "T":
            for number, start, end, code, score, why in self._suggested(docs, side):
                found[number].setdefault((start, end, code), (score, why))
        for doc, spans in zip(docs, found, strict=True):
            ordered = sorted(spans)
            doc.spans[self.spans_key] = [doc.char_span(start, end, label=code) for start, end, code in ordered]
            doc.spans[self.spans_key].attrs = {
                "probabilities": [spans[key][0] for key in ordered],
                "reasons": [spans[key][1] for key in ordered],
            }
        return docs

    def _suggested(self, docs: Sequence[Doc], side: str) -> Iterator[tuple[int, int, int, str, float, list[str]]]:
        """Spans by number of the doc; docs without a speaker are taken as said by `side`."""
        sessions: list[Session] = []
        numbers: dict[tuple[str, int], int] = {}
        known = lambda number: docs[number]._.relcode_session or f"\0{number}"  # noqa: E731
        for name, group in groupby(range(len(docs)), key=known):
            members = list(group)
            session_id = f"{len(sessions)} {name}"
            turns = [
                Turn(place, docs[number]._.relcode_speaker or side, docs[number].text)
                for place, number in enumerate(members, start=1)
            ]
            numbers.update({(session_id, place): number for place, number in enumerate(members, start=1)})
            sessions.append(Session(session_id, tuple(turns)))
        table = table_of_docs(sessions, docs)
        for span in suggest(table, self.engine, threshold=self.threshold):
            yield (
                numbers[span.session_id, span.turn],
                span.start,
                span.end,
                span.code,
                span.score or 0.0,
                list(span.why),
            )


def _whole_sessions(stream: Iterable[Doc], size: int) -> Iterator[list[Doc]]:
    """Batches of at least so many docs (the last may be smaller) that end where a session ends."""
    batch: list[Doc] = []
    for doc in stream:
        session = doc._.relcode_session
        if len(batch) >= size and (session is None or session != batch[-1]._.relcode_session):
            yield batch
            batch = []
        batch.append(doc)
    if batch:
        yield batch


@Language.factory(
    "relcode_cues",
    default_config={"codebook": "relational-core", "threshold": None, "spans_key": "relcode"},
    assigns=["doc.spans"],
)  # type: ignore[untyped-decorator]
def make_component(nlp: Language, name: str, codebook: str, threshold: float | None, spans_key: str) -> CueComponent:
    """`codebook`: an id, several joined with `+`, or the path of a YAML file."""
    return CueComponent(nlp, name, codebook, threshold=threshold, spans_key=spans_key)
