"""How soon the commands answer, beside an interpreter that does nothing but import click."""

import subprocess
import sys

from .harness import Figure, Results, interleaved


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)


def measure(results: Results) -> None:
    taken = interleaved(
        5,
        {
            "help": lambda: _run("-m", "clinic_claims.cli", "--help"),
            "floor": lambda: _run("-c", "import click"),
            "deadline": lambda: _run(
                "-m", "clinic_claims.cli", "deadline", "--payer-class", "medicare_ffs", "--level", "1",
                "--notice-dated", "2026-01-05",
            ),
        },
    )  # fmt: skip
    results.add(
        Figure("--help", taken["help"], taken["floor"], "ms", "<= 300 ms", "floor: import click"),
        Figure(
            "deadline, rulebook read and checked", taken["deadline"], taken["floor"], "ms", "", "floor: import click"
        ),
    )
