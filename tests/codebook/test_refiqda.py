"""REFI-QDA codebooks: relcode's own come back whole, with what was edited elsewhere; other programs' are read with notes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from relcode.codebook import Code, Codebook, Cue, Examples, Rule, compose_codebooks, load_codebook
from relcode.codebook.refiqda import DEFAULT_PRIOR, read_qdc, write_qdc
from relcode.codebook.refiqda.names import LONGEST, id_from_name
from relcode.codebook.refiqda.text import describe_code, read_code_text
from relcode.codebook.write import as_yaml, write_codebook
from relcode.errors import CodebookError

SHIPPED = sorted((Path(__file__).parents[2] / "codebooks").glob("*.yaml"))
DATA = Path(__file__).parents[1] / "data" / "refi-qda"
SCHEMA = etree.XMLSchema(etree.parse(DATA / "codebook.xsd"))
NS = "{urn:QDA-XML:codebook:1.0}"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="X">\n<Codes>\n'
GUID = "00000000-0000-0000-0000-00000000000"
TEXTS = st.text(min_size=1, max_size=80)

SMALL = Codebook(
    id="small",
    version="1.2.3",
    title="Small",
    authors=["A"],
    description="What it is for.",
    lexicons={"low": ["sad", "<glum>"], "glum": ["glum"]},
    codes=[
        Code(
            id="INT.deep",
            name="Interpretation: deep",
            speakers=["T"],
            definition="Says what lies below.\n\nNot what is plain.",
            prior=0.07,
            include=["A guess & a <mark>."],
            rules=[Rule(against="TSI", ask="Whose feeling?")],
            examples=Examples(hit=["You feel “low”."], near_miss=["I feel low."]),
            exclusive="main",
            color="#12aB34",
            cues=[Cue(id="low", weight=2.5, patterns=["you feel <low>|--- relcode ---"])],
        ),
        Code(id="TSI", name="Self", speakers=["T", "C"], definition="Own.", prior=0.1, exclusive="main"),
        Code(id="TSI.sub", name="Self", speakers=["C"], definition="Own, below.", prior=0.1, parent="TSI", mode=False),
    ],
)


def changed(tmp_path: Path, change: Callable[[str], str], book: Codebook = SMALL) -> Path:
    """The `.qdc` of a codebook after another program (the change) had it."""
    path = tmp_path / "small.qdc"
    write_qdc(book, path)
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_codebook_is_valid_and_comes_back_whole(path: Path, tmp_path: Path) -> None:
    book = load_codebook(path)
    write_qdc(book, tmp_path / "book.qdc")
    SCHEMA.assertValid(etree.parse(tmp_path / "book.qdc"))
    assert read_qdc(tmp_path / "book.qdc") == (book, [])


@settings(max_examples=40, deadline=None)
@given(name=TEXTS, definition=TEXTS, item=TEXTS, pattern=TEXTS, title=TEXTS)
def test_any_text_comes_back_and_is_valid(
    name: str, definition: str, item: str, pattern: str, title: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cue = Cue(id="c", weight=1.0, patterns=[pattern])
    examples = Examples(near_hit=[item])
    code = Code(
        id="A",
        name=name,
        speakers=["T"],
        definition=definition,
        prior=0.1,
        include=[item],
        examples=examples,
        cues=[cue],
    )
    book = Codebook(id="any", version="1.0.0", title=title, authors=[item], description=definition, codes=[code])
    path = tmp_path_factory.mktemp("any") / "any.qdc"
    write_qdc(book, path)
    SCHEMA.assertValid(etree.parse(path))
    assert read_qdc(path).codebook == book


def test_codes_lie_in_their_parents_and_families_in_folders(tmp_path: Path) -> None:
    write_qdc(SMALL, tmp_path / "small.qdc")
    root = etree.parse(tmp_path / "small.qdc").getroot()
    lies = [(code.get("name"), code.get("isCodable"), code.getparent().get("name")) for code in root.iter(f"{NS}Code")]
    assert lies == [
        ("Small", "false", None),
        ("INT", "false", "Small"),
        ("Interpretation: deep", "true", "INT"),
        ("Self", "true", "Small"),
        ("Self (TSI.sub)", "true", "Self"),
    ]
    names = {code.get("guid"): code.get("name") for code in root.iter(f"{NS}Code")}
    sets = {each.get("name"): [names[member.get("guid")] for member in each] for each in root.iter(f"{NS}Set")}
    assert sets == {
        "Speaker: therapist": ["Interpretation: deep", "Self"],
        "Speaker: client": ["Self", "Self (TSI.sub)"],
        "At most one: main": ["Interpretation: deep", "Self"],
    }


def test_guids_are_the_same_at_every_export_and_differ_between_codebooks(tmp_path: Path) -> None:
    found = []
    for book in (SMALL, msgspec.structs.replace(SMALL, version="2.0.0"), msgspec.structs.replace(SMALL, id="other")):
        write_qdc(book, tmp_path / "a.qdc")
        found.append({element.get("guid") for element in etree.parse(tmp_path / "a.qdc").iter(f"{NS}Code", f"{NS}Set")})
    assert found[0] == found[1]
    assert not found[0] & found[2]


def test_the_description_reads_well() -> None:
    assert describe_code(SMALL.codes[0]) == (
        "Code INT.deep; speaker: therapist.\n\n"
        "Says what lies below.\n\nNot what is plain.\n\n"
        "Include:\n- A guess & a <mark>.\n\n"
        "Which code?\n- against TSI: Whose feeling?\n\n"
        "Examples, yes:\n- “You feel “low”.”\n\n"
        "Examples, no, though they look like hits:\n- “I feel low.”"
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_text_alone_gives_definition_rules_and_examples_again(path: Path) -> None:
    for code in load_codebook(path).codes:
        read = msgspec.convert(
            {"id": "x", "name": "x", "speakers": ["T"], "prior": 0.1, **read_code_text(describe_code(code))}, Code
        )
        same = ("definition", "include", "exclude", "rules", "examples")
        assert [getattr(read, key) for key in same] == [getattr(code, key) for key in same]


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ('name="Interpretation: deep"', 'name="Depth"', "name", "Depth"),
        (
            "Says what lies below.",
            "Says what lies under it.",
            "definition",
            "Says what lies under it.\n\nNot what is plain.",
        ),
        ("Include:\n- A guess", "Include:\n- New.\n- A guess", "include", ["New.", "A guess & a <mark>."]),
        (
            "- against TSI: Whose feeling?",
            "- against TSI: Who feels?",
            "rules",
            [Rule(against="TSI", ask="Who feels?")],
        ),
        ("- against TSI: Whose feeling?", "- Ask somebody.", "rules", []),
        ('color="#12aB34"', 'color="#abcdef"', "color", "#ABCDEF"),
        ('color="#12aB34"', 'color="#0f8"', "color", "#00FF88"),
    ],
)
def test_what_was_edited_elsewhere_is_taken_and_the_rest_kept(
    tmp_path: Path, old: str, new: str, field: str, value: object
) -> None:
    book, notes = read_qdc(changed(tmp_path, lambda text: text.replace(old, new, 1)))
    edited, code = book.codes[0], SMALL.codes[0]
    assert getattr(edited, field) == value
    assert (edited.cues, edited.prior, edited.examples) == (code.cues, code.prior, code.examples)
    assert book.codes[1:] == SMALL.codes[1:]
    assert "INT.deep" in notes[0]


def test_a_rule_that_names_no_code_is_not_lost(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda text: text.replace("- against TSI: Whose feeling?", "- Ask somebody."))
    assert read_qdc(path).codebook.codes[0].definition.endswith("Ask somebody.")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: re.sub(r"(?<=[^>])\n+(?! *<)", " ", text),  # line ends lost
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("---", "—"),
        lambda text: text.replace('color="#12aB34"', 'color="#12ab34"'),
        lambda text: re.sub(r"<Sets>.*</Sets>", "", text, flags=re.DOTALL),
        lambda text: re.sub(r'guid="[^"]*"', 'guid=""', re.sub(r"<Sets>.*</Sets>", "", text, flags=re.DOTALL)),
        lambda text: text.replace(' isCodable="false"', ' isCodable="true"'),
        lambda text: text.replace("codebook:1.0", "codebook:1:0"),
    ],
)
def test_what_programs_do_to_files_on_the_way_does_no_harm(tmp_path: Path, change: Callable[[str], str]) -> None:
    book, _ = read_qdc(changed(tmp_path, change))
    assert (book, book.codes[0].cues[0].patterns) == (SMALL, ["you feel <low>|--- relcode ---"])


def test_colours_that_another_program_moved_can_be_kept(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda text: text.replace('color="#12aB34"', 'color="#118833"'))
    assert read_qdc(path).codebook.codes[0].color == "#118833"
    assert read_qdc(path, keep_colors=True) == (SMALL, [])


def test_title_and_description_of_the_book_may_be_edited(tmp_path: Path) -> None:
    path = changed(
        tmp_path, lambda text: text.replace('name="Small"', 'name="Big"').replace("What it is for.", "New.", 1)
    )
    book, notes = read_qdc(path)
    assert (book.title, book.description, book.lexicons) == ("Big", "New.", SMALL.lexicons)
    assert len(notes) == 2


def test_codes_made_and_deleted_elsewhere(tmp_path: Path) -> None:
    def change(text: str) -> str:
        text = re.sub(r'<Code guid="[^"]*" name="Self \(TSI.sub\)".*?</Code>', "", text, flags=re.DOTALL)
        new = f'<Code guid="{GUID}1" name="New one" isCodable="true"/>'
        return text.replace("</Description>\n        <Code", f"</Description>\n{new}<Code", 1)

    book, notes = read_qdc(changed(tmp_path, change))
    assert book.code_ids == ("INT.deep", "TSI", "INT.new-one")
    assert book.codes[2].definition == "New one"
    assert "1 code(s) are no longer there: TSI.sub." in notes


def test_a_codebook_that_no_longer_fits_together_is_read_with_what_is_to_be_mended(tmp_path: Path) -> None:
    beats = msgspec.structs.replace(SMALL.codes[0], beats=["TSI.sub"])
    book = msgspec.structs.replace(SMALL, codes=[beats, *SMALL.codes[1:]])
    gone = re.compile(r'<Code guid="[^"]*" name="Self \(TSI.sub\)".*?</Code>', re.DOTALL)
    _, notes = read_qdc(changed(tmp_path, lambda text: gone.sub("", text), book))
    assert "To be mended: code INT.deep: beats TSI.sub: there is no such code." in notes


def test_a_block_that_was_cut_off_is_noted_and_the_text_taken(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda text: re.sub(r'(\{"code":\{"id":"INT.deep").*?(?=</Desc)', r"\1", text))
    book, notes = read_qdc(path)
    assert any("small.qdc:19: code INT.deep: relcode's line in its description is damaged" in note for note in notes)
    code = SMALL.codes[0]
    assert (book.codes[0].id, book.codes[0].definition, book.codes[0].rules) == (code.id, code.definition, code.rules)
    assert (book.codes[0].speakers, book.codes[0].exclusive, book.codes[0].cues) == (["T"], "main", [])
    assert book.codes[1:] == SMALL.codes[1:]


def test_a_note_written_below_the_block_is_kept(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        lambda text: text.replace('"}</Description>\n        </Code>', '"}\nAsk Ann.</Description>\n</Code>', 1),
    )
    assert "Ask Ann." in read_qdc(path).codebook.codes[0].definition


def test_a_folder_that_a_program_set_beside_a_code_is_not_a_second_code(tmp_path: Path) -> None:
    def change(text: str) -> str:
        code = re.search(r'<Code guid="[^"]*" name="Interpretation: deep".*?</Code>', text, re.DOTALL)
        mirror = re.sub(r'guid="[^"]*"', f'guid="{GUID}1"', code[0]).replace('isCodable="true"', 'isCodable="false"')
        return text.replace(code[0], f"{mirror}{code[0]}")

    assert read_qdc(changed(tmp_path, change)).codebook == SMALL


def test_several_codebooks_of_one_project_are_told_apart(tmp_path: Path) -> None:
    write_qdc(msgspec.structs.replace(SMALL, id="other", title="Other"), tmp_path / "other.qdc")
    other = re.search("<Codes>(.*)</Codes>", (tmp_path / "other.qdc").read_text(encoding="utf-8"), re.DOTALL)
    path = changed(tmp_path, lambda text: text.replace("</Codes>", f"{other[1]}</Codes>"))
    assert read_qdc(path, codebook_id="small") == (SMALL, [])
    assert read_qdc(path, codebook_id="other").codebook.title == "Other"
    with pytest.raises(CodebookError, match="several of relcode's codebooks: small, other"):
        read_qdc(path)
    with pytest.raises(CodebookError, match="holds small, other, not third"):
        read_qdc(path, codebook_id="third")


FOREIGN = {
    "nvivo": [
        ("alliance", "Alliance", None, "Everything on the bond.", "#888888", ["T", "C"]),
        ("alliance.strain", "Strain", "alliance", "Strain", "#FF0000", ["T", "C"]),
        (
            "alliance.repair-by-therapist",
            "Repair (by therapist)",
            "alliance",
            'The therapist takes the strain up.\n\nA second paragraph with "quotes", an & and 5 < 7.',
            "#888888",
            ["T", "C"],
        ),
        ("strain", "Strain", None, "Strain", "#888888", ["T", "C"]),
    ],
    "atlasti": [
        ("emotion-fear", "emotion: fear", None, "emotion: fear", "#FF0000", ["T", "C"]),
        ("emotion-joy", "emotion: joy", None, "Gladness of any kind.", "#00FF80", ["T", "C"]),
        ("code", "喜び", None, "喜び", "#0000FF", ["C"]),
    ],
    "maxqda": [
        ("gefuhle", "Gefühle", None, "Memo zum Obercode", "#8BB8E8", ["T", "C"]),
        ("gefuhle.angst-sorge", "Angst & Sorge", "gefuhle", "Angst & Sorge", "#8BB8E8", ["T", "C"]),
        (
            "gefuhle.grosse-zeigen-auch-wenn-es-schwer-fallt",
            "Größe zeigen, auch wenn es schwer fällt und lange dauert",
            "gefuhle",
            "Größe zeigen, auch wenn es schwer fällt und lange dauert",
            "#8BB8E8",
            ["T", "C"],
        ),
        ("code-3-sitzung", "3. Sitzung", None, "3. Sitzung", "#000000", ["T", "C"]),
    ],
    "qualcoder": [
        ("loose-end", "Loose end", None, "Loose end", "#F5A9A9", ["T", "C"]),
        ("modes-of-talk.question", "Question", None, "Asks for something.", "#58FA58", ["T", "C"]),
        ("modes-of-talk.question.open", "Open", "modes-of-talk.question", "Open", "#A9F5A9", ["T", "C"]),
    ],
}


@pytest.mark.parametrize("program", FOREIGN)
def test_codebooks_of_other_programs(program: str, tmp_path: Path) -> None:
    book, notes = read_qdc(DATA / f"{program}.qdc")
    found = [(code.id, code.name, code.parent, code.definition, code.color, code.speakers) for code in book.codes]
    assert found == FOREIGN[program]
    assert {code.prior for code in book.codes} == {DEFAULT_PRIOR}
    assert any(f"prior {DEFAULT_PRIOR} was assumed" in note for note in notes)
    write_codebook(book, tmp_path / f"{program}.yaml")
    assert load_codebook(tmp_path / f"{program}.yaml") == book
    write_qdc(book, tmp_path / f"{program}.qdc")
    assert read_qdc(tmp_path / f"{program}.qdc") == (book, [])


@pytest.mark.parametrize(
    ("program", "valid"), [("nvivo", False), ("atlasti", True), ("maxqda", True), ("qualcoder", True)]
)
def test_the_schema_tells_the_namespace_of_the_standard_from_another(program: str, valid: bool) -> None:
    assert SCHEMA.validate(etree.parse(DATA / f"{program}.qdc")) is valid


def test_what_a_codebook_has_no_place_for_stands_in_its_description() -> None:
    book, notes = read_qdc(DATA / "atlasti.qdc")
    assert book.description == "Set Emotions: emotion-fear, emotion-joy. All codes of feeling."
    assert "Set 'Emotions' has no place in a codebook; its members stand in the description." in notes
    book, notes = read_qdc(DATA / "qualcoder.qdc", codebook_id="talk", prior=0.2)
    assert (book.id, book.title, book.sources) == ("talk", "qualcoder", ["REFI-QDA codebook exported by QualCoder."])
    assert book.description == "Modes of talk: How the therapist talks."
    assert [code.prior for code in book.codes] == [0.2] * 3
    assert any("folder 'Empty' has no codes" in note for note in notes)


@pytest.mark.parametrize(
    ("name", "code_id"),
    [
        ("TSI", "TSI"),
        ("Self disclosure", "self-disclosure"),
        ("Mother's voice", "mothers-voice"),
        ("Ärger/Wut", "arger-wut"),
        ("2nd order", "code-2nd-order"),
        ("…", "code"),
        ("x" * 99, "x" * LONGEST),
    ],
)
def test_ids_from_names(name: str, code_id: str) -> None:
    assert id_from_name(name, ()) == code_id
    assert id_from_name(name, {code_id}) == f"{code_id}-2"


ONE = f'<Code guid="{GUID}1" name="a" isCodable="true"/>\n'
END = "</Codes>\n</CodeBook>\n"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("no xml", ["line 1, is not XML"]),
        (HEAD, ["line 4, is not XML"]),
        ("", ["is not XML"]),
        (f"<Project xmlns='urn:QDA-XML:project:1.0'>{ONE}</Project>", ["its root is <Project>", "not the project"]),
        ("<CodeBook xmlns='urn:other'/>", ["its root is <CodeBook> (urn:other)"]),
        ("<CodeBook/>", [":1: <Codes> is missing"]),
        (HEAD + END, ["there is no code in it"]),
        (HEAD + f'<Code guid="{GUID}1" name="a" isCodable="false"/>' + END, ["there is no code in it"]),
        (HEAD + ONE + ONE.replace('"a"', '"b"') + END, [":5: code 'b' has the guid of line 4"]),
        (HEAD + ONE.replace("/>", ' color="red"/>') + END, [":4: code 'a': color 'red'; expected the form #RRGGBB"]),
        (HEAD + ONE.replace("true", "maybe") + END, [":4: code 'a': isCodable 'maybe'"]),
        (
            HEAD + ONE.replace('"a"', '" "') + ONE.replace("/>", ' color="#12345"/>') + END,
            [":4: a code has no name", ":5: code 'a' has the guid", ":5: code 'a': color"],
        ),
        (HEAD + ONE.replace("/>", ">") * 70 + "</Code>" * 70 + END, ["over 64 deep"]),
        (HEAD.replace("utf-8", "no-such") + ONE + END, ["XML"]),
    ],
)
def test_faults_are_listed_with_their_lines(tmp_path: Path, text: str, faults: list[str]) -> None:
    (tmp_path / "bad.qdc").write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError) as caught:
        read_qdc(tmp_path / "bad.qdc")
    assert [fault for fault in faults if fault not in str(caught.value)] == []


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE CodeBook>",
        '<!DOCTYPE CodeBook SYSTEM "http://127.0.0.1/evil.dtd">',
        '<!DOCTYPE CodeBook [<!ENTITY secret SYSTEM "secret.txt">]>',
        '<!DOCTYPE CodeBook [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_document_types_and_entities_are_refused(tmp_path: Path, doctype: str) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    text = HEAD.replace("?>\n", f"?>\n{doctype}\n") + ONE + END
    (tmp_path / "evil.qdc").write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError, match="line 2: it has a document type or entities") as caught:
        read_qdc(tmp_path / "evil.qdc")
    assert "SECRET" not in str(caught.value)


def test_a_block_that_somebody_made_up_is_a_fault_with_its_line(tmp_path: Path) -> None:
    path = changed(
        tmp_path, lambda text: text.replace('"prior":0.07', '"prior":"high"').replace('"weight":2.5', '"wait":2.5')
    )
    with pytest.raises(CodebookError) as caught:
        read_qdc(path)
    assert any(":19: code INT.deep: prior" in fault for fault in caught.value.faults)
    assert any("wait" in fault for fault in caught.value.faults)


def read_block(tmp_path: Path, block: str) -> tuple[str, ...]:
    code = (
        f'<Code guid="{GUID}2" name="b" isCodable="true"><Description>t\n--- relcode ---\n{block}</Description></Code>'
    )
    (tmp_path / "odd.qdc").write_text(HEAD + ONE + code + END, encoding="utf-8")
    return read_qdc(tmp_path / "odd.qdc").codebook.code_ids


@pytest.mark.parametrize(
    "block", ['{"code":1}', '{"code":{"id":[]}}', "{}", '{"folder":null}', '{"codebook":"x"}', "[1]", ""]
)
def test_a_block_of_another_form_is_no_block(tmp_path: Path, block: str) -> None:
    assert read_block(tmp_path, block) == ("a", "b")


@pytest.mark.parametrize(
    "block", ['{"code":{"id":"B"}}', '{"code":{"id":"B","cues":3}}', '{"code":{"id":"B","wait":3}}']
)
def test_a_block_with_faults_names_them(tmp_path: Path, block: str) -> None:
    with pytest.raises(CodebookError) as caught:
        read_block(tmp_path, block)
    assert caught.value.faults
    assert all("odd.qdc:5: " in fault for fault in caught.value.faults)


def test_the_book_s_block_with_faults_names_them(tmp_path: Path) -> None:
    block = '{"codebook":{"id":"x","codes":3,"version":[]},"codes":{"a":1}}'
    with pytest.raises(CodebookError, match=r"odd.qdc:5: version"):
        read_block(tmp_path, block)


def test_a_codebook_that_is_used_but_not_here_is_noted(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda text: text.replace('"lexicons":', '"uses":["nowhere@1.0.0"],"lexicons":', 1))
    book, notes = read_qdc(path)
    assert (book.uses, book.used) == (["nowhere@1.0.0"], [])
    assert any("Uses nowhere@1.0.0, which could not be loaded" in note for note in notes)
    (tmp_path / "nowhere.yaml").write_text(
        as_yaml(msgspec.structs.replace(SMALL, id="nowhere", version="1.0.0")), encoding="utf-8"
    )
    assert read_qdc(path, folders=[tmp_path]).codebook.used[0].id == "nowhere"


def test_codebooks_put_together_are_exported_one_at_a_time(tmp_path: Path) -> None:
    both = compose_codebooks([load_codebook("annomi"), load_codebook("ccrt")])
    with pytest.raises(CodebookError, match="one at a time"):
        write_qdc(both, tmp_path / "both.qdc")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="Cannot read"):
        read_qdc(tmp_path / "none.qdc")
