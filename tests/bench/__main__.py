"""./dev bench [NAME ...] [--json FILE]: each figure beside its floor, measured in the same run.

`./dev bench screens FOLDER` pictures every page instead, `./dev bench jobs` counts clicks and keys of the daily jobs.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

from .harness import Results, heading, machine

SUITES = ("crash", "deeds", "import", "letter", "pages", "reports", "start")
MODULES = {"import": "imports"}  # a word of Python's own names no module
TOOLS = ("jobs", "screens")  # each with options of its own


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in TOOLS:
        return importlib.import_module(f"tests.bench.{sys.argv[1]}").main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SUITES, []], help="which suites; all when left out")
    parser.add_argument("--json", type=Path, help="put the figures into this file, beside those of suites left out")
    chosen = parser.parse_args()
    print(machine())
    for name in chosen.names or SUITES:
        print(f"\n{name}\n{heading()}")
        results = Results()
        importlib.import_module(f"tests.bench.{MODULES.get(name, name)}").measure(results)
        if chosen.json:
            keep(chosen.json, name, results)


def keep(path: Path, suite: str, results: Results) -> None:
    """Put the figures of a suite into the file, in place of older ones."""
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known[suite] = results.to_json()
    path.write_text(json.dumps(known, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
