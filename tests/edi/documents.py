"""Wrap segments of our own into X12 files of any guide we read."""

from collections.abc import Sequence

from tests.edi.generate import interchange

GUIDES = {
    "005010X222A1": ("837", "HC"),
    "005010X223A2": ("837", "HC"),
    "004010X098A1": ("837", "HC"),
    "005010X214": ("277", "HN"),
    "005010X212": ("277", "HN"),
    "005010X217": ("278", "HI"),
    "005010X231A1": ("999", "FA"),
}


def document(guide: str, *bodies: Sequence[str], marks: str = "*:~", newline: str = "\n") -> bytes:
    """Write one interchange with a transaction set (ST…SE) around each body."""
    code, group = GUIDES[guide]
    sets = [
        [f"ST*{code}*{number:04d}*{guide}", *body, f"SE*{len(body) + 2}*{number:04d}"]
        for number, body in enumerate(bodies, start=1)
    ]
    made = interchange(sets, newline=newline)
    made = made.replace("GS*HP*", f"GS*{group}*").replace("*X*005010X221A1~", f"*X*{guide}~")
    return made.translate(str.maketrans("*:~", marks)).encode()


def segments(data: bytes) -> list[str]:
    """Cut a file of ours apart again; the first segment is number 0."""
    return [part.strip() for part in data.decode().split("~")]
