"""Commits answers in groups: whatever arrived while the group before was being committed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.stored_rows import BrokenAnswer, Purchase

# An answer waits this long for others to share its commit, which costs an fsync and a switch of threads.
COMMIT_WINDOW_SECONDS = 0.01


class GroupCommit:
    """The writer of one call of `complete`; made inside its event loop."""

    def __init__(self, store: CompletionStore) -> None:
        self._store = store
        self._waiting: list[tuple[Purchase, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._closing = False
        # A thread of its own: the default ones may be busy, and an answer must never wait for them to be safe.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit")
        self._task = asyncio.create_task(self._work())

    async def commit(self, purchase: Purchase) -> None:
        """Return when the purchase is durable."""
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((purchase, committed))
        self._arrived.set()
        await committed

    async def note_broken(self, broken: BrokenAnswer) -> None:
        """Return when it is durable that an answer never arrived."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.put_broken, broken)

    async def close(self) -> None:
        """End, once nothing waits."""
        self._closing = True
        self._arrived.set()
        try:
            await self._task
        finally:
            self._thread.shutdown()

    async def _work(self) -> None:
        try:
            while not self._closing:
                await self._arrived.wait()
                if not self._closing:
                    await asyncio.sleep(COMMIT_WINDOW_SECONDS)
                self._arrived.clear()
                group, self._waiting = self._waiting, []
                if group:
                    await self._commit(group)
        finally:
            # Only a second Ctrl-C leaves answers here: they were paid for.
            if self._waiting:
                self._store.put_many(purchase for purchase, _ in self._waiting)

    async def _commit(self, group: list[tuple[Purchase, asyncio.Future[None]]]) -> None:
        error: Exception | None = None
        try:
            purchases = [purchase for purchase, _ in group]
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.put_many, purchases)
        except Exception as raised:  # handed to those who wait for this commit, whatever it is
            error = raised
        for _, committed in group:
            if committed.done():
                continue
            if error is not None:
                committed.set_exception(error)
            else:
                committed.set_result(None)
