"""How fast, how thriftily and how small teachers are asked: `make bench ONLY=teacher`, some twelve minutes.

One figure a line: name, value, unit, and the target where there is one. Some of them alone:

    PYTHONPATH=tests python benchmarks/teacher.py throughput memory

The server is that of the tests, in a process of its own on 127.0.0.1. It takes part of the machine: absolute rates
belong to this machine, ratios do not. docs/teacher_calls.md says what the figures mean.
"""

import argparse
import asyncio
import json
import logging
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import openai

from endpoints.faulty_server import KINDS, FaultyServer, Settings
from linkqa_kedro.teacher.completing import complete, complete_each
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import ChatModel, Completion, Request, SamplingSettings
from linkqa_kedro.teacher.store_maintenance import disk_bytes
from linkqa_kedro.teacher.teacher import Teacher, TeacherModel
from measuring import Figure

# As in conf/base/catalog_teacher.yml.
N_PARTITIONS, MAX_ATTEMPTS, MAX_RETRIES, BACKOFF_SECONDS = 4, 2, 6, 1.0
SETTINGS = SamplingSettings(temperature=0.6, top_p=0.95, max_output_tokens=64)
MEMORY_REQUESTS = 1_000_000


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock and of the processor, of one round."""

    wall: float
    cpu: float


class StubModel:
    """A `ChatModel` that answers at once, without any network."""

    model = "stub"

    def identity(self, request: Request) -> Mapping[str, Any]:
        """Model, messages and settings, as of a real one."""
        return {"model": self.model, "messages": request.messages, "settings": asdict(request.settings)}

    def most_tokens(self, request: Request) -> tuple[int, int]:
        """The prompt and the settings' limit."""
        return 100, request.settings.max_output_tokens

    async def ask(self, request: Request) -> Completion:
        """Some 150 characters, different for each record."""
        text = json.dumps({"answer": request.record_id, "words": "what a teacher would have said about it " * 3})
        return Completion(text, None, "stop", self.model, 40, None, 35, None, None, 0.001)


def bench(names: Iterable[str]) -> Iterator[Figure]:
    """The figures of the named measurements, as they come."""
    for name in names:
        yield from MEASUREMENTS[name]()


def throughput(n_requests: int = 3000, n_rounds: int = 3) -> Iterator[Figure]:
    """Ours against the bare client library, in turn, at 50 ms latency and 64 in flight."""
    ours, bare = [], []
    with FaultyServer(Settings(latency_seconds=0.05)) as server:
        for number in range(n_rounds + 1):
            for rounds, ask in ((ours, _ask_with_complete), (bare, _ask_with_bare_client)):
                requests = _requests(n_requests if number else n_requests // 10, f"{ask.__name__} {number}")
                spent = _timed(ask, server, requests)
                if number:  # the first round warms up
                    rounds.append(spent)
    rates = [statistics.median(n_requests / spent.wall for spent in rounds) for rounds in (ours, bare)]
    milliseconds = [statistics.median(1000 * spent.cpu / n_requests for spent in rounds) for rounds in (ours, bare)]
    yield Figure("throughput_ours", rates[0], "requests/s")
    yield Figure("throughput_bare_client", rates[1], "requests/s")
    yield Figure("throughput_vs_bare_client", rates[0] / rates[1], "ratio", ">= 0.9")
    yield Figure("cpu_ours", milliseconds[0], "ms/request")
    yield Figure("cpu_bare_client", milliseconds[1], "ms/request")


def _ask_with_complete(server: FaultyServer, requests: Iterable[Request]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        completed = complete(requests, _teacher(_chat(server), Path(folder), 64), _text)
    assert completed.answered
    assert not completed.unanswered


def _ask_with_bare_client(server: FaultyServer, requests: Iterable[Request]) -> None:
    asyncio.run(_work_with_bare_client(server, iter(requests)))


async def _work_with_bare_client(server: FaultyServer, requests: Iterator[Request]) -> None:
    client = openai.AsyncOpenAI(
        api_key="no-key", base_url=server.base_url, max_retries=0, http_client=openai.DefaultAioHttpClient()
    )

    async def work() -> None:
        for request in requests:
            answer = await client.chat.completions.create(
                model="m",
                messages=list(request.messages),
                temperature=SETTINGS.temperature,
                top_p=SETTINGS.top_p,
                max_tokens=SETTINGS.max_output_tokens,
            )
            assert answer.choices[0].message.content

    async with client:
        await asyncio.gather(*(work() for _ in range(64)))


def latency_bound(n_requests: int = 15_000) -> Iterator[Figure]:
    """The rate that 256 in flight reach at one second of latency, start-up included."""
    with FaultyServer(Settings(latency_seconds=1.0)) as server:
        spent = _timed(_ask_and_count, server, _requests(n_requests), 256)
    yield Figure("rate_at_256_in_flight", n_requests / spent.wall, "requests/s")
    yield Figure("rate_vs_concurrency_over_latency", n_requests / spent.wall / 256, "ratio", ">= 0.95")


def overload(n_requests: int = 6000, bears: int = 100) -> Iterator[Figure]:
    """Requests wasted on a server that bears 100 at once, where 256 are allowed."""
    with FaultyServer(Settings(latency_seconds=1.0, max_concurrency=bears)) as server:
        spent = _timed(_ask_and_count, server, _requests(n_requests), 256)
        n_wasted = server.counts().n_turned_away
    yield Figure("wasted_429_per_row", n_wasted / n_requests, "requests/row", "<= 0.02")
    yield Figure("rate_vs_what_the_server_bears", n_requests / spent.wall / bears, "ratio")


def faults(n_requests: int = 3000) -> Iterator[Figure]:
    """Time with faults against time without, at half a second of latency and 64 in flight."""
    clean = _seconds_with_faults((), n_requests)
    yield Figure("time_without_faults", clean, "s")
    few = _seconds_with_faults(("429", "500", "cut JSON"), n_requests)
    yield Figure("time_with_429_500_bad_json_vs_clean", few / clean, "ratio", "<= 1.7")
    n_many = n_requests // 6  # a row takes long where four requests of five go wrong
    many = _seconds_with_faults(KINDS, n_many) * n_requests / n_many
    yield Figure("time_with_16_kinds_of_fault_vs_clean", many / clean, "ratio")


def _seconds_with_faults(kinds: tuple[str, ...], n_requests: int) -> float:
    settings = Settings(latency_seconds=0.5, fault_fraction=0.05, kinds=kinds, retry_after_seconds=1.0)
    # The usual pauses would add up to a minute a row: more retries, and shorter pauses.
    patience = {"may_fail": True, "max_retries": 9, "backoff_seconds": 0.1} if kinds == KINDS else {}
    with FaultyServer(settings) as server:
        return _timed(_ask_and_count, server, _requests(n_requests), 64, **patience).wall


def _ask_and_count(
    server: FaultyServer, requests: Iterable[Request], max_concurrency: int, may_fail: bool = False, **patience: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        completed = complete(requests, _teacher(_chat(server), Path(folder), max_concurrency, **patience), _json)
    assert may_fail or not completed.unanswered, completed.unanswered[:3]


def memory() -> Iterator[Figure]:
    """Peak memory of a process that asks a million times; in a process of its own."""
    command = [sys.executable, __file__, "--in-this-process", str(MEMORY_REQUESTS)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in said.splitlines():
        yield Figure(**json.loads(line))


def ask_stub(n_requests: int) -> Iterator[Figure]:
    """The figures of `memory`, of this process."""
    n_delivered = 0

    def count(_: Any) -> None:
        nonlocal n_delivered
        n_delivered += 1

    with tempfile.TemporaryDirectory() as folder:
        teacher = _teacher(StubModel(), Path(folder), 64)
        started = time.perf_counter(), time.process_time()
        complete_each(_requests(n_requests), teacher, _text, count)
        wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
        teacher.store.close()
        size = disk_bytes(teacher.store)
    assert n_delivered == n_requests
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("peak_memory", peak, "MB", "< 300")
    yield Figure("stub_rate", n_requests / wall, "requests/s")
    yield Figure("stub_cpu", 1000 * cpu / n_requests, "ms/request")
    yield Figure("store_size", size / 1e6, "MB")


MEASUREMENTS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "throughput": throughput,
    "latency_bound": latency_bound,
    "overload": overload,
    "faults": faults,
    "memory": memory,
}


def _requests(n: int, name: str = "record") -> Iterator[Request]:
    for number in range(n):
        yield Request(
            role="synthesise",
            stage="synthesis",
            record_id=f"{name} {number}",
            messages=(
                {"role": "system", "content": "You write exam questions. Answer with one JSON object."},
                {"role": "user", "content": f"Write one about {name} {number}, and name what it asks for."},
            ),
            values={},
            settings=SETTINGS,
            prompt_version="v1",
        )


def _chat(server: FaultyServer) -> OpenAICompatibleModel:
    return OpenAICompatibleModel("m", server.base_url, api_key=None, timeout_seconds=3.0)


def _teacher(
    chat: ChatModel,
    folder: Path,
    max_concurrency: int,
    max_retries: int = MAX_RETRIES,
    backoff_seconds: float = BACKOFF_SECONDS,
) -> Teacher:
    model = TeacherModel(chat, EndpointGate(max_concurrency))
    return Teacher(model, CompletionStore(folder, N_PARTITIONS), MAX_ATTEMPTS, max_retries, backoff_seconds)


def _text(_: Request, completion: Completion) -> str:
    return completion.text


def _json(_: Request, completion: Completion) -> dict[str, Any]:
    return parse_json_object(completion).fields


def _timed(work: Callable[..., None], *values: Any, **named: Any) -> Spent:
    started = time.perf_counter(), time.process_time()
    work(*values, **named)
    return Spent(time.perf_counter() - started[0], time.process_time() - started[1])


def main() -> None:
    """Measure, and print each figure as it comes."""
    parser = argparse.ArgumentParser(description="How fast, how thriftily and how small teachers are asked.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--in-this-process", type=int, metavar="N", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    if unknown := set(arguments.names) - set(MEASUREMENTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(MEASUREMENTS)}")
    if arguments.in_this_process is not None:
        for figure in ask_stub(arguments.in_this_process):
            print(json.dumps(asdict(figure)))
        return
    for figure in bench(arguments.names or MEASUREMENTS):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
