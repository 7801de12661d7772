"""The README's table of the kept results: ratios alone, for milliseconds belong to one machine.

`python -m tests.bench.table` writes it between the marks, from results.json beside this file.
"""

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
README = HERE.parent.parent / "README.md"
MARK = "<!-- bench -->"
BETWEEN = re.compile(f"{MARK}\n.*?{MARK}", re.DOTALL)


def table(results: dict[str, Any]) -> str:
    """Write one row a figure: what, ours divided by its floor, what was wanted, what the floor is."""
    rows = [_row(figure) for suite in results.values() for figure in suite["figures"] if _is_told(figure)]
    head = ["| Measured | Ours ÷ floor | Wanted | |", "|---|---:|---|---|"]
    return "\n".join([MARK, *head, *rows, MARK])


def _is_told(figure: dict[str, Any]) -> bool:
    """Of the pages, how they grow; of the reports, those over a million claims; the rest stands in the file."""
    return "p95 <=" not in figure["wanted"] and not figure["name"].endswith((", 10,000 claims", ", 100,000 claims"))


def _row(figure: dict[str, Any]) -> str:
    return f"| {figure['name']} | {figure['ratio']:.2f} | {figure['wanted']} | {figure['note']} |"


def main() -> None:
    told = table(json.loads(RESULTS.read_text("utf-8")))
    README.write_text(BETWEEN.sub(lambda _: told, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
