"""A local HTTP server that speaks OpenAI's chat completions, as well or as badly as a test asks.

pytest runs with `pythonpath = ["tests"]`, so a test writes

    from endpoints.local_server import Fault, LocalTeacherServer, Reply

    with LocalTeacherServer(lambda body: '{"answer": "B"}') as server:
        model = OpenAICompatibleModel("m", server.base_url, api_key=None, timeout_seconds=5)
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """A completion in the shape that servers send; parts set to None are left out or null."""

    text: str | None
    reasoning: str | None = None
    finish_reason: str | None = "stop"
    model: str = "served-model"
    usage: Mapping[str, Any] | None = field(
        default_factory=lambda: {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    )
    delay_seconds: float = 0.0

    def body(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.reasoning is not None:
            message["reasoning_content"] = self.reasoning
        body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
        }
        return body if self.usage is None else {**body, "usage": dict(self.usage)}


@dataclass(frozen=True)
class Fault:
    """Anything else that a server can do.

    Attributes:
        status: HTTP status.
        body: Body as sent: text, or a value that becomes JSON.
        headers: Headers beside Content-Type.
        cut_after: Bytes of the body after which the connection closes, though all were announced.
        reset: Break the connection before any answer.
        delay_seconds: Wait before anything is sent; long enough, it is a hang.
    """

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    reset: bool = False
    delay_seconds: float = 0.0


class LocalTeacherServer:
    """Serves `/v1/chat/completions` on a free port of 127.0.0.1, in a thread of its own.

    Args:
        answer: Given the JSON of a request: the text of the reply, a `Reply` or a `Fault`.

    Attributes:
        base_url: Address for the client, known while the server runs.
        requests: JSON of every request, in order of arrival.
        authorizations: The Authorization header of every request, None where it had none.
        max_in_flight: The most requests that were open at once.
    """

    def __init__(self, answer: Callable[[dict[str, Any]], str | Reply | Fault]) -> None:
        self._answer = answer
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._n_in_flight = 0
        self.base_url = ""
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.max_in_flight = 0

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._started.wait(10):
            raise RuntimeError("the local server did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve_until_stopped())

    async def _serve_until_stopped(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._handle)
        # A request that hangs ends with the server; nobody waits for it.
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self._started.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self._n_in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self._n_in_flight)
        try:
            body = await request.json()
            self.requests.append(body)
            self.authorizations.append(request.headers.get("Authorization"))
            answer = self._answer(body)
            if isinstance(answer, str):
                answer = Reply(answer)
            await asyncio.sleep(answer.delay_seconds)
            if isinstance(answer, Reply):
                return web.json_response(answer.body())
            return await _misbehave(request, answer)
        finally:
            self._n_in_flight -= 1


async def _misbehave(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.reset:
        _reset(request)
        return web.Response()
    is_text = isinstance(fault.body, str)
    payload = (fault.body if is_text else json.dumps(fault.body)).encode()
    content_type = "text/html" if is_text and fault.body.startswith("<") else "application/json"
    response = web.StreamResponse(
        status=fault.status,
        headers={"Content-Type": content_type, "Content-Length": str(len(payload)), **fault.headers},
    )
    await response.prepare(request)
    await response.write(payload[: fault.cut_after])
    if fault.cut_after is not None:
        _close(request)
    return response


def _reset(request: web.Request) -> None:
    """Close with a RST packet, as a crashed server or an impatient router does."""
    transport = request.transport
    assert transport is not None
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _close(request: web.Request) -> None:
    transport = request.transport
    assert transport is not None
    transport.close()
