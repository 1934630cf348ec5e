"""CHAT, the format of TalkBank and CLAN (`.cha`): headers, main tiers `*THE:` with what was said, dependent tiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.chat_words import UnbalancedError, readable
from relcode.transcripts.roles import Roles, Utterance, role_word

_MAIN = re.compile(r"\*([^\s:]+):\s*(.*)", re.DOTALL)
_BULLET = re.compile(r'\x15(?:%\w+:"?[^"\x15]*"?_)?([0-9]+)_([0-9]+)-?\x15')
_PICTURE = re.compile(r"\x15%(?:pic|txt):[^\x15]*\x15")
_MORE_ROLES = {"investigator": "T"}  # TalkBank's word for who leads the talk


def read_chat(path: Path, text: str, roles: Roles) -> list[Utterance]:
    """Read the main tiers as readable text, with the times of their bullets; dependent tiers are left out.

    Speakers are known by their role in `@Participants`; one whom the user declares by code (`THE`) is as declared.

    Raises
    ------
    TranscriptError
        No `@Begin`, `@Participants` or `@End`; every line that belongs to no tier, main tier without a speaker of
        `@Participants`, bullet that cannot be read and bracket without its partner, by line.
    """
    faults: list[str] = []
    tiers = list(_tiers(path, text, faults))
    names = {content.split(":")[0].strip() for _, content in tiers if content[0] == "@"}
    for wanted, why in (("@Begin", "this is no CHAT"), ("@End", "the file is cut off; add it if it is whole")):
        if wanted not in names:
            faults.append(f"{path}: no line {wanted}: {why}")
    marks = _participants(path, tiers, roles, faults)
    utterances: list[Utterance] = []
    for line, content in tiers:
        if content[0] != "*":
            continue
        match = _MAIN.fullmatch(content)
        if match is None:
            faults.append(f"{path}:{line}: no main tier; expected *CODE:, a tab and words")
        elif marks and match[1] not in marks:
            faults.append(f"{path}:{line}: its speaker is not in @Participants")
        else:
            utterances += _utterance(path, line, marks.get(match[1], ""), match[2], faults)
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that are not valid CHAT:", faults)
    return utterances


def _tiers(path: Path, text: str, faults: list[str]) -> Iterator[tuple[int, str]]:
    """Line and content of headers and tiers; a line that begins with a tab or space continues the one before."""
    tiers: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if line[0] in "@*%":
            tiers.append((number, [line]))
        elif line[0] in "\t " and tiers:
            tiers[-1][1].append(line.strip())
        else:
            faults.append(f"{path}:{number}: no tier; a line begins with @, *, % or continues another with a tab")
    return ((number, " ".join(lines)) for number, lines in tiers)


def _participants(path: Path, tiers: list[tuple[int, str]], roles: Roles, faults: list[str]) -> dict[str, str]:
    """Code -> mark: `T`, `C2` ... by role and order, the code itself where the role is neither."""
    header = next(((line, text) for line, text in tiers if text.startswith("@Participants:")), None)
    if header is None:
        faults.append(f"{path}: no line @Participants; expected @Participants:, a tab and THE Therapist, CLI Client")
        return {}
    marks: dict[str, str] = {}
    counts = {"T": 0, "C": 0}
    for entry in header[1].partition(":")[2].split(","):
        words = entry.split()
        if not words:
            continue
        if len(words) not in (2, 3) or words[0] in marks:
            faults.append(f"{path}:{header[0]}: a participant is not given as code, name (if any) and role, once")
            continue
        code, role = words[0], words[-1].lower().replace("_", " ")
        speaker = _MORE_ROLES.get(role) or role_word(role)
        if speaker is None or roles.declares(code):
            marks[code] = code
            continue
        counts[speaker[0]] += 1
        marks[code] = f"{speaker[0]}{counts[speaker[0]]}"
    return marks


def _utterance(path: Path, line: int, mark: str, content: str, faults: list[str]) -> list[Utterance]:
    bullets = [(int(start), int(end)) for start, end in _BULLET.findall(content)]
    words = _PICTURE.sub(" ", _BULLET.sub(" ", content))
    if "\x15" in words:
        faults.append(f"{path}:{line}: a bullet cannot be read; expected start_end in milliseconds between U+0015")
        return []
    try:
        said = readable(words)
    except UnbalancedError:
        faults.append(f"{path}:{line}: a bracket < or [ has no partner")
        return []
    start, end = (bullets[0][0] / 1000, bullets[-1][1] / 1000) if bullets else (None, None)
    return [Utterance(mark, said, start, end, f"line {line}")]
