"""Commands, their help, the reference and the pages say the same: everything that is written is parsed, nothing is run."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_lines import Written, calls, fault, leaves, mention_fault, written
from relcode.cli import VERBS

REPOSITORY = Path(__file__).parents[1]
PAGES = {
    path.relative_to(REPOSITORY).as_posix(): path
    for path in (
        *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "models/README.md")),
        *sorted((REPOSITORY / "docs").glob("*.md")),
        *sorted((REPOSITORY / "examples").rglob("README.md")),
    )
}
COMMANDS = leaves()
SHELL = ("sh", "bash", "", "text")  # blocks in which commands stand; those of output name the next one
PROJECT_IN_DOCCANO = re.compile(r"relcode (1|pilot|<batch>) \w+")  # its name: the batch, and the coder
OTHER_PROGRAMS = {"--constraint constraints.txt": "pip", "--diarize": "WhisperX", "--parallel 4": "llama.cpp"}
SCRIPTS = {path: path.read_text(encoding="utf-8") for path in (REPOSITORY / "benchmarks").rglob("*.py")}
MODULES = [
    f"/{path.relative_to(REPOSITORY).as_posix()}"
    for folder in ("benchmarks", "examples", "release", "src", "tests")
    for path in (REPOSITORY / folder).rglob("*.py")
]
SOURCES = sorted((REPOSITORY / "src" / "relcode").rglob("*.py"))


def example_of(command: Any) -> str:
    """The line behind `Example:` in a command's help."""
    return " ".join(command.help.partition("Example: ")[2].split())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_example_in_the_help_parses(words: tuple[str, ...]) -> None:
    (called,) = calls(example_of(COMMANDS[words]))
    assert tuple(called[: len(words)]) == words
    assert fault(called, whole=True) is None


@pytest.fixture(scope="module")
def reference() -> str:
    """The page of commands, as the site holds it."""
    spec = importlib.util.spec_from_file_location("hook", REPOSITORY / "docs" / "hooks" / "commands.py")
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    return str(hook.page())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_reference_has_the_command_with_its_options_and_its_example(words: tuple[str, ...], reference: str) -> None:
    command = COMMANDS[words]
    (section,) = re.findall(
        rf"^###? relcode {' '.join(words)}\n(?:.(?!^#))*?```text\n(.*?)^```", reference, re.MULTILINE | re.DOTALL
    )
    assert section.startswith(f"Usage: relcode {' '.join(words)} ")
    assert example_of(command) in " ".join(section.split())
    options = [name for option in command.params for name in (*option.opts, *option.secondary_opts)]
    options = [name for name in options if name.startswith("--") and "completion" not in name]
    assert [name for name in options if name not in section] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_it_completes(
    relcode: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], shell: str
) -> None:
    """Its name from all but the last letter, and every option, asked as the shell's script asks."""

    def proposed(line: str) -> set[str]:
        monkeypatch.setenv("_RELCODE_COMPLETE", f"complete_{shell}")
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        return set(re.findall(r"[\w-]+", relcode().out))

    name = " ".join(words)
    assert words[-1] in proposed(f"relcode {name[:-1]}")
    options = {option.opts[0] for option in COMMANDS[words].params if option.opts[0].startswith("--")}
    options = {option for option in options if "completion" not in option}
    assert options <= proposed(f"relcode {name} --")


def test_beside_a_subcommand_the_files_are_proposed_that_could_be_meant(
    relcode: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    (tmp_path / "room.jsonl").touch()
    monkeypatch.setenv("_RELCODE_COMPLETE", "complete_fish")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    for typed, expected in {"": ["review", "raw/", "room.jsonl"], "re": ["review"], "ro": []}.items():
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", f"relcode deid {typed}")
        assert [line.split("\t")[0] for line in relcode().out.split("\n") if line.strip()] == expected


def page_faults(page: str) -> list[str]:
    found = []
    for piece in written(PAGES[page], page):
        if piece.text in OTHER_PROGRAMS or (piece.kind is None and PROJECT_IN_DOCCANO.fullmatch(piece.text)):
            continue
        if piece.kind is None or piece.kind in SHELL:
            faults = [fault(words, whole=piece.kind is not None) for words in calls(piece.text)]
            faults += [script_fault(words) for words in calls(piece.text, "python")]
            if piece.kind is None:
                faults += [mention(piece), path_fault(piece.text)]
            found += [f"{piece}\n  {each}" for each in faults if each]
    return found


def mention(piece: Written) -> str | None:
    """Inline code without `relcode`; options may also be those of a script that measures."""
    said = mention_fault(piece.text)
    if said and piece.text.startswith("--"):
        options = re.findall(r"(?<!\S)--[\w-]+", piece.text)
        if all(any(f'"{option}"' in text for text in SCRIPTS.values()) for option in options):
            return None
    return said


def script_fault(words: list[str]) -> str | None:
    """Of `python benchmarks/...`: whether the script is there, and has the options."""
    if not words or not words[0].endswith(".py"):
        return None
    script = REPOSITORY / words[0].removeprefix("relcode/")  # where the tutorial has its clone
    if not script.is_file():
        return f"no file {words[0]}"
    texts = "".join(path.read_text(encoding="utf-8") for path in script.parent.glob("*.py"))
    missing = [word for word in words if word.startswith("--") and f'"{word}"' not in texts]
    return f"{words[0]} has no {', '.join(missing)}" if missing else None


def path_fault(text: str) -> str | None:
    """Of inline code that names a file of the repository: whether it is there; a module may be named by the end of its path."""
    if "<" in text or "*" in text or " " in text:
        return None
    if re.match(r"(src|tests|benchmarks|examples|docs|release)/\w", text):
        return None if (REPOSITORY / text).exists() else "no such file in the repository"
    if re.fullmatch(r"[\w/]+\.py", text) and not any(module.endswith(f"/{text}") for module in MODULES):
        return "no such module"
    return None


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_what_there_is(page: str) -> None:
    assert page_faults(page) == []


def test_the_pages_were_read() -> None:
    """Every verb is called in one of them. Were code not found in pages, nothing above could fail."""
    pieces = [piece for name, path in PAGES.items() for piece in written(path, name)]
    called = [words for piece in pieces for words in calls(piece.text)]
    assert {words[0] for words in called if words and words[0] in VERBS} == set(VERBS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("relcode scores", "no command scores"),
        ("relcode codebook check x", "none of list, lint"),
        ("relcode models list --fast", "No such option: --fast"),
        ("FOO=1 relcode score SRC", "lacks model"),
        ("echo done && relcode status study", "more than the command takes: study"),
        ("relcode train --kind forest", "--kind forest: expected one of linear"),
        ("relcode train --folds two", "Invalid value for '--folds'"),
        ("relcode deid raw --mode hide", "'hide' is not one of"),
        ("relcode score transcripts --model --out scores", "lacks out"),
    ],
)
def test_what_is_wrong_in_a_line_is_said(line: str, said: str) -> None:
    (words,) = calls(line)
    assert said in str(fault(words, whole=True))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("--kind encoder", True),
        ("--kind forest", False),
        ("--forest", False),
        ("doccano up --per-coder", True),
        ("up --per-coder", True),
        ("up --per-team", False),
        ("deid --decisions", True),
        ("deid --decision", False),
        ("adjudicate push", True),
        ("ledger export --out tables [--format parquet]", True),
        ("ledger export --out tables [--format excel]", False),
        ("import relcode", True),
        ("it's", True),
    ],
)
def test_a_mention_is_right_where_some_command_takes_it(text: str, right: bool) -> None:
    assert (mention_fault(text) is None) == right


def test_commands_named_in_messages_are_there() -> None:
    """What errors, notes and help tell people to run; what a message fills in stands for itself."""
    found, seen = [], 0
    sources = {path: path.read_text(encoding="utf-8") for path in SOURCES}
    for path, source in sources.items():
        for text in strings(ast.parse(source)) if "`relcode " in source else ():
            for code in re.findall(r"`(relcode [^`]+)`", text):
                for words in calls(code):
                    seen += 1
                    if said := fault(words, whole=False):
                        found.append(f"{path.relative_to(REPOSITORY)}: {code}\n  {said}")
    assert found == []
    assert seen > 100


def strings(tree: ast.AST) -> list[str]:
    """The texts of a module; `FILLED` where a value is put in."""
    texts = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            texts.append(
                "".join(str(part.value) if isinstance(part, ast.Constant) else "FILLED" for part in node.values)
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return texts
