"""The notes of hand-typed and recognisers' transcripts, put into the normal form of `notation.py`.

`(laughs)`, `(pause: 00:00:05)`, `[inaudible 00:02:32]`, `(?: word)`, `((coughs))`, `*sighs*` are how people write what is
no word (Mergenthaler & Stinson 1992 put it in parentheses). What is certain becomes a note in square brackets; what
may have been said ("(my mother)") stays as it stands. A tag such as `[NAME_3]` is no note.
"""

from __future__ import annotations

import re

from relcode.transcripts.notation import DOUBTFUL, UNINTELLIGIBLE, event, pause

# what is done or heard; with the modifiers below these are all the words that a note may hold
_EVENT_WORDS = """laugh laughs laughing laughed laughter chuckle chuckles chuckling giggle giggles giggling snicker snickers snort
    snorts snorting sigh sighs sighing sighed cry cries crying cried sob sobs sobbing weep weeps weeping whimpers tearful
    tears tearing sniff sniffs sniffing sniffle sniffles sniffling cough coughs coughing sneeze sneezes sneezing yawn yawns
    yawning gasp gasps gasping groan groans groaning moan moans hum hums humming whistles exhale exhales exhaling
    inhale inhales inhaling breath breathes breathing nod nods nodding shrug shrugs shrugging smile smiles smiling grin grins
    grinning frown frowns frowning wince winces whisper whispers whispering whispered mumbles mumbling mutters muttering
    stutters stammers shouts shouting raises rings ringing buzzes buzzing vibrates beeps knock knocks knocking slams claps
    clapping tuts clicks snaps gestures gesturing clears clearing shakes shaking looks looking sips swallows blows applause
    crosstalk overlapping static noise music softly quietly loudly tearfully sarcastically interrupting interrupts
    interrupted pause pauses silence"""
_AROUND_WORDS = """a an the and then both all client patient therapist counsellor counselor speaker clinician t c he she they his
    her their still slightly nervously softly quietly loudly gently heavily deeply long short deep heavy brief loud soft lengthy
    nervous little bit again throat head nose down up away out at to with into in off on over of phone door talk talking
    speech speaking voice voices laughter sound sounds chair room window background for several some few together
    simultaneously eyes hands shoulders tissue water"""
_UNHEARD_WORDS = """inaudible unintelligible unclear indistinct indiscernible incomprehensible unint inaud garbled muffled
    mumbled"""
_EVENTS, _AROUND = frozenset(_EVENT_WORDS.split()), frozenset(_AROUND_WORDS.split())
_CLOCK = r"(?:\d+:)?\d+:\d\d(?:[.,]\d+)?"
_LENGTH = rf"(?P<clock>{_CLOCK})|(?P<number>\d+(?:[.,]\d+)?)\s*(?:s|secs?|seconds?)?\.?"
_PAUSE = re.compile(
    rf"(?:pauses?|(?:pauses?|silence|p)\s*[:,=]?\s*(?:of |for )?(?:{_LENGTH})|"
    r"(?P<before>\d+(?:[.,]\d+)?)[ -]?(?:s|secs?|seconds?)\.?(?:\s*(?:of )?(?:pause|silence))?|(?P<bare>\d+\.\d+)|\.{1,2})"
)
_UNHEARD = re.compile(rf"(?:{'|'.join(_UNHEARD_WORDS.split())})\.?(?:\s*(?:at )?(?P<at>{_CLOCK}))?|/+|\?\?+|x{{2,3}}")
_DOUBTED = re.compile(r"\?\s*:?\s*(?P<after>[^?:\s].*)|(?P<before>.*[^?\s])\s*\?")
_AT = re.compile(rf"(?P<what>[a-z][a-z ]*?)\s+(?:at )?(?P<at>{_CLOCK})")
_TAG = re.compile(r"[A-Z]+(?:_[A-Z]+)*_\d+")
_BRACKETED = re.compile(
    r"\(\((?P<comment>[^()]{1,120})\)\)|\((?P<round>[^()\[\]]{1,80})\)|\[(?P<square>[^\[\]]{1,120})\]|"
    r"(?<![\w*])\*(?P<star>[A-Za-z][^*\n]{1,40})\*(?![\w*])|<(?P<angle>[A-Za-z][^<>\n]{1,40})>|"
    r"\{(?P<curly>[^{}\n]{1,80})\}|(?<![\w-])(?P<xxx>xxx)(?![\w-])"
)


def find_notes(text: str) -> list[tuple[int, int, str]]:
    """Notes that are not in the normal form yet: start, end (code points, half-open) and how the note is written there."""
    found = []
    for match in _BRACKETED.finditer(text):
        kind = match.lastgroup or ""
        written = _written(kind, match[kind].strip())
        if written is not None and written != match.group():
            found.append((match.start(), match.end(), written))
    return found


def to_normal_form(text: str) -> str:
    """Write the notes of a text in the normal form. Doing it twice changes nothing more.

    >>> to_normal_form("I (pause: 00:00:05) went. (laughs) To (?: Leeds) (my home).")
    'I [pause 5 seconds] went. [laughs] To Leeds [?] (my home).'
    """
    for start, end, written in reversed(find_notes(text)):
        text = text[:start] + written + text[end:]
    return text


def _written(kind: str, inner: str) -> str | None:
    """A bracketed stretch in the normal form; None where it may be words."""
    lower = inner.lower().rstrip(" ,;")
    if _TAG.fullmatch(inner) or (kind == "square" and inner == "?") or not lower:
        return None
    if lower == "?" and kind == "round":
        return DOUBTFUL
    if kind == "xxx":
        return UNINTELLIGIBLE
    silence = _PAUSE.fullmatch(lower if set(lower) == {"."} else lower.rstrip("."))
    if silence:
        return pause(_seconds(silence)) if kind != "angle" else None
    unheard = _UNHEARD.fullmatch(lower)
    if unheard:
        return _at(UNINTELLIGIBLE[1:-1], unheard["at"])
    doubted = _DOUBTED.fullmatch(inner) if kind == "square" or (kind == "round" and inner[0] == "?") else None
    if doubted:
        return f"{doubted['after'] or doubted['before']} {DOUBTFUL}"
    timed = _AT.fullmatch(lower)
    if timed and _is_event(timed["what"]):
        return _at(timed["what"], timed["at"])
    return event(inner.rstrip(" .,;")) if kind == "comment" or _is_event(lower) else None


def _is_event(what: str) -> bool:
    words = re.findall(r"[a-z]+", what)
    known = all(word in _EVENTS or word in _AROUND for word in words)
    return known and any(word in _EVENTS for word in words) and re.fullmatch(r"[a-z ,;.&-]+", what) is not None


def _at(what: str, clock: str | None) -> str:
    """A note with the time that stands in it: `[unintelligible at 0:02:32]`."""
    if clock is None:
        return f"[{what}]"
    seconds = round(_clock_seconds(clock))
    return f"[{what} at {seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}]"


def _seconds(match: re.Match[str]) -> float | None:
    if match["clock"]:
        return _clock_seconds(match["clock"])
    number = match["number"] or match["before"] or match["bare"]
    return float(number.replace(",", ".")) if number else None


def _clock_seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part.replace(",", "."))
    return seconds
