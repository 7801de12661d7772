"""Made-up facts documents: what `letter --facts` reads, one file a case.

A file holds a whole document, or names another one that it is like and what changes.
"""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def facts_examples() -> tuple[str, ...]:
    """Return the names of all examples: a kind of letter, or appeal_ and a case."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def facts_example(name: str) -> dict[str, Any]:
    """Return one facts document. Raises KeyError when there is none of that name."""
    if name not in facts_examples():
        raise KeyError(name)
    document = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return _changed(facts_example(document["like"]), document["change"]) if "like" in document else document


def letter_kind(name: str) -> str:
    """Return the kind of letter that an example is for."""
    return "appeal" if name.startswith("appeal_") else name


def _changed(whole: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Lay changes over a document: tables key by key, everything else as a whole."""
    for key, value in change.items():
        old = whole.get(key)
        whole[key] = _changed(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return whole
