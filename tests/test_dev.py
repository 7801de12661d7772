"""What `./dev` calls, seen from a prepared folder in which Python is a stand-in that prints its arguments."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-test.lock")
ECHO = '#!/bin/sh\necho "$@"\n'


@pytest.fixture
def house(tmp_path) -> Path:
    house = tmp_path / "the house"
    programs = house / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("dev", *LOCKS):
        shutil.copy(ROOT / name, house)
    for name in ("python", "pip"):
        (programs / name).write_text(ECHO)
        (programs / name).chmod(0o755)
    shutil.copy(ROOT / LOCKS[1], house / ".venv/.installed.lock")
    return house


def dev(house: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([house / "dev", *words], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True)


@pytest.mark.parametrize("words", [[], ["help"], ["--help"]])
def test_help_names_every_call(house, words):
    done = dev(house, *words)
    assert done.returncode == 0
    for word in ("run", "test", "bench", "import", "deadline", "letter", "backup", "calendar"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("words", "called"),
    [
        (["run", "--port", "8100", "--empty"], "{command} serve --port 8100 --empty"),
        (["import", "a remittance.835", "--json"], "{command} import a remittance.835 --json"),
        (["test", "-k", "deadline"], "-m pytest -k deadline"),
        (["bench", "letters", "--json", "x.json"], "-m tests.bench letters --json x.json"),
        (["advisories", "--fetch"], "{house}/.ci/advisories.py --fetch"),
        (["vendor", "--record"], "{house}/.ci/vendor.py --record"),
    ],
)
def test_a_prepared_house_calls_at_once(house, words, called):
    done = dev(house, *words)
    assert done.stdout == called.format(house=house, command=house / ".venv/bin/clinic-claims") + "\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_without_options_every_check_is_run_the_quick_ones_first(house):
    calls = dev(house, "test").stdout.splitlines()
    assert [" ".join(call.split()[1:3]) for call in calls] == [
        "ruff check",
        "ruff format",
        "house/.ci/advisories.py",
        "pyright --pythonpath",
        "pytest -n",
    ]


def test_a_failing_check_ends_the_run(house):
    (house / ".venv/bin/python").write_text('#!/bin/sh\necho "$2"\n[ "$2" != pyright ]\n')
    done = dev(house, "test")
    assert done.returncode == 1
    assert done.stdout.split() == ["ruff", "ruff", "pyright"]


def test_files_are_named_from_where_the_caller_stands(house, tmp_path):
    assert dev(house, "import", "here.835", cwd=tmp_path).stdout.endswith("import here.835\n")


def test_a_changed_lock_is_installed_with_its_hashes_and_only_then_remembered(house):
    (house / LOCKS[0]).write_text("changed\n")
    (house / LOCKS[1]).write_text("changed too\n")
    (house / ".venv/bin/python").write_text(
        f'#!/bin/sh\n[ "$1" != -c ] || echo "{house}"\n[ "$1" = -c ] || echo "$@"\n'
    )
    done = dev(house, "worklist")
    assert "-m pip install -qq --disable-pip-version-check --require-hashes -r" in done.stderr
    assert done.stdout.endswith("clinic-claims worklist\n")
    assert (house / ".venv/.installed.lock").read_text() == "changed\n"


def test_a_failed_installation_says_so_and_is_tried_again_next_time(house):
    (house / LOCKS[0]).write_text("changed\n")
    (house / LOCKS[1]).write_text("changed too\n")
    (house / ".venv/bin/python").write_text("#!/bin/sh\nexit 1\n")
    done = dev(house, "worklist")
    assert done.returncode == 1
    assert "needs the network" in done.stderr
    assert (house / ".venv/.installed.lock").read_bytes() == (ROOT / LOCKS[1]).read_bytes()
