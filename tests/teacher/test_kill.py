"""Processes that buy answers are killed; what the server made is held against what the store kept.

The server is a process of its own and outlives them. An answer is acknowledged once `read` was called for it: the
process then writes it to a file of its own, which says what it would be wrong to lose.
"""

import contextlib
import json
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from endpoints.faulty_server import Counts, FaultyServer, Settings, reply_text
from fakes.requests import request_of
from linkqa_kedro.teacher.completing import MAX_WAITING_FOR_COMMIT
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.interrupts import EXIT_CODE
from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel
from linkqa_kedro.teacher.requests import request_key
from linkqa_kedro.teacher.store_maintenance import verify

pytestmark = pytest.mark.kill

TESTS = Path(__file__).parents[1]
MAX_CONCURRENCY = 32
N_KILLS = 20
# Bounds of every wait, for machines that are much slower than usual.
PATIENCE_SECONDS = 60.0

BUYER = textwrap.dedent(
    """
    import json, os, sys
    from pathlib import Path
    from fakes.requests import request_of
    from linkqa_kedro.teacher.completing import complete
    from linkqa_kedro.teacher.completion_store import CompletionStore
    from linkqa_kedro.teacher.concurrency import EndpointGate
    from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel
    from linkqa_kedro.teacher.teacher import Teacher, TeacherModel

    base_url, folder, acknowledged, n_requests, max_concurrency = sys.argv[1:]
    file = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def read(request, completion):
        os.write(file, (json.dumps([request.record_id, completion.text]) + "\\n").encode())
        os.fsync(file)

    chat = OpenAICompatibleModel("m", base_url, api_key=None, timeout_seconds=30)
    store = CompletionStore(Path(folder), 2)
    teacher = Teacher(TeacherModel(chat, EndpointGate(int(max_concurrency))), store, 0, 2, 0.01)
    completed = complete((request_of(f"r{i}") for i in range(int(n_requests))), teacher, read)
    assert len(completed.answered) == int(n_requests), completed.unanswered[:3]
    """
)


class Buying:
    """Processes that buy the same answers into one store.

    Args:
        server: Whom they ask.
        folder: Where the store and the acknowledgements are.
        n_requests: What each of them asks.
    """

    def __init__(self, server: FaultyServer, folder: Path, n_requests: int) -> None:
        self._server = server
        self._folder = folder
        self._n_requests = n_requests
        self._chat = OpenAICompatibleModel("m", server.base_url, api_key=None, timeout_seconds=1)
        self._read_up_to: dict[Path, int] = {}
        self.acknowledged: dict[str, str] = {}

    @contextlib.contextmanager
    def process(self, name: str = "buyer") -> Iterator[subprocess.Popen[str]]:
        """One of them; killed at the end of the block if it still runs."""
        arguments = (self._server.base_url, self._folder / "completions", self._folder / name, self._n_requests)
        process = subprocess.Popen(
            [sys.executable, "-c", BUYER, *map(str, arguments), str(MAX_CONCURRENCY)],
            stderr=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(TESTS), "PATH": ""},
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def runs_to_the_end(self) -> None:
        with self.process() as process:
            _, said = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == 0, said
        self.read_acknowledgements()

    def wait_for(self, n_acknowledged: int, process: subprocess.Popen[str]) -> None:
        """Return when so many different answers have been acknowledged."""
        wait_until(lambda: len(self.read_acknowledgements()) >= n_acknowledged or process.poll() is not None)

    def read_acknowledgements(self, name: str = "buyer") -> dict[str, str]:
        """Text by record, of all that were acknowledged so far."""
        path = self._folder / name
        if path.exists():
            with path.open("rb") as file:
                file.seek(self._read_up_to.get(path, 0))
                whole = file.read().rpartition(b"\n")[0]
                self._read_up_to[path] = self._read_up_to.get(path, 0) + len(whole) + (1 if whole else 0)
            self.acknowledged |= dict(json.loads(line) for line in whole.splitlines())
        return self.acknowledged

    def key_of(self, record_id: str) -> str:
        return request_key(self._chat, request_of(record_id))

    def stored(self) -> dict[str, str]:
        """Text by record, of all that the store holds; every file and row is checked."""
        with CompletionStore(self._folder / "completions", 2) as store:
            assert verify(store).findings == ()
            keys = {self.key_of(name): name for name in map("r{}".format, range(self._n_requests))}
            return {keys[key]: completion.text for key, completion in store.get_many(keys).items()}

    def n_purchases(self) -> int:
        with CompletionStore(self._folder / "completions", 2) as store:
            return sum(1 for _ in store.ledger())


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.002)


def prompt_of(record_id: str) -> str:
    return "\n\n".join(message["content"] for message in request_of(record_id).messages)


def right_texts(n_requests: int) -> dict[str, str]:
    return {f"r{i}": reply_text(prompt_of(f"r{i}")) for i in range(n_requests)}


def settled(server: FaultyServer) -> Counts:
    """The counts, once nobody asks any more and the server has ended what it was doing."""
    time.sleep(0.1)
    return server.counts()


def test_twenty_kills_lose_no_acknowledged_answer_and_buy_no_stored_one_again(tmp_path: Path) -> None:
    n_requests = 3000
    draw = random.Random(20251123)
    moments = sorted(draw.sample(range(n_requests // 50, n_requests * 9 // 10), N_KILLS))
    in_store: dict[str, str] = {}
    served_of_stored: dict[str, int] = {}
    n_lost = 0
    with FaultyServer(Settings(latency_seconds=0.02), log=tmp_path / "served") as server:
        buying = Buying(server, tmp_path, n_requests)
        for moment in moments:
            with buying.process() as process:
                buying.wait_for(moment, process)
                time.sleep(draw.uniform(0, 0.02))
                process.send_signal(signal.SIGKILL)
                assert process.wait() == -signal.SIGKILL
            counts = settled(server)
            in_store = buying.stored()
            assert buying.read_acknowledgements().items() <= in_store.items()
            assert {name: counts.served[prompt_of(name)] for name in served_of_stored} == served_of_stored
            served_of_stored = {name: counts.served[prompt_of(name)] for name in in_store}
            n_newly_lost = counts.n_served - buying.n_purchases() - n_lost
            assert n_newly_lost <= MAX_CONCURRENCY + MAX_WAITING_FOR_COMMIT
            n_lost += n_newly_lost
        buying.runs_to_the_end()
        counts = server.counts()

    assert buying.stored() == buying.acknowledged == right_texts(n_requests)
    assert {name: counts.served[prompt_of(name)] for name in served_of_stored} == served_of_stored
    assert counts.n_served == n_requests + n_lost
    assert len((tmp_path / "served").read_text().splitlines()) == counts.n_served
    assert len(in_store) < n_requests, "the last kill came too late to mean anything"


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, EXIT_CODE), (signal.SIGINT, -signal.SIGINT)], ids=["SIGTERM", "SIGINT"]
)
def test_a_process_that_is_asked_to_end_stores_all_that_it_has_asked_for(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    n_requests = 400
    with FaultyServer(Settings(latency_seconds=0.2)) as server:
        buying = Buying(server, tmp_path, n_requests)
        with buying.process() as process:
            buying.wait_for(70, process)
            process.send_signal(number)
            _, said = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == status, said
        n_stored = len(buying.stored())
        assert 70 <= n_stored < n_requests
        assert settled(server).n_served == n_stored
        buying.runs_to_the_end()
        assert server.counts().n_served == n_requests
    assert buying.stored() == buying.acknowledged == right_texts(n_requests)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, EXIT_CODE), (signal.SIGINT, -signal.SIGINT)], ids=["SIGTERM", "SIGINT"]
)
def test_asked_to_end_twice_it_ends_at_once_though_answers_hang(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    hanging = Settings(latency_seconds=0.01, fault_fraction=0.02, kinds=("hang",))
    with FaultyServer(hanging) as server:
        buying = Buying(server, tmp_path, 100_000)
        with buying.process() as process:
            buying.wait_for(100, process)
            process.send_signal(number)
            time.sleep(0.5)
            assert process.poll() is None, "nothing was awaited"
            started = time.monotonic()
            process.send_signal(number)
            _, said = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == status, said
        assert time.monotonic() - started < 1.0
        counts = settled(server)
        # What hangs was made by the server and never sent.
        assert counts.n_served - counts.faults["hang"] == buying.n_purchases()
        assert buying.read_acknowledgements().items() <= buying.stored().items()


def test_two_processes_share_a_store(tmp_path: Path) -> None:
    """Each may buy what the other is asking for; both end with all answers, and the first of two stays."""
    n_requests = 600
    with FaultyServer(Settings(latency_seconds=0.01)) as server:
        buying = Buying(server, tmp_path, n_requests)
        with buying.process("one") as one, buying.process("other") as other:
            for process in (one, other):
                _, said = process.communicate(timeout=PATIENCE_SECONDS)
                assert process.returncode == 0, said
        assert server.counts().n_served == buying.n_purchases() <= 2 * n_requests
    for name in ("one", "other"):
        buying.acknowledged = {}
        assert buying.read_acknowledgements(name) == right_texts(n_requests)
    assert buying.stored() == right_texts(n_requests)
