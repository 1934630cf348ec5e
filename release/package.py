"""Build relcode's wheel and source distribution, and try them as somebody would who has nothing else of relcode.

    make package        # or: python release/package.py --out dist

1. Both are built twice from what is committed, with the commit's own time, and have to be the same to the last byte.
2. With each Python of 3.11, 3.12 and 3.13 that is on this machine: the wheel alone goes into an empty environment, and commands
   run from an empty folder, with the codebooks and the model inside it.
3. The licences of all that came with it are checked (`licences.py`), and a software bill of materials is written (CycloneDX).

It needs a package registry. Measured with three Pythons on two cores: four minutes, on a busy machine thrice that.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
TRANSCRIPT = REPOSITORY / "examples/corpus/transcripts/D1-T01-s03.jsonl"
PYTHONS = ("3.11", "3.12", "3.13")
TOOLS = ("build>=1.2,<2", "cyclonedx-bom>=7,<8")
COMMANDS = (
    "relcode --version",
    "relcode codebook list",
    "relcode codebook lint rupture-repair",
    "relcode init study --coder anna --coder ben",
    "relcode deid session.jsonl --out study/transcripts",
    "relcode preannotate study/transcripts --out study/suggestions/cues.jsonl",
    "relcode score study/transcripts --model relational-synthetic --out scores.parquet",
    "relcode audit study/transcripts --scores scores.parquet --out report.html",
    "relcode doctor --project study",
)


def say(line: str) -> None:
    print(line, flush=True)


def run(command: Sequence[str | Path], *, cwd: Path | None = None, **environment: str) -> str:
    """Run a command; its output. What it printed is shown where it fails."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=kept | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nfailed: {' '.join(map(str, command))}")
    return done.stdout


def environment(folder: Path, python: str | Path, *packages: str | Path) -> Path:
    """A new virtual environment with these packages; its folder of programs."""
    run([python, "-m", "venv", folder])
    run([folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
    return folder / "bin"


def pythons() -> dict[str, Path]:
    """The interpreters of `PYTHONS` that run here: on the path, or where pyenv keeps them."""
    found: dict[str, Path] = {}
    for version in PYTHONS:
        kept_by_pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        for candidate in (shutil.which(f"python{version}"), *kept_by_pyenv):
            answered = (
                candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0
            )
            if candidate and answered:
                found[version] = Path(candidate)
                break
    return found


def build(out: Path, tools: Path) -> list[Path]:
    """Build both distributions in a clone of their own."""
    source = out.with_name(f"{out.name}-source")
    run(["git", "clone", "--quiet", REPOSITORY, source])
    when = run(["git", "log", "-1", "--format=%ct"], cwd=source).strip()
    run([tools / "python", "-m", "build", "--outdir", out, source], SOURCE_DATE_EPOCH=when)
    return sorted(out.iterdir())


def check_same(first: Sequence[Path], second: Sequence[Path]) -> None:
    """Stop where two builds of the same commit differ."""
    for one, other in zip(first, second, strict=True):
        sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, other)]
        if sums[0] != sums[1] or one.name != other.name:
            sys.exit(f"{one.name} is not the same when it is built twice.")
        say(f"{sums[0]}  {one.name}  ({one.stat().st_size / 1e6:.1f} MB)")


def check_tag(wheel: Path) -> None:
    """Stop where the commit has a tag of a version, and the wheel another version."""
    tags = run(["git", "tag", "--points-at", "HEAD"], cwd=REPOSITORY).split()
    versions = [tag.removeprefix("v") for tag in tags if tag[:1] == "v" and tag[1:2].isdigit()]
    version = wheel.name.split("-")[1]
    if versions and version not in versions:
        sys.exit(f"The commit is tagged {', '.join(tags)}, and the wheel is {version}.")


def try_wheel(wheel: Path, version: str, python: Path, beside: Path) -> Path:
    """Install the wheel alone and run commands from an empty folder; the environment's folder of programs."""
    programs = environment(beside / f"python{version}", python, wheel)
    run([programs / "python", "-m", "pip", "check", "--disable-pip-version-check"])
    folder = beside / f"work{version}"
    folder.mkdir()
    shutil.copy(TRANSCRIPT, folder / "session.jsonl")
    for command in COMMANDS:
        program, *words = command.split()
        run([programs / program, *words], cwd=folder, OMP_NUM_THREADS="1")
    say(f"Python {version}: {len(COMMANDS)} commands ran from an empty folder ({python})")
    return programs


def main() -> None:
    parser = argparse.ArgumentParser(description="Build relcode's distributions and try them.")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "dist")
    out = parser.parse_args().out.absolute()
    known = pythons()
    if run(["git", "status", "--porcelain"], cwd=REPOSITORY):
        say("note: what is not committed is not built")
    if not known:
        sys.exit(f"None of the Pythons {', '.join(PYTHONS)} runs here.")
    with tempfile.TemporaryDirectory() as name:
        beside = Path(name)
        tools = environment(beside / "tools", next(iter(known.values())), *TOOLS)
        built = build(beside / "first", tools)
        check_same(built, build(beside / "second", tools))
        wheel = next(path for path in built if path.suffix == ".whl")
        check_tag(wheel)
        programs = [try_wheel(wheel, version, python, beside) for version, python in known.items()]
        say(run([programs[0] / "python", REPOSITORY / "release/licences.py"]).splitlines()[-1])
        bill = beside / f"{wheel.name.split('-py3')[0]}.cdx.json"
        run([tools / "cyclonedx-py", "environment", "--output-reproducible", "-o", bill, programs[0] / "python"])
        out.mkdir(parents=True, exist_ok=True)
        for path in (*built, bill):
            shutil.copy(path, out)
            say(str(out / path.name))
    if missing := [version for version in PYTHONS if version not in known]:
        say(f"not tried, as they are not on this machine: Python {', '.join(missing)}")


if __name__ == "__main__":
    main()
