"""The team's study: a folder of four sessions, three coders and an adjudicator, and the commands they give."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from relcode.codebook import Codebook, load_codebook
from relcode.deid import deidentify, move_spans
from relcode.records import Span
from relcode.spans import read_spans, write_spans
from relcode.transcripts import read_sessions
from team.kills import Task

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"
CODER = Path(__file__).with_name("coder.py")
SESSIONS = ("D1-T01-s03", "D2-T02-s12", "D3-T01-s08", "D5-T04-s01")
# two sessions first; then the others, with some pages of the first two once more
BATCHES = {"1": ("--sessions", "2"), "2": ("--recode-share", "0.15", "--recode-gap", "0")}
CODERS = ("ana", "ben", "cleo")
CODEBOOK = "relational-core@1.0.0"
ADJUDICATOR, CONSENSUS = "adjudicator", "consensus"
_LABELS = {"ana": "coder_A", "ben": "coder_B", ADJUDICATOR: "accepted"}


class TeamStudy:
    """Paths, labels and commands. Labels are drawn anew for each round: in round 0 a coder codes, later revises."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder / "study"
        self.raw = folder / "raw"
        self.journal = folder / "journal.jsonl"
        self.seed = seed
        self._drawn = folder / "labels"
        self._labels: dict[str, list[Span]] = {}
        self.codebook = load_codebook(CODEBOOK)
        for path in (self.raw, self._drawn):
            path.mkdir()
        for session_id in SESSIONS:
            shutil.copy(CORPUS / "transcripts" / f"{session_id}.jsonl", self.raw)

    def relcode(self, program: str, *arguments: object, usual_seconds: float, who: str = "") -> Task:
        command = (sys.executable, "-m", "relcode", *program.split(), *map(str, arguments))
        return Task(program, command, usual_seconds, who)

    def start_server(self) -> Task:
        return self.relcode("doccano up", "--project", self.folder, usual_seconds=6)

    def setup(self) -> list[Task]:
        """What makes the study, one after the other."""
        coders = [word for coder in CODERS for word in ("--coder", coder)]
        transcripts = self.folder / "transcripts"
        suggestions = ("--out", self.folder / "suggestions/cues.jsonl", "--codebook", CODEBOOK)
        return [
            self.relcode("init", self.folder, *coders, "--codebook", CODEBOOK, usual_seconds=0.4),
            self.relcode("deid", self.raw, "--out", transcripts, usual_seconds=1),
            self.relcode("preannotate", transcripts, *suggestions, usual_seconds=2),
        ]

    def plan(self, batch: str) -> Task:
        design = ("--coders-a-unit", len(CODERS), "--blind-share", 0.1, "--seed", self.seed, *BATCHES[batch])
        return self.relcode("batch", batch, *design, "--project", self.folder, usual_seconds=1)

    def push(self, batch: str) -> list[Task]:
        common = ("--batch", batch, "--project", self.folder)
        return [self.relcode("push", *common, "--coder", coder, usual_seconds=3, who=coder) for coder in CODERS]

    def pull(self, batch: str, *, at_once: int = 1) -> list[Task]:
        common = ("--batch", batch, "--project", self.folder)
        return [self.relcode("pull", *common, usual_seconds=3, who=f"process {number}") for number in range(at_once)]

    def adjudicate(self, what: str, batch: str, *, at_once: int = 1) -> list[Task]:
        common = ("--batch", batch, "--project", self.folder)
        numbers = range(at_once)
        return [self.relcode(f"adjudicate {what}", *common, usual_seconds=2, who=f"process {n}") for n in numbers]

    def code(self, account: str, batch: str, round_: int) -> Task:
        """A person who codes the pages of a batch (round 0), or goes over some of them again."""
        labels = self._drawn / f"{account}-{round_}.jsonl"
        if not labels.exists():
            write_spans(labels, self.labels_of(account, round_))
        coder = CONSENSUS if account == ADJUDICATOR else account
        command = (sys.executable, CODER, self.folder, account, coder, batch, round_, labels, self.journal)
        return Task("coding", tuple(map(str, command)), 1.5, account)

    def labels_of(self, account: str, round_: int) -> list[Span]:
        """The labels of an account in a round: shipped ones, for `cleo` disturbed; in later rounds some changed."""
        spans = self._shipped(_LABELS.get(account, "coder_B"))
        if account == "cleo":
            spans = disturbed(spans, self.codebook, random.Random(f"{self.seed}/cleo"), share=0.25)
        if round_:
            spans = disturbed(spans, self.codebook, random.Random(f"{self.seed}/{account}/{round_}"), share=0.1)
        return spans

    def _shipped(self, name: str) -> list[Span]:
        if name not in self._labels:
            raw = read_sessions([self.raw])
            known = read_sessions([CORPUS / "transcripts"])
            ids = set(SESSIONS)
            spans = [span for span in read_spans(CORPUS / "labels" / f"{name}.jsonl", known) if span.session_id in ids]
            own = [span for span in spans if span.code in self.codebook.by_id]
            self._labels[name] = move_spans(own, deidentify(raw))
        return self._labels[name]


def disturbed(spans: Sequence[Span], codebook: Codebook, rng: random.Random, *, share: float) -> list[Span]:
    """Some labels left out, some on fewer words, some with another code that the speaker may have."""
    kept: dict[tuple[str, int, int, int, str], Span] = {}
    for span in spans:
        change = rng.choice(("drop", "shorten", "recode")) if rng.random() < share else "keep"
        if change == "drop":
            continue
        if change == "shorten" and " " in span.text.strip():
            words = span.text[: span.text.rstrip().rindex(" ")].rstrip()
            span = msgspec.structs.replace(span, end=span.start + len(words), text=words)
        elif change == "recode":
            allowed = [code.id for code in codebook.codes if code.speakers == codebook.by_id[span.code].speakers]
            span = msgspec.structs.replace(span, code=rng.choice(allowed))
        kept[span.key] = span
    return list(kept.values())
