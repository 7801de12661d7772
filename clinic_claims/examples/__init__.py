"""Made-up facts documents: what `letter --facts` reads, one file a case."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def facts_examples() -> tuple[str, ...]:
    """Return the names of all examples."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def facts_example(name: str) -> dict[str, Any]:
    """Return one facts document. Raises KeyError when there is none of that name."""
    if name not in facts_examples():
        raise KeyError(name)
    return json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
