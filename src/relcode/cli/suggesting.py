"""What suggests in `relcode preannotate` beside cues and models: plug-ins, spaCy pipelines, a local language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relcode.cli.output import progress, say
from relcode.errors import DeidError, UsageError

if TYPE_CHECKING:
    from relcode.codebook import Codebook
    from relcode.project import Project
    from relcode.records import Session
    from relcode.suggesters import Suggested
    from relcode.suggesters.llm import Address


@dataclass(frozen=True)
class Asked:
    """The options that name a suggester; at most one of the first three is given."""

    suggester: str | None = None
    pipeline: str | None = None
    llm: str | None = None
    spans_key: str | None = None
    llm_model: str | None = None
    llm_seconds: float | None = None
    llm_parallel: int | None = None

    @property
    def anything(self) -> bool:
        """Whether a suggester is named."""
        return bool(self.suggester or self.pipeline or self.llm)

    def check(self, *, others: bool) -> None:
        """Refuse options that do not go together; `others`: an option of cues or models was given.

        Raises
        ------
        UsageError
            All that is wrong.
        """
        named = [
            name
            for name, value in (("--suggester", self.suggester), ("--spacy", self.pipeline), ("--llm", self.llm))
            if value
        ]
        faults = [f"{' and '.join(named)} do not go together"] if len(named) > 1 else []
        if named and others:
            faults.append(f"{named[0]} goes without --model, --cues and --threshold")
        if self.spans_key is not None and not self.pipeline:
            faults.append("--spans-key goes with --spacy")
        if any(each is not None for each in (self.llm_model, self.llm_seconds, self.llm_parallel)) and not self.llm:
            faults.append("--llm-model, --llm-seconds and --llm-parallel go with --llm")
        if self.llm and not self.llm_model:
            faults.append("--llm needs --llm-model NAME, the model as the server calls it")
        if faults:
            raise UsageError("; ".join(faults) + ".")


def suggested(
    asked: Asked, sources: Sequence[str], sessions: Sequence[Session], codebook: Codebook, project: Project | None
) -> Suggested:
    """The suggestions of whoever is asked; what was left out, and why, is said.

    Raises
    ------
    DeidError
        A language model on another machine is asked about sessions that are not on record as de-identified.
    """
    if asked.suggester:
        from relcode.suggesters import suggest_by_plugin

        found = suggest_by_plugin(sessions, codebook, asked.suggester)
    elif asked.pipeline:
        from relcode.suggesters import suggest_by_pipeline
        from relcode.suggesters.pipeline import SPANS_KEY

        found = suggest_by_pipeline(sessions, codebook, asked.pipeline, spans_key=asked.spans_key or SPANS_KEY)
    else:
        found = _by_llm(asked, sources, sessions, codebook, project)
    for reason, count in sorted(found.left_out.items(), key=lambda pair: (-pair[1], pair[0])):
        say(f"left out: {count} suggestion(s): {reason}")
    for note in found.notes:
        say(note)
    return found


def _by_llm(
    asked: Asked, sources: Sequence[str], sessions: Sequence[Session], codebook: Codebook, project: Project | None
) -> Suggested:
    from relcode.suggesters.llm import AnswerCache, ChatModel, find_address, suggest_by_llm
    from relcode.suggesters.llm.cache import FOLDER
    from relcode.suggesters.llm.client import SECONDS
    from relcode.suggesters.llm.run import AT_ONCE

    address = find_address(asked.llm or "", () if project is None else project.llm_hosts)
    _check_gate(address, sources, sessions)
    model = ChatModel(address, asked.llm_model or "", asked.llm_seconds or SECONDS)
    cache = AnswerCache(None if project is None else project.folder / FOLDER)
    return suggest_by_llm(
        sessions,
        codebook,
        model,
        cache=cache,
        at_once=asked.llm_parallel or AT_ONCE,
        watch=lambda windows: progress(windows, what=f"Asking {model.name}", total=len(windows)),
    )


def _check_gate(address: Address, sources: Sequence[str], sessions: Sequence[Session]) -> None:
    """Let turns go to another machine only where they are on record as de-identified."""
    if address.own_machine:
        return
    from relcode.cli.gate import check_text_may_leave

    if check_text_may_leave(sources, sessions, what=f"be sent to {address.host}") is not None:
        raise DeidError(
            f"Transcripts that lie in no project folder are not sent to {address.host}: their de-identification is on no "
            "record. Use those of the project."
        )


def write_suggested(out: Path, found: Suggested, sessions: Sequence[Session]) -> Path:
    """Write suggestions, and beside them the record of what was read; return the record's path."""
    from relcode.spans import write_spans
    from relcode.suggestion_record import SuggestionRecord, write_record
    from relcode.version import VERSION

    write_spans(out, found.spans)
    read = found.sessions_read(sessions)
    return write_record(out, SuggestionRecord(found.source, VERSION, "", read, found.left_out, found.settings))
