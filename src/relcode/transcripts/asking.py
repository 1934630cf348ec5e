"""Questions that an import asks rather than guess: who speaks, and which column holds what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.behaviour import Proposal, propose
from relcode.transcripts.read import FileRead, read_whole
from relcode.transcripts.roles import Declared, Roles, UnknownRolesError, Utterance, names_nobody, ordinal, plain
from relcode.transcripts.source import Options
from relcode.transcripts.speakers import AskedMark
from relcode.transcripts.tables import UnknownColumnsError


@dataclass(frozen=True, repr=False)
class RolesQuestion:
    """Who speaks in a session. `names`: plain mark -> as it stands in the file; `proposal`: None where nothing speaks for one."""

    path: Path
    session: str
    names: Mapping[str, str]
    proposal: Proposal | None
    utterances: Sequence[Utterance]


@dataclass(frozen=True)
class ColumnsQuestion:
    """Whether these columns (what -> number from 1) are the ones."""

    path: Path
    proposed: Mapping[str, int]
    faults: tuple[str, ...]


class OpenRolesError(TranscriptError):
    """Nobody has said who speaks; `proposals`: session -> what is proposed, where anything is."""

    def __init__(self, message: str, faults: list[str], proposals: Mapping[str, Proposal | None]) -> None:
        super().__init__(message, faults)
        self.proposals = proposals


AskRoles = Callable[[RolesQuestion], Mapping[str, str] | None]
AskColumns = Callable[[ColumnsQuestion], bool]


@dataclass(repr=False)
class Asker:
    """Answers what a file leaves open: by asking a person, or by accepting certain proposals where that was said.

    `asked`: the marks that nobody answered for, with proposals; `notes`: what was accepted unseen.
    """

    ask_roles: AskRoles | None = None
    ask_columns: AskColumns | None = None
    accept_proposed: bool = False
    notes: list[str] = field(default_factory=list)
    asked: list[AskedMark] = field(default_factory=list)
    known: dict[frozenset[str], Mapping[str, str]] = field(default_factory=dict)

    def read(self, path: Path, options: Options) -> FileRead:
        """Read a file; questions that come up are answered, and the file read with the answers.

        Raises
        ------
        TranscriptError
            As `read_whole`; an open question says what is proposed and how to confirm it.
        """
        try:
            read = read_whole(path, options)
        except UnknownColumnsError as error:
            question = ColumnsQuestion(path, error.proposed, error.faults)
            if not error.proposed or self.ask_columns is None or not self.ask_columns(question):
                raise
            columns = {what: str(number) for what, number in error.proposed.items()}
            return self.read(path, replace(options, columns=columns))
        except UnknownRolesError as error:
            return self._with_answers(path, options, error, None)
        return read if read.open_roles is None else self._with_answers(path, options, read.open_roles, read)

    def _with_answers(self, path: Path, options: Options, error: UnknownRolesError, read: FileRead | None) -> FileRead:
        """The file with what was answered; of a project, texts without an answer stay faults (`read`: it without answers)."""
        rows, faults, proposals = self._answers(path, options, error)
        number = sum(map(len, error.open_sessions.values()))
        asked, others = error.faults[:number], error.faults[number:]  # others: of a project's other texts
        if rows:
            with suppress(UnknownRolesError):  # a table waits for the answers of all its sessions
                read = read_whole(path, _with_rows(options, rows))
        if read is None:
            raise OpenRolesError(error.message, [*faults, *others], proposals)
        read.faults = [fault for fault in read.faults if fault not in asked] + faults
        return read

    def _answers(
        self, path: Path, options: Options, error: UnknownRolesError
    ) -> tuple[list[Declared], list[str], dict[str, Proposal | None]]:
        """What was answered, what was not, and what is proposed for each session."""
        rows: list[Declared] = []
        faults: list[str] = []
        proposals: dict[str, Proposal | None] = {}
        taken = 0
        for session, marks in error.open_sessions.items():
            proposal = propose(error.utterances[session], options.roles.in_session(session))
            names: dict[str, str] = {}
            for utterance in error.utterances[session]:
                if utterance.text.strip():
                    names.setdefault(plain(utterance.mark), utterance.mark.strip())
            question = RolesQuestion(path, session, names, proposal, error.utterances[session])
            proposals[session] = proposal
            answer = self._answer(question)
            lines = error.faults[taken : taken + len(marks)]
            taken += len(marks)
            if answer is None:
                faults += [_with_proposal(line, mark, proposal) for line, mark in zip(lines, marks, strict=True)]
                self.asked += [_asked(session, names.get(mark, mark), mark, proposal) for mark in marks]
            else:
                rows += _rows(session, answer)
        return rows, faults, proposals

    def read_as_proposed(self, path: Path, options: Options, error: OpenRolesError) -> FileRead | None:
        """The file as it would be read if the proposals were confirmed, to show them; None where there are none."""
        rows = [
            row
            for session, proposal in error.proposals.items()
            if proposal
            for row in _rows(session, proposal.speakers)
        ]
        try:
            read = read_whole(path, replace(options, roles=Roles(table=(*rows, *options.roles.table))))
        except TranscriptError:
            return None
        shown = {found.session.session_id for found in read.sessions if found.utterances}  # not the texts of a project
        read.proposals = {name: proposal for name, proposal in error.proposals.items() if proposal and name in shown}
        return read

    def _answer(self, question: RolesQuestion) -> Mapping[str, str] | None:
        marks = frozenset(question.names)
        if marks in self.known:
            return self.known[marks]
        proposal = question.proposal
        if self.accept_proposed and proposal is not None and proposal.is_certain:
            who = ", ".join(
                f"the {ordinal(n)} mark is {proposal.speakers[mark]}" for n, mark in enumerate(proposal.talk, start=1)
            )
            self.notes.append(
                f"{question.path}: session {question.session}: roles proposed from talk were accepted "
                f"(probability {proposal.probability:.2f}): {who}"
            )
            return proposal.speakers
        answer = self.ask_roles(question) if self.ask_roles is not None else None
        if answer is not None and not any(map(names_nobody, marks)):  # Speaker 1 is somebody else in each file
            self.known[marks] = answer
        return answer


def _with_rows(options: Options, rows: Sequence[Declared]) -> Options:
    roles = Roles(options.roles.therapists, options.roles.clients, (*rows, *options.roles.table))
    return replace(options, roles=roles)


def _with_proposal(fault: str, mark: str, proposal: Proposal | None) -> str:
    if proposal is None:
        return fault
    sure = "" if proposal.is_certain else ", uncertain"
    return f"{fault}; proposed is {proposal.speakers[mark]} ({proposal.talk[mark].described()}{sure})"


def _asked(session: str, name: str, mark: str, proposal: Proposal | None) -> AskedMark:
    if proposal is None:
        return AskedMark(session, name, "", "nobody else speaks")
    return AskedMark(session, name, proposal.speakers[mark], proposal.talk[mark].described())


def _rows(session: str, answer: Mapping[str, str]) -> list[Declared]:
    return [Declared(mark, _exactly(role), session) for mark, role in answer.items()]


def _exactly(role: str) -> str:
    return f"{role}1" if role in ("T", "C") else role
