"""The project folder: made whole or not at all; every fault of its configuration named by key."""

from __future__ import annotations

import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.configuration import configuration_text
from relcode.errors import ProjectError
from relcode.ledger import Ledger
from relcode.project import Project


def test_a_new_project_has_every_part(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "deep" / "study", coders=["A", "B"])
    assert project.name == "study"
    assert project.coders == ("A", "B")
    assert project.codebook == "relational-core"
    assert project.doccano_url is None
    parts = ("transcripts", "codebooks", "suggestions", "labels", "models", "reports")
    assert all(getattr(project, part).is_dir() for part in parts)
    assert Ledger(project.ledger_path).verify() == []
    assert stat.S_IMODE(project.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(project.ledger_path.stat().st_mode) == 0o600
    assert "*" in (project.folder / ".gitignore").read_text().splitlines()


def test_git_sees_nothing_of_a_project(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    project = Project.create(tmp_path / "study")
    (project.transcripts / "S1.jsonl").write_text("{}")
    status = subprocess.run(
        ["git", "-C", str(tmp_path), "status", "--porcelain"], check=True, capture_output=True, text=True
    )
    assert status.stdout == ""


def test_options_reach_the_configuration(tmp_path: Path) -> None:
    made = Project.create(
        tmp_path / "p", name='Rupture "und" Fürsorge \\ 1', codebook="own@2.0.0", doccano_url="https://d.example.org"
    )
    assert made == Project.load(tmp_path / "p")
    assert (made.name, made.codebook) == ('Rupture "und" Fürsorge \\ 1', "own@2.0.0")
    assert made.doccano_url == "https://d.example.org"


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1))
def test_any_printable_name_survives_the_configuration(name: str) -> None:
    text = configuration_text({"name": name, "codebook": "c", "coders": [], "doccano": {}})
    assert tomllib.loads(text)["name"] == name


def test_an_existing_project_is_left_as_it_is(tmp_path: Path) -> None:
    first = Project.create(tmp_path / "p", coders=["A"])
    before = (tmp_path / "p" / "relcode.toml").read_bytes()
    assert Project.create(tmp_path / "p", name="other", coders=["B"]) == first
    assert (tmp_path / "p" / "relcode.toml").read_bytes() == before


def test_a_folder_with_something_else_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("")
    mode = tmp_path.stat().st_mode
    with pytest.raises(ProjectError, match="not empty"):
        Project.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]
    assert tmp_path.stat().st_mode == mode


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert Project.create(tmp_path).folder == tmp_path


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("")
    with pytest.raises(ProjectError, match="Cannot make"):
        Project.create(tmp_path / "p")
    with pytest.raises(ProjectError, match="Cannot make"):
        Project.create(tmp_path / "p" / "q")
    with pytest.raises(ProjectError, match="too long"):
        Project.create(tmp_path / ("x" * 300))


@pytest.mark.parametrize("taken", [True, False])
def test_nothing_is_left_when_it_fails_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool) -> None:
    folder = tmp_path / "deep" / "study"
    if taken:
        folder.mkdir(parents=True)

    def fail(path: Path, text: str) -> None:
        if path.name == "relcode.toml":
            raise OSError(28, "No space left on device")
        path.write_text(text)

    monkeypatch.setattr("relcode.project.write_text", fail)
    with pytest.raises(ProjectError, match="No space left"):
        Project.create(folder)
    assert list(tmp_path.rglob("*")) == ([folder.parent, folder] if taken else [])


def test_faulty_values_are_all_named_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        Project.create(tmp_path / "p", name="", coders=["A", "a", "no/slash"], codebook="x y", doccano_url="localhost")
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "name",
        "codebook",
        "coders",
        "coders",
        "doccano.url",
    ]
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('name = "x"', []),
        ('nmae = "x"', ["nmae", "name"]),
        ('name = 3\ncoders = "A"', ["name", "coders"]),
        ('name = "x"\ndoccano = 1', ["doccano"]),
        ('name = "x"\n[doccano]\nport = 1', ["doccano.port"]),
        ('name = "x"\n[doccano]\nurl = "http://me:secret@host"', ["doccano.url"]),
        ('name = "x"\n[doccano]\nurl = "http://[bad"', ["doccano.url"]),
        ('name = "x"\n[adjudication]\ndisputes = "distance:0.5"\nsingle = "leave"\nreasons = "required"', []),
        ('name = "x"\n[adjudication]\ndisputes = "distance:2"', ["adjudication.disputes"]),
        ('name = "x"\n[adjudication]\nsingle = true\nwho = "A"', ["adjudication.single", "adjudication.who"]),
        ('name = "x"\n[certification]\nthreshold = 1\ninstances = 1\ncoefficient = "f1"', []),
        (
            'name = "x"\n[certification]\nthreshold = 0\ninstances = true',
            ["certification.threshold", "certification.instances"],
        ),
        ('name = "x"\ncertification = 1', ["certification"]),
    ],
)
def test_faults_of_the_configuration_are_named_by_key(tmp_path: Path, text: str, faults: list[str]) -> None:
    (tmp_path / "relcode.toml").write_text(text)
    if not faults:
        assert Project.load(tmp_path).name == "x"
        return
    with pytest.raises(ProjectError) as caught:
        Project.load(tmp_path)
    assert [fault.split(":")[0] for fault in caught.value.faults] == faults
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("data", [b"name = ", b'name = "\xff"'])
def test_what_is_no_toml_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "relcode.toml").write_bytes(data)
    with pytest.raises(ProjectError, match="not valid TOML"):
        Project.load(tmp_path)


def test_a_project_is_found_from_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.create(tmp_path / "p")
    assert Project.find(project.transcripts) == project
    monkeypatch.chdir(project.models)
    assert Project.find() == project
    with pytest.raises(ProjectError, match="relcode init"):
        Project.find(tmp_path)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "relcode", *arguments], cwd=cwd, capture_output=True, text=True)


def test_the_command_makes_a_project_once(tmp_path: Path) -> None:
    first = run("init", "p", "--coder", "A", "--coder", "B", cwd=tmp_path)
    assert (first.returncode, first.stdout) == (0, "")
    assert Project.load(tmp_path / "p").coders == ("A", "B")
    second = run("init", "p", cwd=tmp_path)
    assert second.returncode == 0
    assert "already" in second.stderr
    verified = run("ledger", "verify", cwd=tmp_path / "p" / "models")
    assert (verified.returncode, "0 event(s)" in verified.stderr) == (0, True)


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "something").write_text("")
    result = run("init", ".", cwd=tmp_path)
    assert result.returncode == 1
    assert "not empty" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_choices_of_adjudication_and_certification_are_read(tmp_path: Path) -> None:
    Project.create(tmp_path / "p")
    plain = Project.load(tmp_path / "p")
    assert (plain.adjudication.disputes, plain.certification.threshold) == ("code", 0.6)
    with (tmp_path / "p" / "relcode.toml").open("a") as file:
        file.write('threshold = 0.7\ncoefficient = "f1"\n')  # the last table is [certification]
    assert Project.load(tmp_path / "p").certification.threshold == 0.7


def test_a_project_whose_making_was_killed_is_made_by_the_next_call(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    for name in ("transcripts", "codebooks"):  # as far as the killed call had come
        (folder / name).mkdir(parents=True)
    with pytest.raises(ProjectError, match="not empty"):
        Project.create(folder)  # it might be anybody's
    (folder / ".init-under-way").touch()
    assert Project.create(folder, coders=["ana"]).coders == ("ana",)
    assert not (folder / ".init-under-way").exists()
