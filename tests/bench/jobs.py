"""./dev bench jobs: clicks and keystrokes of the daily jobs, counted in a browser, as a table."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

JOBS = Path(__file__).resolve().parent.parent / "browser" / "test_ten_jobs.py"


def main(words: Sequence[str]) -> None:
    """Do every job in a browser and print what it took; stops with 1 when one takes more than it may."""
    sys.exit(pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", str(JOBS), *words]))
