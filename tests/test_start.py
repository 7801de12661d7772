"""What starts quickly stays quick: heavy parts are loaded by those who use them alone."""

import subprocess
import sys

import pytest

BUILD = "import os; os.environ['CLINIC_CLAIMS_ENV'] = 'test'; from clinic_claims import create_app; create_app({}); "
HELP = "from clinic_claims.cli import main; "


def loaded(code: str, tmp_path) -> set[str]:
    """Run the code in a process of its own; name the modules that it loaded."""
    settings = {"CLINIC_CLAIMS_INSTANCE": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", f"{code}import sys; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True, env=settings).stdout.split())


@pytest.mark.parametrize("heavy", ["weasyprint", "xlsxwriter", "openpyxl", "fontTools"])
def test_the_application_starts_without_what_only_some_pages_need(tmp_path, heavy):
    assert heavy not in loaded(BUILD, tmp_path)


def test_help_loads_neither_pages_nor_tables(tmp_path):
    assert not loaded(HELP, tmp_path) & {"flask", "sqlalchemy", "weasyprint", "clinic_claims.models"}
