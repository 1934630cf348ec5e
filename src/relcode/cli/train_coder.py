"""`relcode train-coder push|report|list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcode.cli.output import emit_json, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    from relcode.certification import Assessment, Recorded
    from relcode.doccano.pages import Page
    from relcode.project import Project
    from relcode.records import Session
    from relcode.reliability import Coefficient

app = typer.Typer(no_args_is_help=True, help="Train and certify a coder: push, report, list.")

_Coder = Annotated[str, typer.Argument(help="Who is trained; an account on the Doccano server.")]
_Folder = Annotated[Path | None, typer.Option("--project", help="The project's folder.")]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout.")]


@app.command("push")
def push(
    coder: _Coder,
    session: Annotated[
        list[str] | None, typer.Argument(metavar="[SESSION...]", help="Settled sessions; by default all of them.")
    ] = None,
    pages: Annotated[
        int | None, typer.Option("--pages", min=1, help="How many pages; by default as many as the codes need.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Draws among pages that serve equally well.")] = 0,
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """Send calibration pages that the coder has not seen, without suggestions. An attempt under way is sent again first.

    Example: relcode train-coder push ana --pages 10
    """
    from relcode.certification import BATCH, calibration_attempts, next_batch
    from relcode.deid.gate import check_gate
    from relcode.doccano.addresses import find_server
    from relcode.doccano.calibration import calibration_pages, push_calibration, under_way
    from relcode.errors import DataError
    from relcode.project import Project

    project = Project.find(folder)
    ledger = project.open_ledger()
    head = ledger.head()[0]
    attempts = calibration_attempts(ledger, coder)
    sessions = _settled_sessions(project, session or [])
    own = [attempt for attempt in attempts if attempt.batch.startswith(BATCH)]  # others came with a planned batch
    open_attempt = own[-1] if own and not own[-1].complete else None
    batch = open_attempt.batch if open_attempt else next_batch(attempts)
    everything = calibration_pages(sessions, coder=coder, batch=batch)
    if open_attempt:
        short: dict[str, int] = {}
        chosen = under_way(everything, {entry["page"] for entry in open_attempt.pages})
        if len(chosen) < len(open_attempt.pages):
            raise DataError(
                f"{coder} has an attempt under way ({batch}) with pages of other sessions, or of transcripts that have "
                "changed since. Name all of its sessions, or let the coder finish it."
            )
    else:
        picked, short = _choose(project, coder, everything, pages, seed)
        by_uid = {page.uid: page for page in everything}
        chosen = [by_uid[uid] for uid in picked]
    named = {page.session_id for page in chosen}
    check_gate([each for each in sessions if each.session_id in named], ledger)
    done = push_calibration(project, ledger, chosen, server=find_server(project), after=head)
    if json:
        emit_json({"batch": batch, "push": done, "short": short})
        return
    say(f"{coder}, {batch}: {done.uploaded} page(s) sent, {done.already_there} there before. {done.url}")
    if short:
        rare = ", ".join(f"{code} ({count})" for code, count in short.items())
        say(f"Too seldom on these pages to certify by them alone: {rare}")


@app.command("report")
def report(
    coder: _Coder,
    html: Annotated[
        Path | None, typer.Option("--html", help="The coder's page, with the words: keep it as safe as transcripts.")
    ] = None,
    bootstrap: Annotated[int, typer.Option("--bootstrap", min=0, help="Resamples of pages; 0: no interval.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the resamples.")] = 0,
    folder: _Folder = None,
    json: _Json = False,
) -> None:
    """Compare a coder's calibration pages with the accepted labels, and certify per code. Run `relcode pull` before.

    Example: relcode train-coder report ana --html reports/ana.html
    """
    from relcode.certification import (
        assess,
        calibration_attempts,
        read_standard,
        record_certificates,
        render_assessment,
    )
    from relcode.codebook import load_codebook
    from relcode.errors import DataError
    from relcode.project import Project
    from relcode.provenance import write_text

    project = Project.find(folder)
    ledger = project.open_ledger()
    attempts, standard = calibration_attempts(ledger, coder), read_standard(ledger)
    if not any(attempt.confirmed for attempt in attempts):
        raise DataError(
            f"{coder} has confirmed no calibration page. Run `relcode train-coder push {coder}`, and `relcode pull` when "
            "the coder is done."
        )
    codebook = load_codebook(project.codebook, [project.codebooks])

    def measure(ratings: npt.NDArray[np.float64], pages: npt.NDArray[np.int64]) -> Mapping[str, Coefficient]:
        return _measure(ratings, pages, draws=bootstrap, seed=seed)

    assessment = assess(coder, attempts, standard, codebook, project.certification, measure)
    recorded = record_certificates(ledger, assessment)
    if html is not None:
        write_text(html, render_assessment(assessment, attempts, standard))
        html.chmod(0o600)
    if json:
        emit_json({"assessment": assessment, "recorded": recorded})
        return
    for line in _lines(assessment):
        print(line)
    _say_recorded(assessment, recorded)


@app.command("list")
def list_certified(folder: _Folder = None, json: _Json = False) -> None:
    """Who is certified for which code: since when, by which version of the codebook, on how many instances.

    Example: relcode train-coder list
    """
    from relcode.certification import certificates
    from relcode.project import Project

    found = certificates(Project.find(folder).open_ledger())
    if json:
        emit_json(found)
        return
    for each in found:
        print(
            f"{each.coder}\t{each.code}\t{each.codebook}\t{each.at[:10]}\t{each.coefficient} {each.value:.2f} "
            f"(>= {each.threshold:.2f})\tn={each.instances}"
        )
    if not found:
        say("Nobody is certified yet. Begin with `relcode train-coder push CODER`.")


def _settled_sessions(project: Project, named: list[str]) -> list[Session]:
    """The project's transcripts of settled sessions (those named), each in the very text that is settled."""
    from relcode.certification import read_standard
    from relcode.errors import DataError
    from relcode.provenance import hash_session
    from relcode.transcripts import read_sessions

    standard = read_standard(project.open_ledger())
    settled = {session_id for session_id, _ in standard.accepted}
    if unknown := [name for name in named if name not in settled]:
        raise DataError(f"{', '.join(unknown)}: not settled, so that there are no accepted labels to be compared with.")
    if not settled:
        raise DataError("No session is settled yet: there are no accepted labels. Run `relcode adjudicate pull`.")
    sessions = [
        each
        for each in read_sessions([project.transcripts])
        if each.session_id in (named or settled) and (each.session_id, hash_session(each)) in standard.accepted
    ]
    if not sessions:
        raise DataError("The transcripts of the settled sessions are not in transcripts/, or have changed since.")
    return sessions


def _choose(
    project: Project, coder: str, everything: list[Page], pages: int | None, seed: int
) -> tuple[list[str], dict[str, int]]:
    """The pages that a coder gets, and the codes that occur too seldom on them."""
    from relcode.certification import candidate_of, choose_pages, read_standard, seen_turns
    from relcode.codebook import load_codebook
    from relcode.errors import DataError

    ledger = project.open_ledger()
    standard, seen = read_standard(ledger), seen_turns(ledger, coder)
    candidates = [
        candidate_of(page.uid, page.session_id, turns, standard.accepted[page.session_id, page.session_sha256])
        for page in everything
        for turns in [(page.turns[0].turn, page.turns[-1].turn)]
        if not seen[page.session_id] & set(range(turns[0], turns[1] + 1))
    ]
    if not candidates:
        raise DataError(
            f"{coder} has seen every page of the settled sessions. Settle others, or name others, and push again."
        )
    codebook = load_codebook(project.codebook, [project.codebooks])
    choice = choose_pages(
        candidates, codebook.code_ids, instances=project.certification.instances, pages=pages, seed=seed
    )
    if not choice.pages:
        raise DataError(f"No page that {coder} has not seen bears an accepted label. Ask for pages with --pages.")
    return [each.page for each in choice.pages], choice.short


def _measure(
    ratings: npt.NDArray[np.float64], pages: npt.NDArray[np.int64], *, draws: int, seed: int
) -> Mapping[str, Coefficient]:
    """Kappa and F1 of a coder against the accepted labels, with intervals by resampling pages."""
    import numpy as np

    from relcode.reliability import coefficients, session_draws

    weights = session_draws(int(pages.max()) + 1 if len(pages) else 0, draws, seed)
    found, _ = coefficients(ratings, session_row=pages, weights=weights, categories=np.array([0.0, 1.0]))
    return {"kappa": found["cohen_kappa"], "f1": found["positive_agreement"]}


def _lines(assessment: Assessment) -> list[str]:
    from relcode.certification.page import measure_in_words

    lines = ["code\taccepted\thits\tmisses\tfalse alarms\tkappa\tF1\tstanding"]
    for code in assessment.codes:
        counts = (code.instances, code.hits, code.misses, code.false_alarms)
        measures = (measure_in_words(code.kappa), measure_in_words(code.f1))
        lines.append("\t".join([code.code, *map(str, counts), *measures, code.status]))
    for each in assessment.differences:
        what = "missed" if each.missed else "not accepted"
        lines.append(
            f"session {each.session_id}, turn {each.turn}: {each.code} {what}; accepted {', '.join(each.accepted) or 'no code'}, "
            f"given {', '.join(each.given) or 'no code'} ({each.guidance.kind}: {each.guidance.text})"
        )
    return lines


def _say_recorded(assessment: Assessment, recorded: Recorded) -> None:
    if not assessment.complete:
        say(f"{assessment.confirmed} of {assessment.pages} page(s) are confirmed: nothing is decided before all are.")
    if assessment.unsettled:
        say(f"{assessment.unsettled} page(s) are left out: their sessions are not settled, or have changed.")
    if recorded.certified:
        say(f"Certified now: {', '.join(recorded.certified)}")
    if recorded.taken_back:
        say(f"Certificates taken back: {', '.join(recorded.taken_back)}")
