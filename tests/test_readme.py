"""The README says what is so."""

import json
import re
from pathlib import Path

import pytest

from clinic_claims.domain.lifecycle import LIFECYCLES, mermaid

from .bench import table as bench

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", LIFECYCLES)
def test_the_drawing_of_each_lifecycle_is_the_table(name):
    assert f"### {name.capitalize()}\n\n```mermaid\n{mermaid(LIFECYCLES[name])}\n```" in TEXT


def test_every_picture_is_there():
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT)
    assert pictures
    assert [path for path in pictures if not (ROOT / path).is_file()] == []


def test_every_file_it_names_exists():
    named = re.findall(r"`((?:rules|domain|services|tests|templates)/[\w./]+\.(?:py|toml))`", TEXT)
    assert named
    assert [n for n in named if not (ROOT / n).is_file() and not (ROOT / "clinic_claims" / n).is_file()] == []


def test_the_measured_ratios_are_those_of_the_kept_run():
    told = bench.table(json.loads(bench.RESULTS.read_text("utf-8")))
    assert told.count("\n| ") > 5
    assert told in TEXT
