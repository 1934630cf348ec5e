"""`relcode preannotate` with other suggesters, and `relcode agreement` with their suggestions as one more coder."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llm_server import Reply, chat_server, labels, turns_asked
from relcode.deid import deidentify, record_deid
from relcode.project import Project
from relcode.records import Session, Span, Turn
from relcode.spans import read_spans, write_spans
from relcode.suggesters.llm import run as llm_run
from relcode.suggestion_record import read_record
from relcode.transcripts import read_sessions, write_session


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_run, "PAUSES_SECONDS", (0.0, 0.0))


def first_of_therapist(request: dict[str, Any]) -> str:
    """Codes the first feeling of each page."""
    found = [(number, words) for number, speaker, words in turns_asked(request) if speaker == "T" and "I feel" in words]
    return labels(*({"turn": number, "code": "TSI", "quote": "I feel"} for number, _ in found[:1]))


@pytest.fixture
def study(tmp_path: Path) -> Project:
    """A project with three de-identified sessions; in the last nobody says what they feel."""
    project = Project.create(tmp_path / "study")
    sessions = [
        Session("S1", tuple(Turn(n, "TC"[n % 2 == 0], "I feel sad with you.") for n in range(1, 31))),
        Session("S2", (Turn(1, "T", "I feel glad with you."), Turn(2, "C", "Yes."), Turn(3, "T", "I feel glad."))),
        Session("S3", (Turn(1, "T", "Come in."), Turn(2, "C", "Yes."))),
    ]
    done = deidentify(sessions)
    for session in done.sessions:
        write_session(session, project.transcripts)
    record_deid(done, project.open_ledger())
    return project


def ask(relcode: Callable[..., Any], study: Project, url: str, *more: object) -> Any:
    return relcode(
        "preannotate", study.transcripts, "--llm", url, "--llm-model", "small:1b", "--codebook", "relational-core",
        "--out", study.suggestions / "llm.jsonl", *more,
    )  # fmt: skip


def coders(study: Project, folder: Path) -> list[Path]:
    """What two coders gave: both every turn of S1 and S2 in which the therapist feels; of S3 they say nothing else than META."""
    files = []
    for coder in ("anna", "ben"):
        spans = [
            Span(session.session_id, turn.turn, 0, 6, "I feel", "TSI", source=f"coder:{coder}")
            for session in read_sessions([study.transcripts])
            for turn in session
            if turn.speaker == "T" and turn.text.startswith("I feel")
        ]
        spans.append(Span("S3", 1, 0, 4, "Come", "META", source=f"coder:{coder}"))
        write_spans(folder / f"{coder}.jsonl", spans)
        files.append(folder / f"{coder}.jsonl")
    return files


def test_a_language_model_suggests_into_a_file_with_its_record(relcode: Callable[..., Any], study: Project) -> None:
    with chat_server(first_of_therapist) as server:
        done = ask(relcode, study, server.url, "--json")
        assert done.status == 0, done.err
        again = ask(relcode, study, server.url)
        assert again.status == 0, again.err
    assert len(server.requests) == 5  # three pages, one, one; the rerun asks nothing
    told = json.loads(done.out)
    assert (told["by"], told["suggestions"]) == ("llm:small:1b", {"S1": 3, "S2": 1, "S3": 0})
    assert "5 of 5 page(s) were answered before" in again.err
    assert "sad" not in done.err + again.err + done.out
    spans = read_spans(study.suggestions / "llm.jsonl", read_sessions([study.transcripts]))
    assert {span.source for span in spans} == {"llm:small:1b"}
    record = read_record(study.suggestions / "llm.jsonl")
    assert record is not None
    assert [(read.session_id, read.turns, read.unread) for read in record.sessions] == [
        ("S1", 30, ()), ("S2", 3, ()), ("S3", 2, ()),
    ]  # fmt: skip
    assert record.settings["seed"] == 0
    assert "sad" not in (study.suggestions / "llm.run.json").read_text()
    kept = list((study.folder / ".llm").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_its_agreement_with_coders_is_measured_like_any_coders(
    relcode: Callable[..., Any], study: Project, tmp_path: Path
) -> None:
    with chat_server(first_of_therapist) as server:
        assert ask(relcode, study, server.url).status == 0
    done = relcode(
        "agreement", *coders(study, tmp_path), "--transcripts", study.transcripts, "--codebook", "relational-core",
        "--suggestions", study.suggestions / "llm.jsonl", "--bootstrap", "50", "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    result = json.loads(done.out)
    assert result["coders"] == ["anna", "ben"]
    pair = next(group for group in result["groups"] if group["coders"] == ["anna", "llm:small:1b"])
    assert pair["sessions"] == ["S1", "S2", "S3"]  # S3 was read, though nothing is suggested in it
    (row,) = [row for row in pair["rows"] if (row["level"], row["code"]) == ("turn", "TSI")]
    assert row["instances"] == {"anna": 17, "llm:small:1b": 4}
    assert row["coefficients"]["positive_agreement"]["value"] == pytest.approx(2 * 4 / (17 + 4))
    assert row["coefficients"]["alpha"]["low"] is not None


@pytest.mark.slow
def test_turns_that_were_not_read_are_missing_and_not_absent(
    relcode: Callable[..., Any], study: Project, tmp_path: Path
) -> None:
    def fails_once(request: dict[str, Any]) -> Reply | str:
        return Reply(status=500) if turns_asked(request)[0][0] == 13 else first_of_therapist(request)

    with chat_server(fails_once) as server:
        done = ask(relcode, study, server.url)
        assert done.status == 0, done.err
    assert "12 turn(s) of 1 session(s) were not read: status 500 (1)" in done.err
    arguments = ["--transcripts", study.transcripts, "--codebook", "relational-core", "--bootstrap", "0", "--json"]
    suggestions = study.suggestions / "llm.jsonl"
    for given in (["--suggestions", suggestions], [suggestions]):
        done = relcode("agreement", *coders(study, tmp_path), *arguments, *given)
        assert done.status == 0, done.err
        groups = json.loads(done.out)["groups"]
        pair = next(group for group in groups if group["coders"] == ["anna", "llm:small:1b"])
        (row,) = [row for row in pair["rows"] if (row["level"], row["code"]) == ("turn", "TSI")]
        # without turns 13 to 24 of S1, of which six are the therapist's
        assert row["units"] == 15 - 6 + 2 + 1
        assert row["coefficients"]["positive_agreement"]["value"] == pytest.approx(2 * 3 / (17 - 6 + 3))


def test_suggestions_that_were_changed_since_are_no_longer_the_records(
    relcode: Callable[..., Any], study: Project, tmp_path: Path
) -> None:
    with chat_server(first_of_therapist) as server:
        assert ask(relcode, study, server.url).status == 0
    suggestions = study.suggestions / "llm.jsonl"
    write_spans(suggestions, read_spans(suggestions)[1:])
    done = relcode("agreement", *coders(study, tmp_path), "--suggestions", suggestions)
    assert (done.status, "which was changed since" in done.err) == (1, True)


def test_cues_over_an_older_file_leave_no_record_of_it(
    relcode: Callable[..., Any], study: Project, tmp_path: Path
) -> None:
    suggestions = study.suggestions / "llm.jsonl"
    with chat_server(first_of_therapist) as server:
        assert ask(relcode, study, server.url).status == 0
    assert relcode("preannotate", study.transcripts, "--out", suggestions).status == 0
    record = read_record(suggestions)
    assert record is not None
    assert (record.source, [read.session_id for read in record.sessions]) == ("cues", ["S1", "S2", "S3"])
    done = relcode("agreement", *coders(study, tmp_path), "--suggestions", suggestions, "--bootstrap", "0", "--json")
    assert ["anna", "cues"] in [group["coders"] for group in json.loads(done.out)["groups"]]


def test_a_file_of_a_person_is_no_suggestions(relcode: Callable[..., Any], study: Project, tmp_path: Path) -> None:
    anna, ben = coders(study, tmp_path)
    done = relcode("agreement", anna, "--suggestions", ben)
    assert (done.status, "holds no suggestions of one machine" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--llm", "http://127.0.0.1:1/v1"], "--llm needs --llm-model"),
        (["--llm-model", "x"], "--llm-model, --llm-seconds and --llm-parallel go with --llm"),
        (["--llm-parallel", "2"], "--llm-model, --llm-seconds and --llm-parallel go with --llm"),
        (["--spans-key", "sc"], "--spans-key goes with --spacy"),
        (["--llm", "http://127.0.0.1:1/v1", "--llm-model", "x", "--suggester", "y"], "do not go together"),
        (["--spacy", "x", "--cues"], "--spacy goes without --model, --cues and --threshold"),
        (["--llm", "nonsense", "--llm-model", "x"], "expected an address such as"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    relcode: Callable[..., Any], study: Project, options: list[str], said: str
) -> None:
    done = relcode("preannotate", study.transcripts, "--out", study.suggestions / "x.jsonl", *options)
    assert (done.status, said in done.err) == (2, True)
    assert not (study.suggestions / "x.jsonl").exists()


def test_another_machine_is_refused_and_nothing_is_written(relcode: Callable[..., Any], study: Project) -> None:
    done = ask(relcode, study, "https://api.example.com/v1")
    assert (done.status, "api.example.com is not this machine" in done.err) == (1, True)
    assert not (study.suggestions / "llm.jsonl").exists()


@pytest.mark.slow
def test_an_allowed_host_gets_only_what_is_on_record_as_deidentified(
    relcode: Callable[..., Any], study: Project, tmp_path: Path
) -> None:
    configuration = study.folder / "relcode.toml"
    text = configuration.read_text()
    assert "# allowed_hosts" in text
    configuration.write_text(text.replace("[llm]", '[llm]\nallowed_hosts = ["llm.invalid"]'))
    write_session(Session("S4", (Turn(1, "T", "Hi."),)), study.transcripts)
    done = ask(relcode, study, "https://llm.invalid/v1")
    assert (done.status, "S4" in done.err) == (1, True)
    (study.transcripts / "S4.jsonl").unlink()
    write_session(Session("S5", (Turn(1, "T", "Hi."),)), tmp_path / "raw")
    outside = relcode(
        "preannotate", tmp_path / "raw", "--llm", "https://llm.invalid/v1", "--llm-model", "x", "--codebook", "ccrt",
        "--out", study.suggestions / "x.jsonl",
    )  # fmt: skip
    assert (outside.status, "no project folder are not sent to llm.invalid" in outside.err) == (1, True)
    done = ask(relcode, study, "https://llm.invalid/v1")  # the gate is open; the host is not there
    assert (done.status, "nothing listens there" in done.err) == (1, True)


@pytest.mark.parametrize("hosts", ['"x"', "[1]", '["a b"]', '["http://x"]'])
def test_hosts_are_names(study: Project, hosts: str) -> None:
    from relcode.errors import ProjectError

    configuration = study.folder / "relcode.toml"
    configuration.write_text(configuration.read_text().replace("[llm]", f"[llm]\nallowed_hosts = {hosts}"))
    with pytest.raises(ProjectError, match=r"llm\.allowed_hosts: expected a list of names of hosts"):
        Project.load(study.folder)


def test_the_ledger_says_whose_a_suggestion_was_and_agreement_says_that_coders_saw_it(
    relcode: Callable[..., Any], study: Project
) -> None:
    from relcode.codebook import load_codebook
    from relcode.doccano.planning import Material, all_pages
    from relcode.doccano.upload import record_manifest
    from relcode.ledger import NewEvent

    with chat_server(first_of_therapist) as server:
        assert ask(relcode, study, server.url).status == 0
    sessions = {session.session_id: session for session in read_sessions([study.transcripts])}
    spans = read_spans(study.suggestions / "llm.jsonl")
    by_session = {name: [span for span in spans if span.session_id == name] for name in sessions}
    ledger = study.open_ledger()
    material = Material(sessions, by_session, load_codebook("relational-core"))
    for coder in ("anna", "ben"):
        planned = all_pages(ledger, material, coder, "1", blind_share=0.0, seed=0)
        record_manifest(ledger, planned)
        to = {"batch": "1", "coder": coder}
        ledger.append(
            [NewEvent("confirm", "t", {**to, "page": page.uid, "at": "2026-03-02T10:00:00Z"}) for page, _ in planned]
        )
        given = Span("S1", 1, 0, 6, "I feel", "TSI")
        label = {**to, "page": planned[0][0].uid, "span": msgspec.to_builtins(given), "provenance": "added"}
        ledger.append([NewEvent("label", "t", label)])
    entries = ledger.pages("anna", "1")
    assert {span["source"] for entry in entries for span in entry["suggestions"]} == {"llm:small:1b"}
    done = relcode(
        "agreement",
        "--project",
        study.folder,
        "--suggestions",
        study.suggestions / "llm.jsonl",
        "--bootstrap",
        "0",
        "--json",
    )
    assert done.status == 0, done.err
    result = json.loads(done.out)
    with_some = sum(bool(entry["suggestions"]) for coder in ("anna", "ben") for entry in ledger.pages(coder, "1"))
    total = sum(len(ledger.pages(coder, "1")) for coder in ("anna", "ben"))
    assert any(
        f"llm:small:1b: its suggestions stood on {with_some} of {total} page(s)" in note for note in result["notes"]
    )
    assert ["anna", "llm:small:1b"] in [group["coders"] for group in result["groups"]]


def test_a_model_for_spacy_llm_is_asked_on_this_machine_alone() -> None:
    from relcode.errors import SuggesterError
    from relcode.suggesters.llm.spacy_llm import local_model

    with chat_server(lambda request: f"heard: {request['messages'][0]['content']}") as server:
        ask_local = local_model(server.url, "small")
        assert ask_local([["one", "two"], ["three"]]) == [["heard: one", "heard: two"], ["heard: three"]]
        assert "response_format" not in server.requests[0]
    with pytest.raises(SuggesterError, match="nothing listens there"):
        ask_local([["one"]])
    with pytest.raises(SuggesterError, match="is not this machine"):
        local_model("https://api.example.com/v1", "small")
