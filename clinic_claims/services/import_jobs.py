"""Post a large payer's file by a worker: the bytes are kept at once, the posting follows, whole or not at all."""

from hashlib import sha256
from typing import Any

from . import documents, intake
from .deeds import Deed
from .jobs import Effect, enqueue

KIND = "import"


def order(name: str, data: bytes, deed: Deed) -> str:
    """Ask for a file to be posted and return the key of its job; the same file again is the same job."""
    key = f"{KIND}:{sha256(data).hexdigest()}"
    enqueue(KIND, {"name": name, "sha256": documents.store().put(data)}, deed, key=key, batch=key)
    return key


def post(payload: dict[str, Any], deed: Deed) -> Effect:
    """Read the file back; its effect posts it and answers as the `import` command does."""
    data = documents.store().get(payload["sha256"])
    return lambda: intake.take_in(payload["name"], data, deed).to_json()
