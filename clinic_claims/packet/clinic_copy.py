"""The clinic's own copy of a letter: the same pages with the facts they were printed from, as an attachment."""

import io
import json
from typing import Any

import pikepdf
from pikepdf import AttachedFileSpec, Name


def with_facts(pages: bytes, facts: dict[str, Any], sha256: str) -> bytes:
    """Attach the facts and the SHA-256 of the letter as sent. Never send this copy: it holds more than the letter."""
    told = json.dumps({"letter_sha256": sha256, "facts": facts}, indent=1, ensure_ascii=False, sort_keys=True)
    with pikepdf.open(io.BytesIO(pages)) as file:
        attached: Any = AttachedFileSpec  # its constructor is not typed
        file.attachments["facts.json"] = attached(
            file, told.encode(), filename="facts.json", mime_type="application/json", relationship=Name.Data
        )
        out = io.BytesIO()
        file.save(out, deterministic_id=True)
    return out.getvalue()
