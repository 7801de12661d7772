"""The house itself: vendored files, locked dependencies, licences, and what a wheel carries."""

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {".git", ".venv", "instance", "node_modules", "dist", "test-results", "__pycache__"}
VENDORED = tomllib.loads((ROOT / "clinic_claims/static/vendor/vendor.lock.toml").read_text("utf-8"))["package"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = ("requirements.lock", "requirements-test.lock")
# The words are taken apart so that this file passes its own test.
INDEX_WORDS = ["pypi" + ".org", "python" + "hosted", "npm" + "js.", "/sim" + "ple/"]
INDEX_OPTIONS = ["index" + "-url", "find" + "-links", "trusted" + "-host", "--regis" + "try"]
INDEX = re.compile("|".join([*map(re.escape, INDEX_WORDS), *(f"(?<!emit-){option}" for option in INDEX_OPTIONS)]))


def files_of_ours() -> list[Path]:
    found: list[Path] = []
    for entry in sorted(ROOT.iterdir()):
        if entry.is_file():
            found.append(entry)
        elif entry.name not in NOT_OURS and not entry.name.endswith("_cache"):
            found += [file for file in entry.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    return found


def requirements(lock: str) -> dict[str, str]:
    """Each requirement of a lock file with its lines of hashes."""
    text = (ROOT / lock).read_text("utf-8")
    entries = re.split(r"^(?=[a-z0-9])", re.sub(r"^ *#.*\n", "", text, flags=re.M), flags=re.M)
    return {entry.split(" ", 1)[0]: entry for entry in entries if entry}


@pytest.mark.parametrize("package", VENDORED, ids=lambda package: f"{package['folder']}:{package['name']}")
def test_vendored_files_are_those_of_the_lock(package):
    folder = ROOT / package["folder"]
    for file in package["file"]:
        digest = hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest()
        assert digest == file["sha256"], f"{file['path']} was changed; `./dev vendor` fetches it again."


@pytest.mark.parametrize("package", VENDORED, ids=lambda package: f"{package['folder']}:{package['name']}")
def test_vendored_packages_bring_their_licence(package):
    assert package["licence"]
    assert any(file["path"].startswith("LICENSE") for file in package["file"])


def test_no_vendored_file_is_unlisted():
    listed = {ROOT / package["folder"] / file["path"] for package in VENDORED for file in package["file"]}
    present = {file for package in VENDORED for file in (ROOT / package["folder"]).iterdir()}
    assert present == listed


def test_no_file_names_a_package_index():
    named = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in files_of_ours()
        if (match := INDEX.search(file.read_text("utf-8", errors="ignore")))
    ]
    assert named == []


@pytest.mark.parametrize("line", ["--extra-" + INDEX_OPTIONS[0], "https://" + INDEX_WORDS[0], INDEX_OPTIONS[3] + "=x"])
def test_a_package_index_would_be_found(line):
    assert INDEX.search(line)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_is_pinned_and_hashed(lock):
    entries = requirements(lock)
    assert len(entries) > 50
    assert [name for name, entry in entries.items() if "==" not in name or "--hash=sha256:" not in entry] == []
    assert "://" not in "".join(entries.values())


def test_the_test_lock_repeats_the_run_lock():
    run, test = map(requirements, LOCKS)
    assert run.items() <= test.items()


def test_every_dependency_is_locked():
    locked = {name.split("==")[0] for name in requirements("requirements-test.lock")}
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]
    assert {re.split(r"[^\w-]", name)[0] for name in wanted} <= locked


def test_the_licence_is_the_one_the_project_names():
    assert PROJECT["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_wheel_carries_all_that_runs(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        carried = set(wheel.namelist())
    assert "clinic_claims/_config_default.py" in carried
    assert "clinic_claims/static/vendor/vendor.lock.toml" in carried
    for folder in ("templates", "migrations"):
        ours = [file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
        assert {f"clinic_claims/_data/{file.relative_to(ROOT)}" for file in ours} <= carried
