"""Plug-ins are found, loaded when used, and named when they are broken; none takes the place of what is built in."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relcode.errors import PluginError, TranscriptError, UsageError
from relcode.plugins import Point, running
from relcode.transcripts import read_file, read_sessions
from relcode.transcripts.readers import formats_known

WORDS: Point[Any] = Point("word", ("own",), "text", lambda _, given: isinstance(given, str))
READER = """
from relcode.transcripts.readers import Reader
from relcode.transcripts.roles import Utterance
from relcode.transcripts.source import Reading
def sniff(source):
    return "%%" if source.start().startswith("%%") else None
def read(source):
    return Reading({source.stem: [Utterance("T", line) for line in source.text().splitlines()[1:]]})
THING = Reader("lab", "lab format", (".lab",), sniff, read)
def fails(source):
    raise KeyError("Mrs Miller said so")
SNIFFS_BADLY = Reader("bad", "bad", (".bad",), fails, read)
READS_BADLY = Reader("worse", "worse", (".wrs",), lambda source: None, fails, reads_any=True)
READS_NOTHING = Reader("none", "none", (".nth",), lambda source: None, lambda source: [], reads_any=True)
"""


def test_a_plugin_is_found_by_its_entry_point_and_loaded_when_asked_for(package: Callable[..., None]) -> None:
    package("lab-tools", "1.2.0", {"words": {"hello": "lab_words:HELLO"}}, lab_words="HELLO = 'Hello'")
    (found,) = WORDS.plugins()
    assert (found.kind, found.name, found.package, found.version, found.fault) == (
        "word", "hello", "lab-tools", "1.2.0", None,
    )  # fmt: skip
    assert "lab_words" not in sys.modules
    assert WORDS.load("hello") == "Hello"


def test_what_is_broken_is_named_and_the_others_go_on(package: Callable[..., None]) -> None:
    package(
        "lab-tools",
        "1.2.0",
        {"words": {"gone": "no_such_module:X", "lacks": "lab_words:NOTHING", "raises": "lab_raises:X", "list": "lab_words:LIST",
                   "fine": "lab_words:HELLO", "ends": "lab_ends:X"}},
        lab_words="HELLO = 'Hello'\nLIST = []",
        lab_raises="\nraise ValueError('Mrs Miller')",
        lab_ends="raise SystemExit(3)",
    )  # fmt: skip
    usable, faults = WORDS.load_all()
    assert usable == {"fine": "Hello"}
    assert [fault.split(" of the package lab-tools 1.2.0 (")[0] for fault in faults] == [
        "The word ends", "The word gone", "The word lacks", "The word list", "The word raises",
    ]  # fmt: skip
    ends, gone, lacks, wrong, raises = faults
    assert "SystemExit" in ends
    assert "ModuleNotFoundError (No module named 'no_such_module')" in gone
    assert "AttributeError" in lacks
    assert wrong.endswith("cannot be used: it gives no text.")
    assert "ValueError in lab_raises.py, line 2" in raises
    assert "Miller" not in raises


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("own", "relcode itself has a word of that name"),
        ("Own", "its name is not of small letters, digits, dash and underscore"),
        ("o w", "its name is not of small letters, digits, dash and underscore"),
    ],
)
def test_no_plugin_takes_a_built_in_name(package: Callable[..., None], name: str, fault: str) -> None:
    package("lab-tools", "1.2.0", {"words": {name: "lab_words:X", "other": "lab_words:X"}}, lab_words="X = ''")
    assert WORDS.names() == ("other",)
    with pytest.raises(PluginError, match=fault):
        WORDS.load(name)


def test_a_name_that_two_packages_claim_is_neithers(package: Callable[..., None]) -> None:
    package("lab-tools", "1.2.0", {"words": {"hello": "lab_words:X"}}, lab_words="X = ''")
    package("more-tools", "2.0", {"words": {"hello": "more_words:X"}}, more_words="X = ''")
    assert WORDS.names() == ()
    with pytest.raises(PluginError, match="lab-tools and more-tools both claim that name; uninstall one"):
        WORDS.load("hello")


def test_one_that_is_not_there_is_answered_with_those_that_are(package: Callable[..., None]) -> None:
    package("lab-tools", "1.2.0", {"words": {"hello": "lab_words:X"}}, lab_words="X = ''")
    with pytest.raises(PluginError, match="has a word 'helo'; installed are: hello"):
        WORDS.load("helo")


def test_errors_of_relcode_pass_as_they_are(package: Callable[..., None]) -> None:
    package("lab-tools", "1.2.0", {"words": {"hello": "lab_words:X"}}, lab_words="X = ''")
    with pytest.raises(UsageError, match="expected so"), running(WORDS.plugin("hello")):
        raise UsageError("expected so")


def readers(package: Callable[..., None], **entries: str) -> None:
    package("lab-tools", "1.2.0", {"readers": entries}, lab_reader=READER)


def test_a_reader_is_told_from_the_content_after_the_built_in_ones(
    package: Callable[..., None], tmp_path: Path
) -> None:
    readers(package, lab="lab_reader:THING")
    (tmp_path / "S1.lab").write_text("%%\nCome in.\n")
    (tmp_path / "S2.lab").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nT: Yes.\n")
    first, second = read_sessions([tmp_path])
    assert [turn.text for turn in (*first, *second)] == ["Come in.", "Yes."]
    assert formats_known()[-1] == "lab"


def test_a_broken_reader_does_not_keep_others_from_reading(package: Callable[..., None], tmp_path: Path) -> None:
    readers(package, bad="lab_reader:SNIFFS_BADLY", lab="lab_reader:THING", gone="no_such:X", csv="lab_reader:THING")
    (tmp_path / "S1.lab").write_text("%%\nCome in.\n")
    assert [turn.text for turn in read_file(tmp_path / "S1.lab")[0]] == ["Come in."]
    (tmp_path / "S2.xyz").write_text("Nothing that anybody reads")
    with pytest.raises(TranscriptError) as told:
        read_file(tmp_path / "S2.xyz")
    message = str(told.value)
    assert "The reader bad of the package lab-tools 1.2.0 (lab_reader:SNIFFS_BADLY) cannot look at" in message
    assert "KeyError in lab_reader.py, line" in message
    assert "The reader gone" in message
    assert "The reader csv of the package lab-tools 1.2.0 (lab_reader:THING) is not offered" in message
    assert "Miller" not in message


@pytest.mark.parametrize(("entry", "attribute"), [("worse", "READS_BADLY"), ("none", "READS_NOTHING")])
def test_what_a_reader_raises_is_a_fault_of_its_file(
    package: Callable[..., None], tmp_path: Path, entry: str, attribute: str
) -> None:
    readers(package, **{entry: f"lab_reader:{attribute}"})
    suffix = {"worse": ".wrs", "none": ".nth"}[entry]
    (tmp_path / f"S1{suffix}").write_text("He said hello")
    with pytest.raises(TranscriptError, match=f"reader {entry} of the package lab-tools") as told:
        read_sessions([tmp_path])
    assert "Miller" not in str(told.value)


def test_a_coefficient_that_fails_is_undefined_and_the_others_are_not(package: Callable[..., None]) -> None:
    from relcode.reliability import COEFFICIENTS, coefficients

    source = (
        "import numpy as np\n"
        "def fails(sums):\n    raise ZeroDivisionError\n"
        "def misshapen(sums):\n    return np.zeros(3)\n"
        "def half(sums):\n    return np.full(sums.paired.shape, 0.5)\n"
        "def nothing(sums):\n    return np.full(sums.paired.shape, np.nan)\n"
    )
    entries = {name: f"lab_sums:{name}" for name in ("fails", "misshapen", "half", "nothing")}
    package("lab-tools", "1.2.0", {"coefficients": entries | {"alpha": "lab_sums:half"}}, lab_sums=source)
    ratings = np.array([[0, 1, 1, 0.0], [0, 1, 0, 0]])
    weights = np.array([[1, 1], [2, 0], [0, 2]])
    found, by_draw = coefficients(ratings, session_row=np.array([0, 0, 1, 1]), weights=weights)
    assert set(found) == {*COEFFICIENTS, *entries}
    assert (found["half"].value, found["half"].low, found["half"].high) == (0.5, 0.5, 0.5)
    assert "ZeroDivisionError" in str(found["fails"].reason)
    assert "gave the axes (3,)" in str(found["misshapen"].reason)
    assert found["nothing"].reason == "the plug-in gives no value for these ratings"
    assert found["alpha"].value != 0.5
    assert {len(values) for values in by_draw.values()} == {3}


def test_a_feature_that_gives_no_boolean_a_segment_is_named(
    package: Callable[..., None], session_of: Callable[..., Any]
) -> None:
    from relcode.codebook.schema import Code, Codebook, Condition, Cue
    from relcode.cues import preannotate

    source = "import numpy as np\ndef text(table):\n    return np.array(['x'])\n"
    package("lab-tools", "1.2.0", {"features": {"odd": "lab_feature:text"}}, lab_feature=source)
    cue = Cue(id="c", weight=9, when=Condition(features=["odd"]))
    code = Code(id="X", name="x", speakers=["T"], definition="x", prior=0.1, cues=[cue])
    book = Codebook(id="b", version="1.0.0", title="t", authors=["a"], codes=[code])
    with pytest.raises(PluginError, match="feature odd of the package lab-tools") as told:
        preannotate([session_of("T: Hello.")], book)
    assert "expected booleans, one a segment" in told.value.message


def test_a_cue_fires_where_all_the_features_that_it_names_hold(
    package: Callable[..., None], session_of: Callable[..., Any]
) -> None:
    from relcode.codebook.schema import Code, Codebook, Condition, Cue
    from relcode.cues import preannotate

    source = (
        "import numpy as np\n"
        "def even_turn(table):\n    return table.turn_number[table.segment_turn] % 2 == 0\n"
        "def second_segment(table):\n    return np.append(False, np.diff(table.segment_turn) == 0)\n"
    )
    entries = {"even-turn": "lab_feature:even_turn", "second": "lab_feature:second_segment"}
    package("lab-tools", "1.2.0", {"features": entries}, lab_feature=source)
    asked = {"NONE": {}, "EVEN": {"features": ["even-turn"]}, "SECOND": {"features": ["second"]},
             "BOTH": {"features": ["second", "even-turn"]}, "CLIENT": {"features": ["second"], "speaker": "C"}}  # fmt: skip
    codes = [
        Code(id=name, name=name, speakers=["T", "C"], definition="x", prior=0.1,
             cues=[Cue(id="c", weight=9, when=Condition(**when))])
        for name, when in asked.items()
    ]  # fmt: skip
    book = Codebook(id="b", version="1.0.0", title="t", authors=["a"], codes=codes)
    lines = ["T: One is here. Two is here.", "C: Three is here. Four is here.", "T: Five is here."]
    found: dict[str, list[str]] = {}
    for span in preannotate([session_of(*lines), session_of(*lines[::2], session_id="S2")], book):
        found.setdefault(span.code, []).append(span.text.replace(" is here.", "").replace(" ", "+"))
    assert found == {
        "NONE": ["One+Two", "Three+Four", "Five", "One+Two", "Five"],
        "EVEN": ["Three+Four", "Five"],
        "SECOND": ["Two", "Four", "Two"],
        "BOTH": ["Four"],
        "CLIENT": ["Four"],
    }


def test_a_codebook_with_a_feature_that_is_not_here_has_a_fault_with_its_line(tmp_path: Path) -> None:
    from relcode.codebook import codebook_faults

    book = Path(__file__).parents[2] / "examples" / "plugin" / "silence.yaml"
    _, (fault,) = codebook_faults(book)
    assert fault.startswith(f"{book}:")
    assert "No installed package has a feature 'after-silence'" in fault


def test_the_command_lists_what_is_wrong_and_ends_so(package: Callable[..., None], relcode: Callable[..., Any]) -> None:
    assert relcode("plugins").status == 0
    readers(package, lab="lab_reader:THING", csv="lab_reader:THING", gone="no_such_module:X")
    done = relcode("plugins", "--json")
    assert done.status == 1
    rows = {row["name"]: row["fault"] for row in json.loads(done.out)["plugins"]}
    assert rows["lab"] is None
    assert rows["csv"] == "relcode itself has a reader of that name"
    assert "No module named 'no_such_module'" in rows["gone"]
    assert "3 plug-in(s), 2 of them cannot be used." in done.err
    assert "no_such_module" in relcode("plugins").out


@pytest.mark.parametrize(
    ("value", "said"), [("lab_out:BAD", "gave no bytes"), ("lab_out:FAILS", "cannot write session S1: KeyError"),
                        ("lab_out:NAMED", "under a plain name"), ("lab_out:OTHER", "gives no relcode.exports")]
)  # fmt: skip
def test_an_exporter_that_does_not_do_its_work_writes_nothing(
    package: Callable[..., None], relcode: Callable[..., Any], tmp_path: Path, value: str, said: str
) -> None:
    from relcode.records import Session, Span, Turn
    from relcode.spans import write_spans
    from relcode.transcripts import write_session

    source = (
        "from relcode.exports import LabelExporter, TranscriptExporter\n"
        "def fails(session):\n    raise KeyError('I said so')\n"
        "BAD = TranscriptExporter('lab', lambda session: 'text')\n"
        "FAILS = TranscriptExporter('lab', fails)\n"
        "NAMED = LabelExporter(lambda labelled: {'../evil': b''})\n"
        "OTHER = fails\n"
    )
    package("lab-tools", "1.2.0", {"exporters": {"lab": value}}, lab_out=source)
    write_session(Session("S1", (Turn(1, "T", "I said so."),)), tmp_path / "t")
    write_spans(tmp_path / "l.jsonl", [Span("S1", 1, 0, 1, "I", "TSI", source="coder:a")])
    more = ["--labels", tmp_path / "l.jsonl"] if value.endswith("NAMED") else []
    done = relcode("export", tmp_path / "t", "--to", "lab", "--out", tmp_path / "out", *more)
    assert (done.status, said in done.err) == (1, True)
    assert "I said so" not in done.err
    assert not list(tmp_path.glob("out/*"))
    assert not (tmp_path / "evil").exists()


def test_the_exporters_built_in_are_those_of_the_tables() -> None:
    from relcode.exports import WRITERS
    from relcode.exports.labels import LABEL_FORMATS
    from relcode.exports.plugins import BUILT_IN

    assert set(BUILT_IN) == {*WRITERS, *LABEL_FORMATS}
