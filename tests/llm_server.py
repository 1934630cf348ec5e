"""A server that speaks the chat part of OpenAI's API on loopback, as Ollama, vLLM and llama.cpp do; what it answers is
worked out from the prompt by a function of the test."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_TURN = re.compile(r"^\[(\d+)\] (\S+): (.*)$", re.MULTILINE)


@dataclass
class Reply:
    """An HTTP answer: by default status 200 with `content` as the model's message."""

    content: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay: float = 0.0
    drip: float = 0.0  # seconds between the bytes
    finish_reason: str = "stop"
    prompt_tokens: int | None = None

    def data(self, model: str) -> bytes:
        if self.body is not None:
            return self.body
        usage = {} if self.prompt_tokens is None else {"usage": {"prompt_tokens": self.prompt_tokens}}
        message = {"role": "assistant", "content": self.content}
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        return json.dumps({"object": "chat.completion", "model": model, "choices": [choice], **usage}).encode()


@dataclass
class ChatServer:
    """A running server: its address as one would give it to `--llm`, and what it was asked."""

    url: str
    requests: list[dict[str, Any]]
    paths: list[str]
    headers: list[dict[str, str]]


def turns_asked(request: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Number, speaker and words of the turns that a prompt wants coded."""
    return [(int(number), speaker, words) for number, speaker, words in _TURN.findall(_wanted(request))]


def turns_before(request: dict[str, Any]) -> list[int]:
    """The numbers of the turns that a prompt shows for their sense alone."""
    prompt = request["messages"][-1]["content"]
    return [int(number) for number, _, _ in _TURN.findall(prompt.removesuffix(_wanted(request)))]


def labels(*found: dict[str, Any]) -> str:
    """An answer as it was asked for."""
    return json.dumps({"labels": list(found)})


@contextlib.contextmanager
def chat_server(answer: Callable[[dict[str, Any]], Reply | str]) -> Iterator[ChatServer]:
    """Serve until the block ends; `answer` gives each request's reply, a text or a whole `Reply`."""
    requests: list[dict[str, Any]] = []
    paths: list[str] = []
    headers: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append(request)
            paths.append(self.path)
            headers.append(dict(self.headers))
            given = answer(request)
            reply = Reply(given) if isinstance(given, str) else given
            data = reply.data(request["model"])
            time.sleep(reply.delay)
            with contextlib.suppress(OSError):  # the client may have gone
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for byte in [data] if not reply.drip else [data[place : place + 1] for place in range(len(data))]:
                    self.wfile.write(byte)
                    self.wfile.flush()
                    time.sleep(reply.drip)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield ChatServer(f"http://127.0.0.1:{server.server_address[1]}/v1", requests, paths, headers)
    finally:
        server.shutdown()
        server.server_close()


def _wanted(request: dict[str, Any]) -> str:
    return str(request["messages"][-1]["content"]).rpartition("Code these turns.\n")[2]
