"""A chat completions server in a process of its own, that goes wrong as often and in as many ways as it is told to.

It outlives the clients that a test kills, and it counts what it did: the other side of the ledger. A test writes

    with FaultyServer(Settings(fault_fraction=0.05, kinds=("429", "reset"))) as server:
        model = OpenAICompatibleModel("m", server.base_url, api_key=None, timeout_seconds=0.5)
        ...
        assert server.counts().n_served == 100

The reply to a prompt is always the same. Whether a request meets a fault is decided by its prompt, by how often that
prompt was asked before, and by a seed: a run can be repeated, and a retry draws anew.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from aiohttp import web

from endpoints.local_server import Fault, Reply, _misbehave

# What the server may do instead of answering well, and whether it made an answer before: a service charges for that.
MADE_AN_ANSWER = {
    "429": False,
    "429 with Retry-After": False,
    "500": False,
    "503": False,
    "HTML 502": False,
    "error in a 200": False,
    "reset": True,
    "cut body": True,
    "hang": True,
    "slow bytes": True,
    "no choices": True,
    "cut JSON": True,
    "length": True,
    "empty": True,
    "null": True,
    "content filter": True,
}
KINDS = tuple(MADE_AN_ANSWER)
# Kinds that give the client a completion: stored and paid for, whatever can be read from it.
COMPLETIONS = ("cut JSON", "length", "empty", "null", "content filter")

# Longer than any client of a test waits; a handler that hangs must still come to an end.
HANG_SECONDS = 60.0
DRIP_SECONDS = 0.1
END_SECONDS = 5.0
OVERLOADED = {"error": {"message": "too many requests", "type": "rate_limit_error"}}
BROKEN = {"error": {"message": "the model crashed", "type": "server_error"}}


@dataclass(frozen=True)
class Settings:
    """How the server behaves.

    Attributes:
        latency_seconds: Time that an answer takes, at least 0; "429" comes at once.
        fault_fraction: Share of the requests that meet each of the kinds; times their number at most 1.
        kinds: Faults to inject, of KINDS.
        seed: Decides which requests meet which.
        retry_after_seconds: What the header asks for where there is one.
        max_concurrency: Requests that it works on at once, others get 429; None for no limit.
        max_requests: Requests that it takes within `window_seconds`, others get 429; None for no limit.
        window_seconds: Length of that window.
    """

    latency_seconds: float = 0.0
    fault_fraction: float = 0.0
    kinds: tuple[str, ...] = ()
    seed: int = 0
    retry_after_seconds: float = 0.05
    max_concurrency: int | None = None
    max_requests: int | None = None
    window_seconds: float = 60.0

    def __post_init__(self) -> None:
        if unknown := set(self.kinds) - set(KINDS):
            raise ValueError(f"Unknown kinds of fault: {', '.join(sorted(unknown))}. Known: {', '.join(KINDS)}.")
        if self.fault_fraction * len(self.kinds) > 1 + 1e-9:
            raise ValueError(f"{len(self.kinds)} kinds at {self.fault_fraction} each are more than all requests.")

    def fault(self, prompt: str, n_asked_before: int) -> str | None:
        """The kind of fault that a request meets, None for none."""
        digest = hashlib.sha256(f"{self.seed}\n{n_asked_before}\n{prompt}".encode()).digest()
        draw = int.from_bytes(digest[:8], "big") / 2**64
        place = int(draw / self.fault_fraction) if self.fault_fraction else len(self.kinds)
        return self.kinds[place] if place < len(self.kinds) else None


@dataclass
class Counts:
    """What the server did since its settings were set.

    Attributes:
        asked: Requests by prompt, those that were turned away included.
        served: Answers by prompt that were made, whether or not they were received.
        n_served: Their number.
        served_tokens: Tokens of their prompts and texts.
        served_prompt_tokens: Those of the prompts alone.
        faults: Requests by the fault they met.
        n_turned_away: Requests turned away with 429 because of a real limit.
        max_in_flight: The most that it worked on at once.
    """

    asked: Counter[str] = field(default_factory=Counter)
    served: Counter[str] = field(default_factory=Counter)
    n_served: int = 0
    served_tokens: int = 0
    served_prompt_tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    n_turned_away: int = 0
    max_in_flight: int = 0


def reply_text(prompt: str) -> str:
    """The answer to a prompt: a JSON text of some 150 characters, always the same."""
    digest = hashlib.sha256(prompt.encode()).hexdigest()
    return json.dumps({"answer": digest[:16], "words": " ".join(digest[i : i + 4] for i in range(0, 64, 4))})


def prompt_tokens(prompt: str) -> int:
    """What the server charges for a prompt."""
    return len(prompt) // 4 + 8


class FaultyServer:
    """The server as a child process; a context.

    Args:
        settings: How it behaves at first.
        log: File to which it adds a line for each answer it made, before it sends it; None for none.

    Attributes:
        base_url: Address for the client, known while the server runs.
    """

    def __init__(self, settings: Settings | None = None, log: Path | None = None) -> None:
        self._settings = settings or Settings()
        self._log = log
        self._root = ""
        self.base_url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "endpoints.faulty_server", "--settings", json.dumps(asdict(self._settings))]
        self._process = subprocess.Popen(
            command if self._log is None else [*command, "--log", str(self._log)],
            stdin=subprocess.PIPE,  # its end tells the server that nobody needs it any more
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"the server did not start; it ended with status {self._process.wait()}")
        self._root = f"http://127.0.0.1:{port}"
        self.base_url = f"{self._root}/v1"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def behave(self, settings: Settings) -> None:
        """Behave otherwise from now on, and count from nothing."""
        self._open(urllib.request.Request(f"{self._root}/settings", json.dumps(asdict(settings)).encode()))

    def counts(self) -> Counts:
        """What it did since its settings were set."""
        counts = json.loads(self._open(urllib.request.Request(f"{self._root}/counts")))
        return Counts(**{name: Counter(value) if isinstance(value, dict) else value for name, value in counts.items()})

    @staticmethod
    def _open(request: urllib.request.Request) -> bytes:
        # Past any proxy that the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return bytes(answer.read())


class _Service:
    """The server's side."""

    def __init__(self, settings: Settings, log: TextIO | None) -> None:
        self._log = log
        self._begin(settings)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/counts", self._tell_counts)
        app.router.add_post("/settings", self._take_settings)
        return app

    def _begin(self, settings: Settings) -> None:
        self._settings = settings
        self._counts = Counts()
        self._n_in_flight = 0
        self._recent: deque[float] = deque()

    async def _tell_counts(self, _: web.Request) -> web.Response:
        return web.json_response(vars(self._counts))

    async def _take_settings(self, request: web.Request) -> web.Response:
        self._begin(_settings_of(await request.json()))
        return web.Response()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())
        prompt = asked["messages"][-1]["content"]
        settings, counts = self._settings, self._counts
        kind = settings.fault(prompt, counts.asked[prompt])
        counts.asked[prompt] += 1
        if self._is_too_much():
            counts.n_turned_away += 1
            return await _misbehave(request, Fault(429, OVERLOADED))
        if kind is not None:
            counts.faults[kind] += 1
        if kind in ("429", "429 with Retry-After"):
            wait = {"Retry-After": f"{settings.retry_after_seconds:g}"} if kind != "429" else {}
            return await _misbehave(request, Fault(429, OVERLOADED, wait))
        self._n_in_flight += 1
        counts.max_in_flight = max(counts.max_in_flight, self._n_in_flight)
        try:
            await asyncio.sleep(settings.latency_seconds)
        finally:
            if counts is self._counts:
                self._n_in_flight -= 1
        reply = _reply(kind, prompt, asked["max_tokens"])
        if kind is None or MADE_AN_ANSWER[kind]:
            self._count_answer(counts, prompt, kind, reply)
        return await _send(request, kind, reply)

    def _is_too_much(self) -> bool:
        settings, now = self._settings, time.monotonic()
        if settings.max_concurrency is not None and self._n_in_flight >= settings.max_concurrency:
            return True
        if settings.max_requests is None:
            return False
        while self._recent and self._recent[0] <= now - settings.window_seconds:
            self._recent.popleft()
        if len(self._recent) >= settings.max_requests:
            return True
        self._recent.append(now)
        return False

    def _count_answer(self, counts: Counts, prompt: str, kind: str | None, reply: Reply) -> None:
        assert reply.usage is not None
        counts.served[prompt] += 1
        counts.n_served += 1
        counts.served_tokens += reply.usage["total_tokens"]
        counts.served_prompt_tokens += reply.usage["prompt_tokens"]
        if self._log is not None:
            line = {"prompt": prompt, "kind": kind, "tokens": reply.usage["total_tokens"]}
            self._log.write(json.dumps(line) + "\n")
            self._log.flush()


def _reply(kind: str | None, prompt: str, max_tokens: int) -> Reply:
    text: str | None = reply_text(prompt)
    assert text is not None
    n_prompt, n_answer = prompt_tokens(prompt), min(len(text) // 4, max_tokens)
    finish_reason = "stop"
    if kind == "cut JSON":
        text = text[: len(text) // 2]
    elif kind == "length":
        text, n_answer, finish_reason = text[: len(text) // 2], max_tokens, "length"
    elif kind == "empty":
        text, n_answer = "", 1
    elif kind == "null":
        text, n_answer = None, 1
    elif kind == "content filter":
        text, n_answer, finish_reason = "", 1, "content_filter"
    usage = {"prompt_tokens": n_prompt, "completion_tokens": n_answer, "total_tokens": n_prompt + n_answer}
    return Reply(text, finish_reason=finish_reason, usage=usage)


async def _send(request: web.Request, kind: str | None, reply: Reply) -> web.StreamResponse:
    body = reply.body()
    if kind is None or kind in COMPLETIONS:
        return web.json_response(body)
    if kind == "hang":
        await asyncio.sleep(HANG_SECONDS)
        return web.Response(status=504)
    if kind == "slow bytes":
        return await _drip(request, json.dumps(body).encode())
    faults: Mapping[str, Fault] = {
        "500": Fault(500, BROKEN),
        "503": Fault(503, BROKEN),
        "HTML 502": Fault(502, "<html><body>Bad Gateway</body></html>"),
        "error in a 200": Fault(200, BROKEN),
        "reset": Fault(reset=True),
        "cut body": Fault(200, body, cut_after=len(json.dumps(body)) // 2),
        "no choices": Fault(200, {**body, "choices": []}),
    }
    return await _misbehave(request, faults[kind])


async def _drip(request: web.Request, payload: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(payload))})
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):  # the client has had enough
        for place in range(len(payload)):
            await response.write(payload[place : place + 1])
            await asyncio.sleep(DRIP_SECONDS)
    return response


def _settings_of(values: dict[str, Any]) -> Settings:
    return Settings(**{**values, "kinds": tuple(values["kinds"])})


async def _serve(service: _Service) -> None:
    ended = asyncio.Event()
    # An end of the standard input means that whoever started the server is gone.
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    runner = web.AppRunner(service.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await ended.wait()
    await runner.cleanup()


def main() -> None:
    """Serve until the standard input ends; the port is the first line of the standard output."""
    parser = argparse.ArgumentParser(description="A chat completions server that goes wrong as it is told to.")
    parser.add_argument("--settings", type=lambda text: _settings_of(json.loads(text)), default=Settings())
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args()
    log = None if arguments.log is None else arguments.log.open("a", encoding="utf-8")
    asyncio.run(_serve(_Service(arguments.settings, log)))


if __name__ == "__main__":
    main()
