"""The table of safeguards names tests that are there, and sources that are asked of us."""

import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from clinic_claims.cli.safeguards import load, safeguards

TESTS = Path(__file__).parent


def functions(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("test", sorted({test for one in load() for test in one.tests}))
def test_every_named_test_exists(test):
    file, name = test.split("::")
    assert name in functions(file)


@pytest.mark.parametrize("one", load(), ids=lambda one: one.says[:40])
def test_every_safeguard_has_a_source_and_something_that_holds_it(one):
    assert one.hipaa or one.asvs
    assert bool(one.tests) != bool(one.stands)
    assert re.fullmatch(r"((\d+\.){2}\d+(, )?)*", one.asvs)


def test_the_command_prints_each_with_its_source_and_its_tests():
    printed = CliRunner().invoke(safeguards, []).output
    assert "45 CFR 164.312(a)(2)(ii)\n    web/test_emergencies.py::test_it_asks_for_a_reason" in printed
    assert f"{len(load())} safeguards" in printed
