"""`make demo`: the whole loop on the ten example sessions, in the commands that a research group would type.

The shipped coders' labels are entered through the real Doccano as those coders, over the calls that its page makes.
Everything is written under `demo/`; a new run starts from nothing (the Doccano environment is kept).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import stand_in  # beside this file

REPOSITORY = Path(__file__).resolve().parents[1]
DEMO = Path("demo")
STUDY = DEMO / "study"
RAW = DEMO / "raw"
EXAMPLES = Path("examples")
# The author's weights, for those of the newest versions were fitted to these very sessions.
NAMES = ("relational-core@1.0.0", "rupture-repair@1.0.0", "client-process@1.0.0", "ccrt@1.0.0")
CODEBOOKS = [word for name in NAMES for word in ("--codebook", name)]


def main() -> None:
    started = time.monotonic()
    start_anew()
    step("A project folder for two coders")
    relcode("init", STUDY, "--coder", "anna", "--coder", "ben", *CODEBOOKS)
    step("Import ten sessions from four formats; metadata from a table")
    relcode("import", EXAMPLES / "sessions", "--metadata", EXAMPLES / "sessions.csv", "--out", RAW)
    step("Remove identifiers; the study folder gets only what is left, and a record for the gate")
    relcode("deid", RAW, "--out", STUDY / "transcripts", "--report", DEMO / "deid-report.jsonl")
    step("Suggest spans from the codebook's cues")
    relcode("preannotate", STUDY / "transcripts", "--out", STUDY / "suggestions/cues.jsonl")
    step("A Doccano server of our own (its environment is made once, which takes a minute or two)")
    relcode("doccano", "up", "--project", STUDY)
    step("Send pages with suggestions to each coder's project")
    relcode("push", "--project", STUDY)
    step("The two coders code all pages (the shipped labels, entered through Doccano as each coder)")
    enter("anna")
    enter("ben")
    step("Bring the labels back into the ledger")
    relcode("pull", "--project", STUDY)
    step("Reliability of the two coders")
    relcode("agreement", "--project", STUDY, "--out", STUDY / "reports/agreement.csv")
    step("Disagreements to a consensus project; an adjudicator settles them there; accepted labels back")
    relcode("adjudicate", "push", "--project", STUDY)
    enter("adjudicator")
    relcode("adjudicate", "pull", "--project", STUDY, "--out", STUDY / "labels/accepted.jsonl")
    step("Train a classifier on the accepted labels; cross-validated by dyad")
    model = STUDY / "models/first"
    accepted = STUDY / "labels/accepted.jsonl"
    relcode(
        "train", "--transcripts", STUDY / "transcripts", "--labels", accepted, *CODEBOOKS, "--quick", "--out", model
    )
    step("Score the sessions with it")
    scores = STUDY / "reports/scores.parquet"
    relcode("score", STUDY / "transcripts", "--model", model, "--out", scores)
    step("The supervisor's report, from the accepted labels")
    report = STUDY / "reports/report.html"
    relcode("audit", STUDY / "transcripts", "--labels", accepted, "--out", report)
    server = json.loads(relcode_output("doccano", "status", "--project", STUDY, "--json"))["servers"][0]
    print(
        f"\nDone in {time.monotonic() - started:.0f} seconds. What it made:\n"
        f"  agreement table   {STUDY / 'reports/agreement.csv'}\n"
        f"  accepted labels   {accepted}\n"
        f"  model card        {model / 'card.md'}\n"
        f"  scores            {scores}\n"
        f"  report            {report}   (open it in a browser)\n"
        f"  Doccano           {server['url']}   (sign in as anna, ben, adjudicator or admin;\n"
        f"                    passwords: {STUDY / '.doccano/server.json'}, readable by you alone)\n"
        f"  to stop Doccano   .venv/bin/relcode doccano down --project {STUDY}"
    )


def start_anew() -> None:
    """Stop the server of an earlier run and clear the demo's folder."""
    if (STUDY / "relcode.toml").exists():
        subprocess.run([*RELCODE, "doccano", "down", "--project", str(STUDY)], check=False, capture_output=True)
    shutil.rmtree(DEMO, ignore_errors=True)


def step(title: str) -> None:
    print(f"\n== {title}", flush=True)


RELCODE = [sys.executable, "-m", "relcode"]


def relcode(*arguments: object) -> None:
    """Run a command as it would be typed, and show it."""
    words = [str(argument) for argument in arguments]
    print(f"$ relcode {' '.join(words)}", flush=True)
    if subprocess.run([*RELCODE, *words], check=False).returncode != 0:
        sys.exit(f"The demo stopped at: relcode {' '.join(words)}")


def relcode_output(*arguments: object) -> str:
    words = [str(argument) for argument in arguments]
    return subprocess.run([*RELCODE, *words], check=True, capture_output=True, text=True).stdout


def enter(account: str) -> None:
    """Enter labels as a coder does, through the account's own session, and confirm the pages."""
    done = stand_in.enter(account, STUDY, RAW)
    print(stand_in.what_was_done(account, done), flush=True)


if __name__ == "__main__":
    main()
