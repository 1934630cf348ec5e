"""The report: safe, self-contained, and with the same figures as the data."""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import page_elements
from relcode.audit import AuditResult, audit, render_report
from relcode.audit.lags import CLIENT_CODES, INTERVENTIONS
from relcode.codebook import Codebook
from relcode.codebook.write import write_codebook
from relcode.errors import DataError, UsageError
from relcode.pages import source_hash
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.spans import read_spans, write_spans
from relcode.transcripts import read_sessions, write_session
from relcode.transcripts.tokens import tokenize

pytestmark = pytest.mark.slow  # models are trained, or pages made

Coded = Callable[..., tuple[Session, list[Span]]]
ROUND = [
    "T: I am moved by zebras. | TSI HN",
    "C: Thanks, marmalade. | WARM",
    "T: What is that like? | INQ META",
    "C: You push me. | RUP.confrontation",
    "T: I pushed. | REP.immediate",
    "C: It is hard. | COOP",
]


class Page(page_elements.Page):
    """With the figures in `<data>`."""

    @property
    def figures(self) -> dict[str, float]:
        return {
            str(attrs["id"]).removeprefix("fig-"): float(str(attrs["value"]))
            for tag, attrs in self.elements
            if tag == "data"
        }


SCRIPTS = ["application/json", "text/plain", "text/plain", None]  # data, lists of turns, one session; the only code


def scripts(page: Page) -> list[str | None]:
    return [attributes.get("type") for tag, attributes in page.elements if tag == "script"]


def make(codebook: Codebook, coded: Coded, *lines: str) -> tuple[AuditResult, Session]:
    session, labels = coded(*lines, therapist="T01", session_number=3)
    return audit([session], codebook, labels=labels, source="accepted.jsonl"), session


def test_words_of_a_transcript_are_text_and_never_markup(codebook: Codebook, coded: Coded) -> None:
    result, session = make(
        codebook, coded, "T: <script>alert(1)</script> & <b>bold</b> | TSI", *ROUND * 5, "C: <img src=x onerror=y>"
    )
    html = render_report(result, [session], codebook)
    assert packed(html, "s0")["turns"][0][3] == session.turns[0].text
    page = Page(html)
    assert scripts(page) == SCRIPTS
    assert {tag for tag, _ in page.elements}.isdisjoint({"img", "b<", "iframe", "object", "link"})
    assert "<b>bold" not in html


def test_a_hostile_session_id_and_source_are_text_too(codebook: Codebook, coded: Coded) -> None:
    session, labels = coded(*ROUND * 5, session_id='"><script>x</script>', therapist="<script>")
    result = audit([session], codebook, labels=labels, source="<script>")
    page = Page(render_report(result, [session], codebook, labels=labels))
    assert scripts(page) == SCRIPTS


def test_hostile_names_of_dyads_clients_and_therapists_are_text_in_tables_and_charts(
    codebook: Codebook, coded: Coded
) -> None:
    bad = '"><img src=x onerror=alert(1)></svg><script>x</script>'
    made = [
        coded(*ROUND * 8, session_id=f"S{n}", dyad=f"{n // 2}{bad}", client=f"{n // 2}{bad}", therapist=bad)
        for n in range(6)
    ]
    sessions, labels = [s for s, _ in made], [x for _, spans in made for x in spans]
    result = audit(sessions, codebook, labels=labels, source="x")
    assert result.course
    assert result.caseload
    html = render_report(result, sessions, codebook, labels=labels)
    page = Page(html)
    assert scripts(page) == ["application/json", *["text/plain"] * 7, None]
    assert "img" not in {tag for tag, _ in page.elements}
    assert html.count("<svg") == html.count("</svg>")


def test_nothing_is_loaded_from_anywhere(codebook: Codebook, coded: Coded) -> None:
    result, session = make(codebook, coded, *ROUND * 20)
    html = render_report(result, [session], codebook)
    assert "default-src 'none'" in html
    assert "url(" not in html
    assert "@import" not in html
    for tag, attributes in Page(html).elements:
        assert "src" not in attributes, tag
        for name in ("href", "xlink:href"):
            assert str(attributes.get(name, "#")).startswith("#"), tag
    assert set(re.findall(r"https?://[^\"' ]*", html)) == {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_the_policy_names_the_one_script_and_the_one_style_and_no_element_has_one_of_its_own(
    codebook: Codebook, coded: Coded
) -> None:
    result, session = make(codebook, coded, *ROUND * 20)
    html = render_report(result, [session], codebook)
    page = Page(html)
    policy = next(str(a["content"]) for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    for tag, kind in (("<script>", "script-src"), ("<style>", "style-src")):
        assert html.count(tag) == 1
        source = html.split(tag)[1].split(tag.replace("<", "</"))[0]
        assert f"{kind} '{source_hash(source)}';" in policy
    assert "unsafe" not in policy
    for tag, attributes in page.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag


def test_every_link_leads_to_a_heading_that_exists_and_ids_are_unique(codebook: Codebook, coded: Coded) -> None:
    result, session = make(codebook, coded, *ROUND * 20)
    elements = Page(render_report(result, [session], codebook)).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {str(attributes["href"])[1:] for tag, attributes in elements if tag == "a"}
    assert links <= set(ids)
    assert len(links) > 8


def packed(html: str, name: str) -> Any:
    """What stands packed in the page under an id."""
    text = html.split(f'<script type="text/plain" id="{name}">')[1].split("</script>")[0]
    return json.loads(zlib.decompress(base64.b64decode(text)))


def turn_lists(html: str) -> list[list[int]]:
    """The lists of turns behind the figures, as the page numbers them."""
    return [list(itertools.accumulate(steps)) for steps in packed(html, "lists")]


def test_every_figure_opens_all_the_turns_behind_it(codebook: Codebook, coded: Coded) -> None:
    made = [coded(*ROUND * 20, session_id=name) for name in ("S1", "S2")]
    result = audit([s for s, _ in made], codebook, labels=[x for _, spans in made for x in spans], source="x")
    html = render_report(result, [s for s, _ in made], codebook)
    lists = turn_lists(html)
    page = Page(html)
    opened = {str(a["data-label"]): lists[int(str(a["data-list"]))] for _, a in page.elements if a.get("data-list")}
    figure = result.headline[0]
    assert figure.places_total == 40
    assert opened[figure.label] == [*range(0, 120, 6), *range(120, 240, 6)]
    for figure in (*result.headline, *result.figures, *result.interpretations):
        assert len(opened.get(figure.label, [])) == figure.places_total, figure.label


def test_redact_leaves_every_word_out_and_every_figure_in(codebook: Codebook, coded: Coded) -> None:
    lines = [f"{line[:3]}zq{n}a Zq{n}b? zq{n}c.{line[line.index(' |') :]}" for n, line in enumerate(ROUND * 20)]
    session, labels = coded(*lines, therapist="T01")
    result = audit([session], codebook, labels=labels, source="x")
    open_report, redacted = (
        render_report(result, [session], codebook, labels=labels, redact=redact) for redact in (False, True)
    )
    assert [turn[3] for turn in packed(open_report, "s0")["turns"]] == [turn.text for turn in session.turns]
    assert {turn[3] for turn in packed(redacted, "s0")["turns"]} == {""}
    everything = redacted + json.dumps([packed(redacted, "s0"), packed(redacted, "lists")])
    hashed = r'<script type="text/plain".*?</script>|sha256-[\w+/=]+'  # packed texts and hashes hold any two letters
    assert "zq" not in re.sub(hashed, "", everything, flags=re.S).lower()
    assert Page(redacted).figures == Page(open_report).figures


def test_the_figures_of_the_page_are_those_of_the_json(codebook: Codebook, coded: Coded) -> None:
    result, session = make(codebook, coded, *ROUND * 20)
    shown = Page(render_report(result, [session], codebook)).figures
    plain = msgspec.json.decode(msgspec.json.encode(result))
    expected = {f"head-{figure['id']}": figure["estimate"]["value"] for figure in plain["headline"]}
    expected |= {f"bal-{f['id']}": f["estimate"]["value"] for f in [*plain["headline"], *plain["figures"]]}
    expected |= {f"rate{r['speaker']}-{r['code']}": r["estimate"]["value"] for r in plain["rates"]}
    expected |= {f"rate{r['speaker']}-{r['code']}-clock": r["per_50_minutes"]["value"] for r in plain["rates"]}
    expected |= {
        f"along-{line['measure']}-{place}": point["estimate"]["value"]
        for line in plain["along"]
        for place, point in enumerate(line["points"][::5], start=1)
    }
    expected |= {f"tenth{t['speaker']}{t['tenth']}": t["estimate"]["value"] for t in plain["here_and_now"]}
    for cell in plain["responses"]:
        if cell["lag"] not in (-1, 1) or cell["intervention"] not in INTERVENTIONS:
            continue
        if cell["client_code"] not in CLIENT_CODES:
            continue
        key = f"resp{'a' if cell['lag'] == 1 else 'b'}-{cell['intervention']}-{cell['client_code']}"
        expected |= {key: cell["share"]["value"], f"{key}-base": cell["base"]["value"]}
    for line in plain["client_talk"]:
        if line["intervention"] in INTERVENTIONS:
            expected[f"change-{line['measure']}-{line['intervention']}"] = line["difference"]["value"]
    expected |= {
        "talk": plain["exposure"]["talk_share"]["value"],
        "question": plain["exposure"]["question_share"]["value"],
    }
    expected |= {f"expo-{figure['id']}": figure["estimate"]["value"] for figure in plain["exposure"]["figures"]}
    for key, part in (("int", "interpretations"), ("ref", "referents"), ("rep", "ruptures")):
        for figure in plain[part]:
            expected[f"{key}-{figure['id']}"] = figure["estimate"]["value"]
            if figure["chance"] is not None:
                expected[f"{key}-{figure['id']}-chance"] = figure["chance"]["value"]
    assert shown == {key: value for key, value in expected.items() if value is not None}
    assert len(shown) > 40


def test_the_data_hold_no_word_of_the_session(codebook: Codebook, coded: Coded) -> None:
    result, _ = make(codebook, coded, *ROUND * 20)
    assert b"zebras" not in msgspec.json.encode(result)
    assert "zebras" not in repr(result)


def test_the_first_screen_names_therapist_source_codebook_and_number_of_sessions(
    codebook: Codebook, coded: Coded
) -> None:
    result, session = make(codebook, coded, *ROUND * 20)
    first = render_report(result, [session], codebook).partition("<nav")[0]
    for expected in ("T01", "accepted.jsonl", "coded labels", "small@1.0.0", "1\u00a0session,", "95&nbsp;%"):
        assert expected in first
    assert first.count('class="card"') == 5
    assert "Session 3 of dyad S1, with therapist T01." in first


@pytest.mark.parametrize("lines", [ROUND[:5], ["T: I am moved. | TSI"] * 30, ["C: It rains. | COOP"] * 30, []])
def test_short_one_sided_and_empty_sessions_have_a_report(codebook: Codebook, coded: Coded, lines: list[str]) -> None:
    result, session = make(codebook, coded, *lines)
    assert "no figure" in render_report(result, [session], codebook)


def test_a_session_without_labels_has_a_report_that_says_so(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded(*ROUND * 10)
    result = audit([session], codebook, labels=[], source="nothing")
    assert result.source_kind == "none"
    assert all(figure.estimate.value is None for figure in result.headline)
    html = render_report(result, [session], codebook)
    assert "without labels" in html
    assert "0 coded" in html


def test_figures_from_a_machine_are_all_marked_uncorrected_and_those_of_coders_are_not(
    codebook: Codebook, coded: Coded
) -> None:
    session, labels = coded(*ROUND * 20)
    machine = [msgspec.structs.replace(label, source="cues") for label in labels]
    page = render_report(audit([session], codebook, labels=machine, source="cues"), [session], codebook)
    # talk time, question marks, pronouns need no code
    no_code = {key for key in Page(page).figures if key.partition("-")[0] in ("talk", "question", "expo", "ref")}
    marks = len(re.findall(r'class="unc"', page))
    assert marks == len(Page(page).figures) - len(no_code)
    assert "no hand-coded sample corrects them" in page
    human = render_report(audit([session], codebook, labels=labels, source="x"), [session], codebook)
    assert 'class="unc"' not in human
    assert 'class="badge"' not in human


def test_several_sessions_have_lines_by_session_and_therapist_in_the_order_of_their_names(
    codebook: Codebook, coded: Coded
) -> None:
    made = [coded(*ROUND * 10, session_id=name, therapist=t) for name, t in (("S2", "T02"), ("S1", "T01"))]
    result = audit([s for s, _ in made], codebook, labels=[x for _, spans in made for x in spans], source="x")
    assert [group.name for group in result.by_session] == ["S1", "S2"]
    assert [group.name for group in result.by_therapist] == ["T01", "T02"]
    assert result.headline[1].estimate.n == result.by_session[0].figures[1].estimate.n * 2


def test_the_seed_decides_the_figures(codebook: Codebook, coded: Coded) -> None:
    asked = "T: What? | INQ"  # unlike sessions
    made = [
        coded(*[asked, "C: Hard. | COOP"] * n, *[asked, "C: No."] * more, session_id=f"S{n}")
        for n, more in ((0, 9), (1, 17), (4, 5), (6, 31), (11, 2), (13, 8), (23, 7))
    ]
    sessions, labels = [s for s, _ in made], [x for _, spans in made for x in spans]
    one, again, other = (audit(sessions, codebook, labels=labels, source="x", seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.responses != other.responses


def test_rendering_with_changed_sessions_is_refused(codebook: Codebook, coded: Coded) -> None:
    result, _ = make(codebook, coded, *ROUND)
    other, _ = coded("T: Something else.")
    assert result.sessions[0].sha256 != hash_session(other)
    with pytest.raises(DataError, match="not those of the audit"):
        render_report(result, [other], codebook)


def test_labels_and_scores_together_are_wrong_usage(codebook: Codebook, coded: Coded) -> None:
    session, _ = coded(*ROUND)
    with pytest.raises(UsageError):
        audit([session], codebook, source="x")


def test_tables_have_headers_with_a_scope_and_the_page_a_language_and_a_skip_link(
    codebook: Codebook, coded: Coded
) -> None:
    result, session = make(codebook, coded, *ROUND * 20)
    elements = Page(render_report(result, [session], codebook)).elements
    assert ("html", {"lang": "en"}) in elements
    assert all(attributes.get("scope") for tag, attributes in elements if tag == "th")
    assert all(attributes.get("aria-label") for tag, attributes in elements if tag == "svg")
    assert ("a", {"class": "skip", "href": "#figures"}) in elements


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relcode", "audit", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture
def files(tmp_path: Path, codebook: Codebook, coded: Coded) -> tuple[str, str, str]:
    """A transcript, its labels and the codebook as files."""
    session, labels = coded(*ROUND * 10)
    write_spans(tmp_path / "labels.jsonl", labels)
    write_codebook(codebook, tmp_path / "small.yaml")
    path = write_session(session, tmp_path)
    return str(path), str(tmp_path / "labels.jsonl"), str(tmp_path / "small.yaml")


def test_the_command_writes_a_private_file_and_the_figures_as_json(tmp_path: Path, files: tuple[str, str, str]) -> None:
    transcript, labels, book = files
    out = tmp_path / "reports" / "report.html"
    done = run(transcript, "--labels", labels, "--codebook", book, "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o600
    result = msgspec.json.decode(done.stdout, type=AuditResult)
    assert result.source == "labels.jsonl (accepted)"
    assert "zebras" not in done.stdout + done.stderr
    assert "zebras" in json.dumps(packed(out.read_text(encoding="utf-8"), "s0"))
    assert run(transcript, "--labels", labels, "--codebook", book, "--out", str(out), "--redact").returncode == 0
    assert "zebras" not in json.dumps(packed(out.read_text(encoding="utf-8"), "s0"))


def test_scores_in_a_file_or_folder_give_an_uncorrected_report_that_names_the_model(
    tmp_path: Path, files: tuple[str, str, str], codebook: Codebook, relcode: Callable[..., Any]
) -> None:
    session = read_sessions([files[0]])[0]
    frame = pd.DataFrame([msgspec.structs.asdict(segment) for segment in tokenize([session]).segments])
    for code in codebook.code_ids:
        holds = (frame["speaker"] == "T") & (code == "INT.genetic")
        frame[f"p_{code.replace('.', '_')}"] = holds.astype("float32")
        frame[f"y_{code.replace('.', '_')}"] = holds
    metadata = {"model_id": "m-1", "codebook": "small", "codebook_version": "0.9.0"}
    scores = pa.Table.from_pandas(frame).replace_schema_metadata(metadata)
    (tmp_path / "shards").mkdir()
    pq.write_table(scores, tmp_path / "scores.parquet")
    pq.write_table(scores.slice(0, 20), tmp_path / "shards" / "shard-00000.parquet")
    pq.write_table(scores.slice(20), tmp_path / "shards" / "shard-00001.parquet")
    found = []
    for name in ("scores.parquet", "shards"):
        out = tmp_path / f"{name}.html"
        done = relcode(
            *("audit", files[0], "--scores", tmp_path / name, "--codebook", files[2], "--out", out, "--json")
        )
        assert done.status == 0, done.err
        assert f"{name} (model m-1)" in out.read_text(encoding="utf-8")
        found.append(msgspec.json.decode(done.out, type=AuditResult))
    one, many = found
    assert one.uncorrected
    assert one.headline[1].estimate.value == 100.0
    assert any("small@0.9.0" in note for note in one.notes)
    assert many == msgspec.structs.replace(one, source=many.source)


@pytest.mark.parametrize(
    ("options", "code"), [(("--out", "x.html", "--labels", "a", "--scores", "b"), 2), (("--labels", "a"), 2)]
)
def test_wrong_usage_exits_with_2(files: tuple[str, str, str], options: Sequence[str], code: int) -> None:
    assert run(files[0], *options).returncode == code


def test_labels_that_cannot_be_read_exit_with_1_and_leave_the_old_report(
    tmp_path: Path, files: tuple[str, str, str]
) -> None:
    out = tmp_path / "report.html"
    out.write_text("old")
    done = run(files[0], "--labels", str(tmp_path / "missing.jsonl"), "--out", str(out))
    assert done.returncode == 1
    assert "missing.jsonl" in done.stderr
    assert out.read_text() == "old"


def test_figures_of_the_example_corpus_agree_with_a_count_of_its_label_file(
    corpus: Callable[[str], Sequence[Path]],
) -> None:
    from relcode.codebook import Code

    paths = corpus("transcripts")
    sessions = read_sessions(paths)
    labels = read_spans(paths[0].parents[1] / "labels" / "accepted.jsonl", sessions)
    ids = sorted({label.code for label in labels})
    book = Codebook(
        id="corpus",
        version="1.0.0",
        title="Corpus",
        authors=["tests"],
        codes=[Code(id=i, name=i, speakers=["T", "C"], definition="", prior=0.1) for i in ids],
    )
    result = audit(sessions, book, labels=labels, source="accepted.jsonl")
    turns = {(label.session_id, label.turn) for label in labels if label.code.startswith("INT.")}
    figure = next(figure for figure in result.headline if figure.id == "int_rate")
    assert figure.places_total == len(turns)
    marked = {(label.session_id, label.turn) for label in labels if label.code.startswith("RUP.")}
    assert sum(episode.markers for episode in result.episodes) == len(marked)
    assert result.exposure.turns == 1238


def test_course_and_caseload_stand_on_the_page_with_the_figures_of_the_data(codebook: Codebook, coded: Coded) -> None:
    made = [
        coded(*ROUND * (4 + n), session_id=f"S{n}", dyad=f"D{n % 3}", therapist="T01", session_number=n)
        for n in range(9)
    ]
    sessions, labels = [s for s, _ in made], [x for _, spans in made for x in spans]
    result = audit(sessions, codebook, labels=labels, source="x")
    assert {line.dyad for line in result.course} == {"D0", "D1", "D2"}
    shown = Page(render_report(result, sessions, codebook)).figures
    line = next(line for line in result.caseload if line.measure == "here_and_now")
    drawn = [client.shrunk.value for client in line.clients]
    assert None not in drawn
    assert [shown[f"ca1-here_and_now-{n}"] for n in (1, 2, 3)] == drawn
    point = next(line for line in result.course if line.measure == "client_here_and_now").points[0]
    assert point.estimate.value is None or shown["co1-client_here_and_now-1"] == point.estimate.value


def test_cells_of_course_and_caseload_open_the_turns_of_their_sessions(codebook: Codebook, coded: Coded) -> None:
    sessions, labels = [], []
    for number in (1, 2, 3):
        lines = ("T: You hide. | INT.dynamic", "C: I do.") * (3 * number) + ("T: Go on.", "C: Well.") * 20
        session, spans = coded(*lines, session_id=f"S{number}", therapist="T1", dyad="D1", session_number=number)
        sessions.append(session)
        labels += spans
    result = audit(sessions, codebook, labels=labels, source="x")
    page = render_report(result, sessions, codebook, labels=labels)
    opened = dict(re.findall(r'data-list="(\d+)" data-label="Interpretations, (S\d)"', page))
    assert sorted(opened.values()) == ["S1", "S2", "S3"]
    lists = json.loads(zlib.decompress(base64.b64decode(re.search(r'id="lists">([^<]*)<', page)[1])))
    assert sorted(len(lists[int(number)]) for number in opened) == [3, 6, 9]
