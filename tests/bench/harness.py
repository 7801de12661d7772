"""Measure something beside its floor, in the same run, rounds interleaved; report medians and ratios."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured thing. `ratio` is ours ÷ floor; `wanted` is the bound it should keep."""

    name: str
    ours: float
    floor: float
    unit: str
    wanted: str = ""
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.floor if self.floor else float("nan")


@dataclass
class Results:
    """The figures of one run, with the machine they were measured on."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, *figures: Figure) -> None:
        for figure in figures:
            self.figures.append(figure)
            print(row(figure), flush=True)

    def to_json(self) -> dict[str, object]:
        return {
            "machine": machine(),
            "figures": [asdict(figure) | {"ratio": round(figure.ratio, 3)} for figure in self.figures],
        }


def machine() -> str:
    """Name the processor, its cores and the Python that ran."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def heading() -> str:
    return f"{'what':<44} {'ours':>12} {'floor':>12} {'ratio':>7}  wanted"


def row(figure: Figure) -> str:
    ours, floor = (f"{value:,.1f} {figure.unit}" for value in (figure.ours, figure.floor))
    return f"{figure.name:<44} {ours:>12} {floor:>12} {figure.ratio:>7.2f}  {figure.wanted} {figure.note}".rstrip()


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def interleaved(rounds: int, works: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Run every work once a round, after one round to warm up; return the median milliseconds of each."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            spent = seconds(work) * 1000
            if number:
                taken[name].append(spent)
    return {name: statistics.median(values) for name, values in taken.items()}
