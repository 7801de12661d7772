"""./dev bench [NAME ...] [--json FILE]: each figure beside its floor, measured in the same run."""

import argparse
import importlib
import json
from pathlib import Path

from .harness import Results, heading, machine

SUITES = {
    "crash": "crash",
    "deeds": "deeds",
    "import": "imports",
    "letter": "letter",
    "pages": "pages",
    "reports": "reports",
    "start": "start",
}  # name: module


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SUITES, []], help="which suites; all when left out")
    parser.add_argument("--json", type=Path, help="put the figures into this file, beside those of suites left out")
    chosen = parser.parse_args()
    print(machine())
    for name in chosen.names or SUITES:
        print(f"\n{name}\n{heading()}")


SUITES = {"import": "imports", "utf-8": "utf-8"}  # name: module


if __name__ == "__main__":
    main()
