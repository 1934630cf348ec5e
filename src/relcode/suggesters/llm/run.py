"""Ask a language model about all turns, window by window, and keep what stands the checks."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from relcode.codebook import Codebook
from relcode.errors import SuggesterError
from relcode.provenance import hash_text
from relcode.records import Session, Span
from relcode.suggesters.checking import Suggested, checked
from relcode.suggesters.llm.answer import items_of, spans_of
from relcode.suggesters.llm.cache import AnswerCache
from relcode.suggesters.llm.client import Answer, ChatModel, NoAnswerError
from relcode.suggesters.llm.prompt import Window, answer_schema, instructions, messages_for, windows_of

PAUSES_SECONDS = (0.5, 2.0)  # before the second and the third attempt
_GIVE_UP = 3  # windows one after the other without an answer: the server is not working
_LEAST_TOKENS_A_WORD = 0.75

Watch = Callable[[Sequence[Window]], Iterable[Window]]


@dataclass(repr=False)
class _Run:
    spans: list[Span] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    unread: dict[str, list[int]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    from_cache: int = 0
    cut: int = 0


def suggest_by_llm(
    sessions: Sequence[Session],
    codebook: Codebook,
    model: ChatModel,
    *,
    cache: AnswerCache,
    watch: Watch = iter,
) -> Suggested:
    """Suggest by a language model, asked in the codebook's words, at temperature 0.

    A window without an answer after three attempts is left unread; its turns are not coded as absent.

    Parameters
    ----------
    cache
        Where answers are kept; what was asked before is not asked again.
    watch
        Goes through the windows, and may show how far it is.

    Raises
    ------
    SuggesterError
        The server refuses, or three windows one after the other had no answer. Answers so far are in the cache.
    """
    windows = list(windows_of(sessions))
    run = _Run()
    failed = 0
    for window in watch(windows):
        try:
            items = _items(codebook, window, model, cache, run)
            failed = 0
        except NoAnswerError as error:
            run.failures[str(error)] += 1
            run.unread.setdefault(window.session_id, []).extend(turn.turn for turn in window.turns)
            failed += 1
            if failed == min(_GIVE_UP, len(windows)):
                raise SuggesterError(
                    f"{model.name} at {model.address} gave no answer to {failed} page(s) one after the other: {error}. Is "
                    "the server running, and fast enough (--llm-seconds)? What was answered is kept; the same call goes on."
                ) from error
            continue
        found, wrong = spans_of(items, window)
        run.spans += found
        run.left_out += wrong
    source = f"llm:{model.name}"
    spans, wrong = checked(run.spans, sessions, codebook, source)
    settings = {
        "codebook": codebook.reference,
        "model": model.name,
        "server": str(model.address),
        "temperature": 0,
        "seed": model.seed,
        "instructions_sha256": hash_text(instructions(codebook)),
        "windows": len(windows),
        "from_cache": run.from_cache,
    }
    unread = {session_id: tuple(turns) for session_id, turns in run.unread.items()}
    return Suggested(source, spans, run.left_out + wrong, unread, _notes(run, len(windows)), settings)


def _items(codebook: Codebook, window: Window, model: ChatModel, cache: AnswerCache, run: _Run) -> list[object]:
    """The items of the answer about a window: the one kept, else a new one, asked for three times at most."""
    messages, schema = messages_for(codebook, window), answer_schema(codebook, window)
    asked = model.request(messages, schema)
    kept = cache.read(asked)
    if kept is not None:
        try:
            items = items_of(kept)
            run.from_cache += 1
            return items
        except NoAnswerError:  # a damaged file
            pass
    for attempt in range(len(PAUSES_SECONDS) + 1):
        try:
            answer = model.ask(messages, schema, attempt)
            items = items_of(answer.content)
        except NoAnswerError:
            if attempt == len(PAUSES_SECONDS):
                raise
            time.sleep(PAUSES_SECONDS[attempt])
            continue
        run.cut += _was_cut(answer, messages)
        cache.write(asked, answer.content)
        return items
    raise AssertionError("the last attempt returns or raises")


def _was_cut(answer: Answer, messages: Sequence[dict[str, str]]) -> bool:
    """Whether the server counts fewer tokens than there are words: then it did not read the whole prompt."""
    words = sum(len(message["content"].split()) for message in messages)
    return answer.prompt_tokens is not None and 0 < answer.prompt_tokens < _LEAST_TOKENS_A_WORD * words


def _notes(run: _Run, windows: int) -> tuple[str, ...]:
    notes = []
    if run.unread:
        turns = sum(map(len, run.unread.values()))
        why = ", ".join(f"{reason} ({count})" for reason, count in run.failures.most_common())
        notes.append(
            f"{turns} turn(s) of {len(run.unread)} session(s) were not read: {why}. The same call asks for them again."
        )
    if run.from_cache:
        notes.append(f"{run.from_cache} of {windows} page(s) were answered before, and not asked again.")
    if run.cut:
        notes.append(
            f"For {run.cut} page(s) the server counts fewer tokens than the prompt has words: it cut the codebook off. Give the "
            "model a longer context (Ollama: OLLAMA_CONTEXT_LENGTH=32768), delete the cache, and ask again."
        )
    return tuple(notes)
