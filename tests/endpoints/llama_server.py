"""The real llama-server, as xllamacpp builds it in, with the random model of tiny_gguf.py.

Needs the extra `endpoints`. As a program, `python -m endpoints.llama_server MODEL ADDRESS_FILE`, it serves.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from endpoints.server_process import get, polls, running, wait_until_answers

MODEL = "tiny-random"
SLOTS = 4
CONTEXT_TOKENS = 16_384  # of each slot: a prompt with four seeds has about 4,000
START_SECONDS = 60.0


@dataclass(frozen=True)
class LlamaServer:
    """A running server.

    Attributes:
        address: Address without a path.
    """

    address: str

    @property
    def base_url(self) -> str:
        """Address for the client."""
        return f"{self.address}/v1"

    def token_counts(self) -> tuple[int, int]:
        """Tokens of all prompts so far, those in its cache included, and of all answers, by its own count."""
        lines = (line.split() for line in get(f"{self.address}/metrics").splitlines() if not line.startswith("#"))
        counts = {name.removeprefix("llamacpp:"): float(value) for name, value in lines}
        n_prompt = counts["prompt_tokens_total"] + counts["prompt_tokens_cached_total"]
        return round(n_prompt), round(counts["tokens_predicted_total"])


@contextlib.contextmanager
def llama_server(folder: Path) -> Iterator[LlamaServer]:
    """A server in a process of its own, its model and its log in the folder."""
    from endpoints.tiny_gguf import write_tiny_gguf

    model = write_tiny_gguf(folder / "tiny-random.gguf", CONTEXT_TOKENS)
    address_file, log = folder / "address.txt", folder / "llama-server.log"
    command = [sys.executable, "-m", "endpoints.llama_server", model, address_file]
    with running(command, log, {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}) as process:
        for _ in polls(process, log, START_SECONDS):
            if address_file.exists():
                break
        address = address_file.read_text(encoding="utf-8")
        wait_until_answers(f"{address}/health", process, log, START_SECONDS)
        yield LlamaServer(address)


def _serve(model: Path, address_file: Path) -> None:
    """Serve at a free port of this machine until standard input ends: no longer than the caller lives."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {MODEL}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = SLOTS
    parameters.n_ctx = SLOTS * CONTEXT_TOKENS
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 2
    parameters.endpoint_metrics = True
    server = xllamacpp.Server(parameters)
    unfinished = address_file.with_suffix(".tmp")
    unfinished.write_text(server.listening_address, encoding="utf-8")
    unfinished.rename(address_file)
    sys.stdin.read()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]))
