"""Recognisers' JSON: whose word each is, with its times; what is refused, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from relcode.errors import TranscriptError
from relcode.records import Session, Turn
from relcode.transcripts import read_file
from relcode.transcripts.read import detect_format
from relcode.transcripts.roles import Roles

FILES = Path(__file__).parents[1] / "data" / "transcripts"
A_AND_B = (Turn(1, "T", "Is that new?", 0.51, 1.2), Turn(2, "C", "No, old.", 2.0, 2.8))


def said(session: Session) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in session.turns]


def put(folder: Path, value: Any, name: str = "a.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def faults_of(path: Path, *therapists: str) -> str:
    with pytest.raises(TranscriptError) as caught:
        read_file(path, roles=Roles(therapists))
    assert "secret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "therapist", "turns"),
    [
        ("aws.json", "spk_0", A_AND_B),
        ("aws-old.json", "spk_0", A_AND_B),
        ("deepgram.json", "Speaker 0", A_AND_B),
        ("deepgram-utterances.json", "Speaker 0", A_AND_B),
        ("assemblyai.json", "Speaker A", A_AND_B),
        (
            "whisperx.json",
            "SPEAKER_00",
            (
                Turn(1, "T", "You went quiet just now.", 0.51, 2.3),
                Turn(2, "C", "Did I? I was counting to 10.", 3.1, 4.9),
                Turn(3, "T", "And where are you now?", 6.2, 8.02),
                Turn(4, "C", "Still at 7.", 9.0, 10.75),
            ),
        ),
        (
            "utterances.json",
            None,
            (
                Turn(1, "T", "Hello, Marit. What would you like from today?"),
                Turn(2, "C", "To stop putting it off."),
            ),
        ),
    ],
)
def test_each_program_s_file_gives_its_turns(name: str, therapist: str | None, turns: tuple[Turn, ...]) -> None:
    (session,) = read_file(FILES / name, roles=Roles((therapist,) if therapist else ()))
    assert session.turns == turns
    if therapist:
        assert therapist.lower() in faults_of(FILES / name).lower()  # such marks name nobody, and are shown


def test_without_diarisation_it_is_said_that_no_option_helps() -> None:
    message = faults_of(FILES / "whisper.json", "SPEAKER_00")
    assert "without diarisation" in message
    assert "--therapist cannot help" in message


def words(*pairs: tuple[str, str | None]) -> list[dict[str, Any]]:
    return [{"word": word, **({"speaker": mark} if mark else {})} for word, mark in pairs]


@pytest.mark.parametrize(
    ("segment", "turns"),
    [
        # the speaker of the words counts, and no character of the text is lost
        ({"text": " Yes -- no! ", "words": words(("Yes", "T"), ("no!", "C"))}, [("T", "Yes --"), ("C", "no!")]),
        ({"text": "“Yes.” No.", "words": words(("Yes.”", "T"), ("No.", "C"))}, [("T", "“Yes.”"), ("C", "No.")]),
        # one speaker: the text as it stands, even where it was mended by hand
        ({"text": "Yes, mended.", "words": words(("Yes", "T"))}, [("T", "Yes, mended.")]),
        # words without a speaker go with the one before, the first with the next
        ({"text": "So 2 no", "words": words(("So", None), ("2", "T"), ("no", None))}, [("T", "So 2 no")]),
        ({"text": "a b c", "words": words(("a", "T"), ("b", None), ("c", "C"))}, [("T", "a b"), ("C", "c")]),
        # no words, or words without speakers: the segment's speaker
        ({"speaker": "T", "text": "Yes."}, [("T", "Yes.")]),
        ({"speaker": "T", "text": "Yes.", "words": words(("Yes.", None))}, [("T", "Yes.")]),
        # no text: the words, with spaces
        ({"words": words(("Is", "T"), ("it?", "T"))}, [("T", "Is it?")]),
        # a word that stands twice is found in its own place
        ({"text": "no no no", "words": words(("no", "T"), ("no", "C"), ("no", "C"))}, [("T", "no"), ("C", "no no")]),
    ],
)
def test_a_segment_is_split_at_the_word(tmp_path: Path, segment: Any, turns: list[tuple[str, str]]) -> None:
    (session,) = read_file(put(tmp_path, {"segments": [segment]}))
    assert said(session) == turns


@pytest.mark.parametrize(
    "value",
    [
        [{"speaker": "T", "text": "Yes"}, {"speaker": "C", "text": "No"}],
        {"turns": [{"role": "Therapist", "content": "Yes"}, {"role": "Client", "content": "No"}]},
        {"language": "en", "dialogue": [{"who": "Th", "utterance": "Yes"}, {"who": "P", "utterance": "No"}]},
        {"segments": [{"speaker": "T", "text": "Yes"}, {"text": "  "}, {"speaker": "C", "text": "No"}]},
        {"session_id": "S7", "utterances": [{"speaker": "T", "text": "Yes"}, {"speaker": "C", "text": "No"}]},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["a.json", "a.dat"])
def test_any_list_of_utterances_is_read_by_content(tmp_path: Path, value: Any, indent: int | None, name: str) -> None:
    (session,) = read_file(put(tmp_path, json.dumps(value, indent=indent), name))
    assert said(session) == [("T", "Yes"), ("C", "No")]
    assert session.session_id == "a"


@pytest.mark.parametrize(
    ("start", "t0"), [(1.5, 1.5), ("1.5", 1.5), ("0:01:02.5", 62.5), (None, None), (float("nan"), None)]
)
def test_times_are_seconds_or_stamps(tmp_path: Path, start: Any, t0: float | None) -> None:
    (session,) = read_file(put(tmp_path, [{"speaker": "T", "text": "Yes", "start": start}]))
    assert session.turns[0].t0 == t0


def test_half_a_character_is_read_as_none_and_a_whole_one_as_itself(tmp_path: Path) -> None:
    path = put(tmp_path, r'[{"speaker": "T", "text": "a \ud800 \uDC00b"}, {"speaker": "C", "text": "\ud83d\ude00"}]')
    (session,) = read_file(path)
    assert said(session) == [("T", "a \ufffd \ufffdb"), ("C", "😀")]


def test_json_lines_stay_json_lines(tmp_path: Path) -> None:
    canonical = '{"session_id": "S1"}\n{"turn": 1, "speaker": "T", "text": "Yes"}\n'
    for name in ("a.jsonl", "a.json", "a.dat"):
        path = put(tmp_path, canonical, name)
        assert detect_format(path, path.read_bytes()) == "jsonl"
        assert read_file(path)[0].session_id == "S1"


T_ = {"speaker": "T", "text": "secret"}


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ('{"segments": [\n{"speaker": "T", "text": "secret"\n', "a.json:3: not valid JSON"),
        ('[{"speaker": "T", "text": secret}]', "a.json:1: not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"text": "secret", "start": ' + "9" * 5000 + "}]", "too many digits"),
        ({"nothing": [T_]}, "expected one of segments, utterances"),
        ({"segments": [T_, {"text": "secret"}]}, "a.json:segments[1]: no speaker"),
        ({"segments": [T_, "secret"]}, "a.json:segments[1]: expected an object"),
        ([T_, {"speaker": "T", "text": ["secret"]}], "a.json:[1]: no text"),
        ([T_, {"speaker": "T"}], "a.json:[1]: no text"),
        ([{"speaker": {"name": "secret"}, "text": "secret"}], "a.json:[0]: its speaker is neither"),
        ([{**T_, "start": "secret"}], "a.json:[0]: a time is neither"),
        ([{**T_, "start": -1}], "a.json:[0]: a time is neither"),
        ([{**T_, "start": 3, "end": 2}], "a.json:[0]: it ends before it starts"),
        ([{"speaker": "T", "words": [{"speaker": "T", "word": 1}]}], "a.json:[0].words[0]: no word"),
        ({"segments": [{"text": "secret", "words": words(("a", "T"), ("b", "C"))}]}, "segments[0]: its words are not"),
        ({"segments": [{"text": "a b secret", "words": words(("a", "T"), ("b", "C"))}]}, "segments[0]: its words are"),
        ({"segments": [{"text": "a secret b", "words": words(("a", "T"), ("b", "C"))}]}, "segments[0]: its words are"),
        ({"segments": [{"text": " "}]}, "no turn with words"),
        ({"results": {"items": [{"type": "pronunciation"}]}}, "results.items[0]: no content"),
        ({"results": {"items": [], "channel_labels": {}}}, "transcribe with speaker labels"),
        ({"results": {"channels": [{}, {}]}}, "transcribe with utterances=true"),
        ({"results": {"channels": [{"alternatives": [{"transcript": "secret"}]}]}}, "results.channels[0]: no words"),
    ],
)
def test_what_cannot_be_placed_is_refused_by_place(tmp_path: Path, value: Any, fault: str) -> None:
    assert fault in faults_of(put(tmp_path, value))


def test_all_parts_without_a_speaker_are_listed(tmp_path: Path) -> None:
    message = faults_of(put(tmp_path, {"segments": [{"text": "secret"}, T_, {"text": "secret"}]}))
    assert [f"segments[{number}]" in message for number in range(3)] == [True, False, True]
