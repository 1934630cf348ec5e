"""The commands of the how-to guides, run as they stand and in order; coders are played by the shipped labels, in a real Doccano.

Where RELCODE_QUALCODER names a checkout of QualCoder (tests/exports/qualcoder_run.py), the project of the guide on moving
is coded and exported by it; else it is written here in the form that programs write.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from exports import qualcoder_run
from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from written_commands import REPOSITORY, environment, run_block, sh_blocks, stopped_doccano

DOCS = REPOSITORY / "docs"
EXAMPLES = REPOSITORY / "examples"
PREPARE = """
relcode init study --coder anna --coder ben --codebook relational-core --codebook rupture-repair
relcode deid raw --out study/transcripts
relcode preannotate study/transcripts --out study/suggestions/suggested.jsonl
relcode doccano up --project study
"""


def code(folder: Path, account: str, batch: str, labels: Path | None = None) -> None:
    """Code a batch's pages as one of the shipped coders, or with the labels of a file."""
    command = [sys.executable, EXAMPLES / "stand_in.py", account, "--study", "study", "--raw", "raw", "--batch", batch]
    command += [] if labels is None else ["--labels", labels]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, done.stderr


def follow(page: str, folder: Path, after: Callable[[str], None] = lambda _: None) -> str:
    """Run the blocks of a page; `after` is called with each block, for what people do then."""
    said = ""
    for block in sh_blocks(DOCS / f"{page}.md"):
        said += run_block(block, folder)
        after(block)
    return said


def promised(page: str, printed: str) -> list[str]:
    """Lines that the page says were printed and were not."""
    blocks = re.findall(r"^```text\n(.*?)^```", (DOCS / f"{page}.md").read_text(encoding="utf-8"), re.M | re.S)
    said = " ".join(printed.split())
    return [line for block in blocks for line in block.splitlines() if " ".join(line.split()) not in said]


def raw_sessions(folder: Path, *sets: str) -> None:
    (folder / "raw").mkdir()
    for name in sets:
        for path in (EXAMPLES / "corpus" / name).glob("*.jsonl"):
            (folder / "raw" / path.name).write_bytes(path.read_bytes())


@pytest.mark.server
@pytest.mark.slow
def test_double_coding_leads_from_a_question_to_a_table(tmp_path: Path) -> None:
    raw_sessions(tmp_path, "transcripts")

    def people(block: str) -> None:
        if batch := re.search(r"^relcode push --batch (\S+)", block, re.M):
            code(tmp_path, "anna", batch[1])
            code(tmp_path, "ben", batch[1])
        if "adjudicate push" in block:
            for batch_name in ("pilot", "main"):
                code(tmp_path, "adjudicator", batch_name)

    with stopped_doccano(tmp_path / "study"):
        run_block(PREPARE, tmp_path)
        said = follow("double-coding", tmp_path, people)
    assert promised("double-coding", said) == []
    sessions = read_sessions([tmp_path / "study/transcripts"])
    accepted = read_spans(tmp_path / "study/labels/accepted.jsonl", sessions)
    assert {span.session_id for span in accepted} == {session.session_id for session in sessions}
    assert (tmp_path / "study/reports/agreement.csv").read_text(encoding="utf-8").count("\nturn,") > 20
    assert "anna" in (tmp_path / "study/reports/reliability.html").read_text(encoding="utf-8")


@pytest.mark.server
@pytest.mark.slow
def test_retraining_goes_round_from_accepted_labels_to_the_next_batch(tmp_path: Path) -> None:
    raw_sessions(tmp_path, "transcripts", "transcripts2", "transcripts3")
    labels = tmp_path / "labels.jsonl"
    names = ("accepted", "coder_A_set2", "coder_A_set3")
    labels.write_bytes(b"".join((EXAMPLES / f"corpus/labels/{name}.jsonl").read_bytes() for name in names))

    def people(block: str) -> None:
        for batch in re.findall(r"^relcode push --batch (\S+)", block, re.M):
            code(tmp_path, "anna", batch, labels)

    with stopped_doccano(tmp_path / "study"):
        run_block(PREPARE.replace(" --coder ben", ""), tmp_path)
        said = follow("retraining", tmp_path, people)
    assert "20 session(s) settled" in said
    assert said.count("is promoted for") == 2  # by .07 of macro-F1, when it was written
    assert "40 of 40 page(s) confirmed" in said  # the second batch
    assert all((tmp_path / "study/models" / name / "card.html").is_file() for name in ("first", "second"))


CODES = {
    "Self-involving statement": "TSI",
    "Self-disclosure": "TSD",
    "Metacommunication": "META",
    "Question": "QUEST",
}  # as another program's users call them: the codes of the shipped labels
SESSIONS = ("D4-T03-s04", "D3-T01-s02")


def texts_and_codings() -> tuple[dict[str, str], list[tuple[str, int, int, str, str]]]:
    """Two sessions as text files, and what two coders coded in them: (text, start, end, code, coder)."""
    texts: dict[str, str] = {}
    codings = []
    for session in read_sessions([EXAMPLES / "corpus" / "transcripts"]):
        if session.session_id not in SESSIONS:
            continue
        name, text, starts = f"{session.session_id}.txt", "", {}
        for turn in session.turns:
            starts[turn.turn] = len(text) + len(turn.speaker) + 2
            text += f"{turn.speaker}: {turn.text}\n"
        texts[name] = text
        for coder, file in (("Maud", "coder_A"), ("Olaf", "coder_B")):
            for span in read_spans(EXAMPLES / f"corpus/labels/{file}.jsonl", [session]):
                for theirs, ours in CODES.items():
                    if span.session_id == session.session_id and span.code == ours:
                        place = starts[span.turn]
                        codings.append((name, place + span.start, place + span.end, theirs, coder))
    return texts, codings


def codes_element(namespace: str) -> ElementTree.Element:
    book = ElementTree.Element("CodeBook", {"xmlns": namespace} if namespace else {})
    codes = ElementTree.SubElement(book, "Codes")
    for name in CODES:
        guid = f"00000000-0000-0000-0000-{len(codes):012}"
        ElementTree.SubElement(codes, "Code", {"guid": guid, "name": name, "isCodable": "true", "color": "#4477AA"})
    return book


def write_codebook(path: Path) -> None:
    path.write_bytes(ElementTree.tostring(codes_element("urn:QDA-XML:codebook:1.0"), encoding="utf-8"))


def write_project(path: Path) -> None:
    """As a program writes it that keeps positions in code points."""
    texts, codings = texts_and_codings()
    project = ElementTree.Element("Project", {"xmlns": "urn:QDA-XML:project:1.0", "name": "p", "origin": "A program"})
    users = ElementTree.SubElement(project, "Users")
    for coder in ("Maud", "Olaf"):
        ElementTree.SubElement(users, "User", {"guid": f"user-{coder}", "name": coder})
    book = codes_element("")
    project.append(book)
    guids = {code.get("name"): str(code.get("guid")) for code in book.iter("Code")}
    sources = ElementTree.SubElement(project, "Sources")
    for name in texts:
        text = ElementTree.SubElement(sources, "TextSource", {"name": name, "plainTextPath": f"internal://{name}"})
        for where, start, end, chosen, coder in codings:
            if where == name:
                who = {"creatingUser": f"user-{coder}"}
                bounds = {"startPosition": str(start), "endPosition": str(end)}
                selection = ElementTree.SubElement(text, "PlainTextSelection", {**bounds, **who})
                coding = ElementTree.SubElement(selection, "Coding", who)
                ElementTree.SubElement(coding, "CodeRef", {"targetGUID": guids[chosen]})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.qde", ElementTree.tostring(project, encoding="utf-8"))
        for name, content in texts.items():
            archive.writestr(f"sources/{name}", content)


def exported(folder: Path) -> None:
    """`alliance.qdc` and `alliance.qdpx`, as the guide has them."""
    write_codebook(folder / "alliance.qdc")
    if qualcoder_run.CHECKOUT:
        project = qualcoder_run.coded_there(folder, folder / "alliance.qdc", *texts_and_codings())
        project.rename(folder / "alliance.qdpx")
    else:
        write_project(folder / "alliance.qdpx")


@pytest.mark.slow
def test_moving_brings_texts_codes_and_codings_in_and_out(tmp_path: Path) -> None:
    exported(tmp_path)
    said = follow("qda", tmp_path)
    assert promised("qda", said) == []
    sessions = read_sessions([tmp_path / "study/transcripts"])
    _, codings = texts_and_codings()
    for number, coder in ((1, "Maud"), (2, "Olaf")):
        labels = read_spans(tmp_path / f"study/labels/coder-{number}.jsonl", sessions)
        assert len(labels) == sum(who == coder for *_, who in codings)
    with zipfile.ZipFile(tmp_path / "out/labels.qdpx") as archive:
        sent = ElementTree.fromstring(archive.read("project.qde"))
    assert len([each for each in sent.iter() if each.tag.endswith("PlainTextSelection")]) == len(codings)
    with (tmp_path / "study/reports/agreement.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file) if row["level"] == "turn"}
    assert {"question", "metacommunication", "self-involving-statement", "self-disclosure"} <= rows.keys()
    assert float(rows["question"]["alpha"]) > 0.9
