"""The README's table of the kept results: ratios alone, for milliseconds belong to one machine.

`python -m tests.bench.table` writes it between the marks, from results.json beside this file.
"""

import json
import re
from pathlib import Path
from typing import Any

from .pages import WANTED as OF_A_PAGE

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
    """The largest size alone is told; the smaller ones stand in the file."""
    return not re.search(r", 10?0,000 claims(, p95)?$", figure["name"])


def _row(figure: dict[str, Any]) -> str:
    ratio, wanted, note = figure["ratio"], figure["wanted"], re.sub(r"^p50 .* ms, ", "", figure["note"])
    if wanted == OF_A_PAGE:  # a bound of milliseconds: told is the share of it that the page takes
        ratio, wanted, note = figure["ours"] / (3 * figure["floor"] + 15), "<= 1", f"of 3 x plain SQL + 15 ms; {note}"
    return f"| {figure['name']} | {ratio:{'.2f' if ratio >= 0.01 else '.1g'}} | {wanted} | {note} |"


def main() -> None:
    told = table(json.loads(RESULTS.read_text("utf-8")))
    README.write_text(BETWEEN.sub(lambda _: told, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
