"""./dev bench [NAME ...] [--json FILE]: each figure beside its floor, measured in the same run."""

import argparse
import importlib
import json
from pathlib import Path

from .harness import Results, heading, machine

SUITES = ("crash", "letter", "reports", "start")


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SUITES, []], help="which suites; all when left out")
    parser.add_argument("--json", type=Path, help="also write the figures as JSON")
    chosen = parser.parse_args()
    results = Results()
    print(machine())
    for name in chosen.names or SUITES:
        print(f"\n{name}\n{heading()}")
        importlib.import_module(f"tests.bench.{name}").measure(results)
    if chosen.json:
        chosen.json.write_text(json.dumps(results.to_json(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
