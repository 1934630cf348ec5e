"""CHAT: a main tier a sentence, notes by the signs of the CHAT manual."""

from __future__ import annotations

import re

from relcode.records import Session, Turn
from relcode.transcripts.notation import NOT_TRANSCRIBED, OVERLAP, OVERLAP_ENDS, UNINTELLIGIBLE

_CODES = {"T": ("THE", "TH", "Therapist"), "C": ("CLI", "CL", "Client")}
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_PAUSE = re.compile(r"\[pause(?: ([\d.]+) seconds)?\]")
_EVENT = re.compile(r"\[([a-z]+(?: [a-z]+)*)\]")
_SIGNS = {UNINTELLIGIBLE: "xxx", NOT_TRANSCRIBED: "www", OVERLAP: "<", OVERLAP_ENDS: "> [>]"}
_ENDS = (
    ("...?", "+..?"),
    ("...", "+..."),
    ("?!", "+!?"),
    (" -?", "+/?"),
    (" -", "+/."),
    (".", "."),
    ("?", "?"),
    ("!", "!"),
)


def to_chat(session: Session) -> bytes:
    """A CHAT file; times stand in the bullet of a turn's first tier. A sentence without an end mark has none here."""
    speakers = sorted({turn.speaker for turn in session.turns}, key=lambda speaker: (speaker[0] != "T", speaker))
    roles = [f"{_code(speaker)} {_CODES[speaker[0]][2]}" for speaker in _without_gaps(speakers)]
    ids = [f"@ID:\teng|relcode|{role.split()[0]}|||||{role.split()[1]}|||" for role in roles]
    lines = ["@UTF8", "@Begin", "@Languages:\teng", f"@Participants:\t{', '.join(roles)}", *ids]
    for turn in session.turns:
        lines += _tiers(turn)
    return ("\n".join([*lines, "@End"]) + "\n").encode()


def _tiers(turn: Turn) -> list[str]:
    first, *others = _sentences(turn.text.strip())
    bullet = ""
    if turn.t0 is not None and turn.t1 is not None:
        bullet = f" \x15{round(turn.t0 * 1000)}_{round(turn.t1 * 1000)}\x15"
    head = f"*{_code(turn.speaker)}:\t"
    return [f"{head}{_sentence(first)}{bullet}", *(f"{head}{_sentence(sentence)}" for sentence in others)]


def _sentences(text: str) -> list[str]:
    """Sentences; an overlap over several of them is not cut."""
    found = [""]
    for sentence in _SENTENCE.split(text):
        if found[-1].count(OVERLAP) == found[-1].count(OVERLAP_ENDS):
            found.append(sentence)
        else:
            found[-1] += f" {sentence}"
    return found[1:]


def _sentence(text: str) -> str:
    """A sentence by the signs of CHAT: notes, then the terminator apart from the words."""
    end = ""
    for written, sign in _ENDS:
        if text.endswith(written) and text != written:
            text, end = text.removesuffix(written), f" {sign}"
            break
    for note, sign in _SIGNS.items():
        text = text.replace(note, sign)
    text = re.sub(r"< (?=[^<>]*> \[>\])", "<", text).replace(" > [>]", "> [>]")
    text = re.sub(r"(?<=\w):(?=\s|$)", " :", text)  # a colon at the end of a word would lengthen it
    text = _PAUSE.sub(lambda match: f"({float(match[1]):.1f})" if match[1] else "(.)", text)
    return _EVENT.sub(lambda match: f"&={match[1].replace(' ', '_')}", text) + end


def _code(speaker: str) -> str:
    alone, numbered, _ = _CODES[speaker[0]]
    return alone if len(speaker) == 1 else f"{numbered}{speaker[1:]}"


def _without_gaps(speakers: list[str]) -> list[str]:
    """Speakers are numbered by their order in the file: who is not heard is listed where others follow."""
    most = {role: max((int(s[1:] or 1) for s in speakers if s[0] == role), default=0) for role in "TC"}
    return [role if number == 1 else f"{role}{number}" for role in "TC" for number in range(1, most[role] + 1)]
