"""Ask an OpenAI-compatible server (Ollama, vLLM, llama.cpp) for one answer. No proxy is used, no redirect followed."""

from __future__ import annotations

import http.client
import ssl
import time
from dataclasses import dataclass, field
from typing import Any

import msgspec

from relcode.errors import SuggesterError, UsageError
from relcode.suggesters.llm.address import Address
from relcode.suggesters.llm.flight import Flight

SECONDS = 300.0  # for one answer: a small machine reads a codebook slowly
_MOST_BYTES = 4_000_000  # more than any answer to a page has
_CHUNK = 65536
_CONNECT_SECONDS = 10.0
_AGAIN = {408, 425, 500, 502, 504}
_BUSY = {429, 503}  # also a server that still loads its model
_MOST_TOKENS = 2048
Messages = list[dict[str, str]]
Schema = dict[str, Any]
_CLOUD = ("-cloud", ":cloud")


class NoAnswerError(Exception):
    """The server gave no answer that can be used; asking again may help. The message holds no words of a transcript."""


class BusyError(NoAnswerError):
    """The server has too much to do. `after`: the seconds that it asks to wait, 0 where it does not say."""

    def __init__(self, status: int, after: float) -> None:
        super().__init__(f"status {status}, too busy")
        self.after = after


class _Message(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


@dataclass(frozen=True)
class Answer:
    """What the model wrote, and how many tokens the server counted in the prompt, where it says."""

    content: str
    prompt_tokens: int | None = None


@dataclass(frozen=True)
class _Reply:
    """`after`: the seconds of `Retry-After`; 0 where it is not there, or a date."""

    status: int
    data: bytes = field(repr=False)
    after: float


@dataclass(frozen=True)
class ChatModel:
    """A model of a server.

    Parameters
    ----------
    name
        As the server calls it.
    seconds
        The longest time that one answer may take, or the server may be silent where it is asked several things at once.
    seed
        Of the model's draws; at temperature 0 most models draw nothing.
    """

    address: Address
    name: str
    seconds: float = SECONDS
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.name.isprintable() or not self.name.strip() or " " in self.name or len(self.name) > 128:
            raise UsageError("--llm-model: expected the model's name as the server has it, such as qwen3:8b.")
        if self.name.casefold().endswith(_CLOUD):
            raise UsageError(
                f"--llm-model {self.name}: models of that name are run in a cloud, and a server on this machine sends what it "
                "is asked on to it. Name a model that runs here."
            )

    def request(self, messages: Messages, schema: Schema | None = None, attempt: int = 0) -> dict[str, Any]:
        """The body of a request; later attempts have another seed. `schema`: of the JSON that the server is to hold the
        model to."""
        return {
            "model": self.name,
            "messages": messages,
            "temperature": 0,
            "seed": self.seed + attempt,
            "max_tokens": _MOST_TOKENS,
            "stream": False,
            **({} if schema is None else {"response_format": {"type": "json_schema", "json_schema": schema}}),
        }

    def ask(
        self, messages: Messages, schema: Schema | None = None, attempt: int = 0, flight: Flight | None = None
    ) -> Answer:
        """One answer; `flight`: of the requests that are under way at the same time.

        Raises
        ------
        NoAnswerError
            The server does not answer, is too slow or busy (BusyError), or answers in another form.
        SuggesterError
            It refuses, or sends elsewhere; asking again is of no use.
        StoppedError
            The flight was stopped.
        """
        body = msgspec.json.encode(self.request(messages, schema, attempt))
        reply = self._post(body, flight or Flight())
        status, data = reply.status, reply.data
        if 300 <= status < 400:
            raise SuggesterError(f"The server at {self.address} sends to another address; that is not followed.")
        if status in _BUSY:
            raise BusyError(status, reply.after)
        if status in _AGAIN:
            raise NoAnswerError(f"status {status}")
        if status != 200:
            raise SuggesterError(
                f"The server at {self.address} refuses (status {status}). Is a model {self.name} there, and does the address "
                "end as it should (most often in /v1)?"
            )
        try:
            completion = msgspec.json.decode(data, type=_Completion)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NoAnswerError("an answer in another form") from None
        if not completion.choices:
            raise NoAnswerError("an answer in another form")
        if completion.choices[0].finish_reason == "length":
            raise NoAnswerError("an answer that was cut off")
        tokens = None if completion.usage is None else completion.usage.prompt_tokens
        return Answer(completion.choices[0].message.content, tokens)

    def _post(self, body: bytes, flight: Flight) -> _Reply:
        connection = self._connected()
        try:
            with flight.holding(connection.sock):
                connection.request(
                    "POST", f"{self.address.path}/chat/completions", body, {"Content-Type": "application/json"}
                )
                flight.wait_for(connection.sock, self.seconds)
                reply = self._reply(connection.getresponse())
            flight.answered()
            return reply
        except TimeoutError:
            raise self._too_slow() from None
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(f"the connection broke ({type(error).__name__})") from None
        finally:
            connection.close()

    def _reply(self, response: http.client.HTTPResponse) -> _Reply:
        deadline = time.monotonic() + self.seconds
        data = b""
        while chunk := response.read1(_CHUNK):
            data += chunk
            if len(data) > _MOST_BYTES:
                raise NoAnswerError("an answer without an end")
            if time.monotonic() > deadline:
                raise self._too_slow()
        after = response.getheader("Retry-After", "")
        return _Reply(response.status, data, float(after) if after.isascii() and after.isdigit() else 0.0)

    def _too_slow(self) -> NoAnswerError:
        return NoAnswerError(f"no answer in time ({self.seconds:g} s)")

    def _connected(self) -> http.client.HTTPConnection:
        """A connection to one of the numbers that the address was found to stand for, not to what its name stands for now."""
        to_connect = min(self.seconds, _CONNECT_SECONDS)
        for host in self.address.numbers or (self.address.host,):
            connection: http.client.HTTPConnection
            if self.address.scheme == "https":
                context = ssl.create_default_context()
                connection = http.client.HTTPSConnection(host, self.address.port, timeout=to_connect, context=context)
            else:
                connection = http.client.HTTPConnection(host, self.address.port, timeout=to_connect)
            try:
                connection.connect()
            except ssl.SSLError as error:
                raise SuggesterError(f"The certificate of {self.address} is not trusted.") from error
            except OSError:
                connection.close()
                continue
            connection.sock.settimeout(self.seconds)
            return connection
        raise NoAnswerError("nothing listens there")
