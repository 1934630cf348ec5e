"""What `relcode rates` and `relcode query` read: headers of the corpus, and the sample that was coded by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relcode.codebook import Codebook
    from relcode.learning.training_labels import TrainingLabels
    from relcode.project import Project
    from relcode.records import Session, Span

RANDOM = "random"
NO_SAMPLE = "there is no hand-coded sample: give --labels with --sample, or --project"
NOT_RANDOM = (
    "nobody says that what was coded is a random sample: give --sample random, or --sample FILE with how likely each "
    "session was to be coded"
)
_BY_LEDGER = "the ledger's batches"


@dataclass(repr=False)
class Corpus:
    """Headers by session id, and the whole of those sessions that were wanted."""

    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)


@dataclass(repr=False)
class HandSample:
    """What was coded by hand. `unsampled`: why it stands for nothing but itself; empty where it is a sample."""

    spans: list[Span] = field(default_factory=list)
    weights: dict[str, dict[int, float]] = field(default_factory=dict)
    words: str = "none"
    unsampled: str = ""
    notes: list[str] = field(default_factory=list)


def read_corpus(sources: Sequence[str | Path], table: Path | None, wanted: Collection[str]) -> Corpus:
    """Read headers, one file after the other; the turns of sessions that are not `wanted` are let go.

    Raises
    ------
    TranscriptError
        Files that cannot be read; a session in two files.
    """
    from relcode.errors import TranscriptError
    from relcode.transcripts import find_files, read_file
    from relcode.transcripts.metadata import read_metadata, with_metadata

    extra = {} if table is None else read_metadata(table)
    corpus = Corpus({name: dict(said) for name, said in extra.items()})
    faults: list[str] = []
    places: dict[str, Path] = {}
    for path in find_files(sources) if sources else []:
        try:
            found = read_file(path)
        except TranscriptError as error:
            faults += error.faults or (error.message,)
            continue
        for session in (with_metadata(each, extra) for each in found):
            if session.session_id in places:
                faults.append(f"{path}: session {session.session_id} stands in {places[session.session_id]} too")
            places[session.session_id] = path
            corpus.metadata[session.session_id] = dict(session.metadata)
            if session.session_id in wanted:
                corpus.sessions.append(session)
    if faults:
        raise TranscriptError(f"{len(faults)} fault(s) in the transcripts:", faults)
    return corpus


def sample_of_files(
    files: Sequence[Path], how: str | None, sessions: Sequence[Session], book: Codebook, folders: Sequence[Path]
) -> HandSample:
    """The sample in files of labels, which cover every turn of each session that they name.

    `how`: `random`, a file of probabilities, or None where nobody says.

    Raises
    ------
    LabelError, DataError
        Labels that are not a person's, contradict each other or do not fit the transcripts; see `read_sample`.
    """
    from relcode.cli.training_material import labels_from_files
    from relcode.codebook import OwnLabels
    from relcode.errors import LabelError
    from relcode.learning.labels import label_faults
    from relcode.rates import even_weights, read_sample

    given = labels_from_files(files, sessions, book, folders)
    if faults := label_faults(sessions, OwnLabels(given.spans, {}, set(given.covered)), book):
        raise LabelError(f"The labels do not fit ({len(faults)} fault(s)):", faults)
    turns = {session.session_id: [turn.turn for turn in session.turns] for session in sessions}
    coded = {name: turns[name] for name in sorted(given.covered)}
    if how is None or how == RANDOM:
        words = f"{len(coded)} sessions" + (", drawn at random as was said" if how else "")
        unsampled = "" if how else NOT_RANDOM
        return HandSample(given.spans, even_weights(coded), words, unsampled, given.notes)
    weights = read_sample(Path(how), {name: max(numbers) for name, numbers in coded.items()})
    words = f"{len(weights)} sessions, weighted by the probabilities in {Path(how).name}"
    return HandSample(given.spans, weights, words, notes=given.notes)


def sample_of_ledger(project: Project, sessions: Sequence[Session], book: Codebook) -> HandSample:
    """What the ledger has accepted, weighted by how likely the batches' plans say that each page was.

    Raises
    ------
    LabelError
        As `labels_from_ledger`; where nothing was accepted yet, the sample is empty and says so.
    """
    from relcode.batches import read_plans
    from relcode.cli.training_material import labels_from_ledger
    from relcode.errors import LabelError
    from relcode.provenance import hash_session
    from relcode.rates import batch_weights

    try:
        given = labels_from_ledger(project, sessions, book)
    except LabelError as error:
        if error.faults:
            raise
        return HandSample(unsampled="the ledger has accepted nothing of these transcripts", notes=[error.message])
    found = batch_weights(read_plans(project.open_ledger()).values())
    weights: dict[str, dict[int, float]] = {}
    missing = unknown = 0
    for session in sessions:
        text = (session.session_id, hash_session(session))
        planned = found.by_turn.get(text, {})
        coded = _turns(session, given)
        weights[session.session_id] = {turn: planned.get(turn, 0.0) for turn in coded}
        missing += len(planned.keys() - coded)
        unknown += len(coded - planned.keys())
    weights = {name: of_turn for name, of_turn in weights.items() if of_turn}
    notes = list(given.notes)
    if missing:
        notes.append(f"{missing} turn(s) of the batches are not settled; they are taken to be missing by chance")
    if unknown:
        notes.append(
            f"{unknown} coded turn(s) were in no batch that was drawn; they stand for nothing and are left out"
        )
    kinds = {"random": found.random, "weighted": found.weighted, "chosen, stand for nothing": found.chosen}
    words = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)
    sampled = any(weight for of_turn in weights.values() for weight in of_turn.values())
    unsampled = "" if sampled else "no batch of the ledger was drawn with known probabilities"
    return HandSample(given.spans, weights, f"{_BY_LEDGER} ({words})" if words else _BY_LEDGER, unsampled, notes)


def _turns(session: Session, given: TrainingLabels) -> set[int]:
    """The turns of a session that were coded and decided."""
    if session.session_id not in given.covered:
        return set()
    covered = given.covered[session.session_id]
    return {turn.turn for turn in session.turns} if covered is None else set(covered)


@dataclass(frozen=True)
class Known:
    """Sessions and dyads that went into a model: on these it errs less than on others."""

    sessions: frozenset[str]
    dyads: frozenset[str]

    def holds(self, session_id: str, metadata: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether a session, or its dyad, is among them."""
        dyad = metadata.get(session_id, {}).get("dyad") or session_id
        return session_id in self.sessions or str(dyad) in self.dyads


def known_to_model(model_id: str, folder: str | None) -> Known | None:
    """What went into the model that made the scores; None where that model is not found.

    `folder`: what `--model` says; without it the model is looked for by its id, in the store and among those shipped.

    Raises
    ------
    ModelError
        `folder` is another model.
    """
    from relcode.cli.named_model import model_folder
    from relcode.errors import ModelError
    from relcode.learning.labels import known_sessions
    from relcode.learning.model_folder import read_card

    card = _card_of(model_id) if folder is None else read_card(model_folder(folder))
    if card is None:
        return None
    if card["id"] != model_id:
        raise ModelError(f"The scores were made by {model_id}, not by {card['id']}; name the model that made them.")
    known = known_sessions(card)
    return Known(frozenset(each["session_id"] for each in known), frozenset(each["dyad"] for each in known))


def _card_of(model_id: str) -> dict[str, Any] | None:
    from relcode.cli.named_model import open_store
    from relcode.errors import ModelError
    from relcode.learning.model_folder import read_card
    from relcode.shipped import shipped_folder

    try:
        return read_card(open_store().find(model_id))
    except ModelError:
        pass
    for folder in shipped_folder("models").glob("*/card.yaml"):
        try:
            card = read_card(folder.parent)
        except ModelError:
            continue
        if card["id"] == model_id:
            return card
    return None
