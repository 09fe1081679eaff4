"""What benchmarks print, and how two sides are measured in one run."""

import importlib
import operator
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        name: What was measured.
        value: The value.
        unit: Its unit.
        target: Comparison and bound, such as ">= 0.9"; empty where there is none.
    """

    name: str
    value: float
    unit: str
    target: str = ""

    def line(self) -> str:
        """The figure as it is printed."""
        text = f"{self.name} {self.value:.4g} {self.unit}"
        return f"{text} (target {self.target}{'' if self._is_met() else ', missed'})" if self.target else text

    def _is_met(self) -> bool:
        comparison, bound = self.target.split()
        meets: Callable[[float, float], bool] = {">=": operator.ge, "<=": operator.le, "<": operator.lt}[comparison]
        return meets(self.value, float(bound))


@dataclass(frozen=True)
class Failed:
    """A figure that could not be measured.

    Attributes:
        name: What was to be measured.
        why: What stood in the way.
    """

    name: str
    why: str

    def line(self) -> str:
        """The failure as it is printed."""
        return f"{self.name} failed: {self.why}"


class MissingPeerError(Exception):
    """A package to compare with is not there; its message says what to do."""


def peer_module(name: str) -> ModuleType:
    """A module of a package to compare with.

    Raises:
        MissingPeerError: If it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and error.name == package:
            raise MissingPeerError(f"{package} is not installed (pip install '.[bench]')") from error
        raise MissingPeerError(f"{package} cannot be imported: {error}") from error


def cpu_seconds(sides: Mapping[str, Callable[[], object]], n_repeats: int) -> dict[str, float]:
    """CPU seconds of each side: the median of its repeats, threads included.

    The sides take turns, so that a slow minute of the machine slows them all.
    """
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(n_repeats):
        for name, work in sides.items():
            started = time.process_time()
            work()
            spent[name].append(time.process_time() - started)
    return {name: statistics.median(seconds) for name, seconds in spent.items()}
