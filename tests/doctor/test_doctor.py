"""`relcode doctor`: each thing is broken for real, and is named with what mends it; what is whole is not complained of."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from relcode.deid.key_file import open_key
from relcode.doccano.server_record import ServerInfo, write_record
from relcode.doctor import doctor
from relcode.doctor.doccano import look_at_doccano
from relcode.doctor.environment import look_at_environment
from relcode.doctor.finding import Finding
from relcode.doctor.models import look_at_codebooks, look_at_models
from relcode.doctor.plugins import look_at_plugins
from relcode.doctor.study import look_at_study
from relcode.ledger import NewEvent
from relcode.project import Project
from relcode.shipped import shipped_model

Look = Callable[[Project | None], Iterator[Finding]]


@pytest.fixture
def study(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "study", coders=["anna"])


def problems(look: Look, project: Project | None) -> list[Finding]:
    return [finding for finding in look(project) if finding.level == "problem"]


def only(look: Look, project: Project | None) -> Finding:
    """The one problem; that it is the only one shows that nothing else is taken for broken."""
    (found,) = problems(look, project)
    return found


@pytest.mark.slow  # it loads the shipped models
def test_a_new_study_has_no_problem(study: Project) -> None:
    found = doctor(study)
    assert [finding for finding in found if finding.level == "problem" and finding.area != "plug-ins"] == []
    assert {"environment", "study", "codebooks", "models", "doccano"} <= {finding.area for finding in found}
    assert all(finding.mend for finding in found if finding.level == "problem")


def test_outside_of_a_study_the_environment_is_looked_at() -> None:
    assert [finding.level for finding in look_at_study(None)] == ["note"]
    assert list(look_at_codebooks(None)) == []


@pytest.mark.parametrize("name", [".", "ledger.db", ".doccano", ".doccano/server.json", ".doccano/anna/server.json"])
def test_what_others_may_read_is_named_with_the_command_that_closes_it(study: Project, name: str) -> None:
    for home in (".doccano", ".doccano/anna"):
        (study.folder / home).mkdir(mode=0o700)
        write_record(study.folder / home, ServerInfo("http://127.0.0.1:1", 1, "admin", "x", {"admin": "secret"}))
    assert problems(look_at_study, study) == []
    path = study.folder / name
    path.chmod(path.stat().st_mode | 0o044)
    found = only(look_at_study, study)
    assert str(path) in found.says
    assert "secret" not in found.says
    subprocess.run(found.mend, shell=True, check=True)
    assert problems(look_at_study, study) == []


def test_a_key_in_the_study_is_named(study: Project) -> None:
    key = open_key(study.folder / "reports" / "names.json")
    with key.written():
        pass
    (study.reports / "figures.json").write_text('{"format": "another"}')
    found = only(look_at_study, study)
    assert str(study.folder / "reports" / "names.json") in found.says


def test_raw_transcripts_in_the_study_are_named(study: Project) -> None:
    configuration = study.folder / "relcode.toml"
    configuration.write_text(
        configuration.read_text().replace("# raw = ", "raw = ").replace("/home/me/sessions", "raw")
    )
    assert "lie in the study folder" in only(look_at_study, Project.load(study.folder)).says


def test_a_study_that_git_may_take_up_is_named(study: Project) -> None:
    (study.folder / ".gitignore").unlink()
    found = only(look_at_study, study)
    subprocess.run(found.mend, shell=True, check=True)
    assert problems(look_at_study, study) == []


def test_files_that_git_tracks_are_counted(study: Project) -> None:
    subprocess.run(["git", "init", "--quiet", str(study.folder)], check=True)
    assert problems(look_at_study, study) == []
    subprocess.run(["git", "-C", str(study.folder), "add", "--force", "relcode.toml", "ledger.db"], check=True)
    assert "tracks 2 file(s)" in only(look_at_study, study).says


def test_a_transcript_that_cannot_be_read_is_named(study: Project) -> None:
    (study.transcripts / "S1.jsonl").write_text("secret words")
    found = only(look_at_study, study)
    assert "S1.jsonl ends in .jsonl, but" in found.says
    assert "secret" not in found.says


def test_a_ledger_that_was_changed_is_named(study: Project) -> None:
    study.open_ledger().append(
        [NewEvent("deid_override", "me", {"session_id": "S1", "session_sha256": "", "reason": "read"})]
    )
    assert problems(look_at_study, study) == []
    with sqlite3.connect(study.ledger_path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE events SET actor = 'somebody'")
    connection.close()
    found = only(look_at_study, study)
    assert "not as it was written" in found.says
    assert "restore" in found.mend


def test_a_ledger_that_is_lost_or_none_is_named(study: Project) -> None:
    study.ledger_path.write_bytes(b"no database at all, but long enough to be looked at as one" * 20)
    assert "cannot be read" in only(look_at_study, study).says
    study.ledger_path.unlink()
    assert "lost its ledger" in only(look_at_study, study).says


def test_codebooks_with_faults_and_without_a_file_are_named(study: Project) -> None:
    (study.codebooks / "mine.yaml").write_text("id: mine\nversion: one\n")
    found = only(look_at_codebooks, study)
    assert "mine.yaml" in found.says
    (study.codebooks / "mine.yaml").unlink()
    (study.folder / "relcode.toml").write_text('name = "x"\ncodebook = "gone"\n')
    assert "gone cannot be used" in only(look_at_codebooks, Project.load(study.folder)).says


@pytest.mark.slow  # it loads the shipped models
def test_models_that_were_changed_or_are_of_another_codebook_are_named(study: Project) -> None:
    shutil.copytree(shipped_model(), study.models / "first")
    (said,) = [finding for finding in look_at_models(study) if finding.level == "note" and "first" not in finding.says][
        :1
    ]
    assert "was trained with" in said.says
    with (study.models / "first" / "card.md").open("a") as card:
        card.write("better than it is\n")
    found = only(look_at_models, study)
    assert "card.md" in found.says
    assert "Restore a copy" in found.mend


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a package before all others, of which there are metadata alone."""

    def install(name: str, version: str, entry_points: str = "") -> None:
        folder = tmp_path / "packages" / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (folder / "entry_points.txt").write_text(entry_points)
        monkeypatch.syspath_prepend(str(folder.parent))

    return install


@pytest.mark.parametrize(
    ("name", "version"), [("urllib3", "2.5.0"), ("pydantic", "2.9.0"), ("cleanlab", "2.7.1"), ("numpy", "1.20.0")]
)
def test_a_library_of_another_version_is_named_with_its_bounds(
    installed: Callable[..., None], name: str, version: str
) -> None:
    pytest.importorskip("doccano_client")
    assert problems(look_at_environment, None) == []
    installed(name, version)
    found = only(look_at_environment, None)
    assert f"{name} {version} is installed; relcode needs {name}" in found.says
    assert found.mend.startswith(f"pip install '{name}")


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=2_000_000))
    assert "0.0 GB are free" in only(look_at_environment, None).says


def test_a_spacy_pipeline_that_is_not_installed_is_named(study: Project) -> None:
    configuration = study.folder / "relcode.toml"
    configuration.write_text(
        configuration.read_text().replace('# entities = "en_core_web_sm"', 'entities = "en_no_such"')
    )
    assert "en_no_such" in only(look_at_environment, Project.load(study.folder)).says


def test_a_plug_in_that_cannot_be_imported_is_named(installed: Callable[..., None]) -> None:
    installed(
        "relcode-broken", "1.0", "[relcode.readers]\nours = no_such_module:read\n[console_scripts]\nx = no_such:x\n"
    )
    found = only(look_at_plugins, None)
    assert "ours of relcode-broken (relcode.readers)" in found.says


def test_a_plug_in_that_can_is_no_problem(installed: Callable[..., None]) -> None:
    installed("relcode-whole", "1.0", "[relcode.readers]\nours = json:loads\n")
    assert "ours of relcode-whole (relcode.readers)" in [finding.says for finding in look_at_plugins(None)]


def test_a_server_that_does_not_run_is_a_note_and_one_that_does_not_answer_a_problem(
    study: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("doccano_client")
    monkeypatch.setenv("RELCODE_DOCCANO_ENV", str(tmp_path / "nothing"))
    (study.folder / ".doccano").mkdir(mode=0o700)
    write_record(study.folder / ".doccano", ServerInfo("http://127.0.0.1:1", 1, "admin", "x", {"admin": "secret"}))
    said = [(finding.level, finding.says) for finding in look_at_doccano(study)]
    assert ("note", "the server at http://127.0.0.1:1 does not run") in said
    assert all(level != "problem" for level, _ in said)
    other = Project.create(tmp_path / "other", doccano_url="http://127.0.0.1:1")
    assert "RELCODE_DOCCANO_USER" in only(look_at_doccano, other).says
    monkeypatch.setenv("RELCODE_DOCCANO_USER", "admin")
    monkeypatch.setenv("RELCODE_DOCCANO_PASSWORD", "secret")
    found = only(look_at_doccano, other)
    assert "http://127.0.0.1:1" in found.says
    assert "secret" not in found.says


@pytest.mark.slow  # it loads the shipped models
def test_the_command_names_all_at_once_and_exits_with_1(
    relcode: Callable[..., Any], study: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study.folder)
    study.folder.chmod(0o755)
    (study.folder / ".gitignore").unlink()
    done = relcode("doctor")
    assert done.status == 1
    assert f"-> chmod 700 {study.folder}" in done.out
    assert ".gitignore" in done.out
    assert "2 problem(s)" in done.err
    told = json.loads(relcode("doctor", "--json").out)
    assert told["problems"] == 2
    study.folder.chmod(0o700)
    (study.folder / ".gitignore").write_text("*\n")
    whole = relcode("doctor", "--project", study.folder)
    assert (whole.status, "0 problem(s)" in whole.err) == (0, True)


@pytest.mark.server
def test_a_server_that_runs_is_asked_whether_it_lets_relcode_in(study: Project) -> None:
    from relcode.doccano import server

    try:
        info = server.up(study.folder, coders=["anna"])
        assert ("ok", True) in [
            (finding.level, "lets relcode in" in finding.says) for finding in look_at_doccano(study)
        ]
        assert problems(look_at_doccano, study) == problems(look_at_study, study) == []
        wrong = msgspec.structs.replace(info, accounts=info.accounts | {info.admin: "another"})
        write_record(study.folder / server.FOLDER, wrong)
        found = only(look_at_doccano, study)
        assert "does not accept the password of 'admin'" in found.says
        assert "another" not in found.says
    finally:
        server.down(study.folder)
    assert "does not run" in " ".join(finding.says for finding in look_at_doccano(study))


def test_a_machine_without_a_python_for_doccano_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from relcode.doccano import environment

    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "nothing"))
    assert ["relcode doccano up" in finding.mend for finding in look_at_doccano(None)] == [True]
    monkeypatch.setattr(environment, "PYTHONS", ("python3.7",))
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = look_at_doccano(None)
    assert (found.level, "3.8 to 3.11" in found.says) == ("note", True)
