"""Before a letter leaves: the quality gate as it stands today, and whether the record is still what was signed.

A letter that is late, or that the record has outgrown, may still have to go out. It then leaves with a stated reason.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from ..domain.facts import LetterFacts
from ..domain.gaps import Gap
from ..domain.lifecycle import AppealState
from ..domain.quality_gate import Check, gate, open_items
from ..models import Appeal, Letter
from . import composition, letters, packets
from .deeds import Deed, Refused

PRINTED = {
    "clinic": "the letterhead",
    "signer": "the physician’s particulars",
    "patient": "the patient’s record",
    "coverage": "the coverage",
    "treatment": "the treatment case",
    "findings": "the findings",
    "prior_treatments": "the treatments tried",
    "injections": "the sessions",
    "documents": "the documents on file",
    "authorization": "the approval",
    "claim": "the claim",
    "denial": "the denial",
    "policy": "the payer’s policy",
    "recipient": "the address",
}
"""The parts of the facts that an appeal prints, as staff call them."""


def outgrown(letter: Letter, deed: Deed) -> list[str]:
    """Name what changed on the record after the letter of an appeal was printed."""
    return [gap.what for gap in _outgrown(letter, letters.compose(letter.appeal, deed).facts)] if letter.appeal else []


def checks(appeal: Appeal, deed: Deed) -> tuple[Check, ...]:
    """Return the quality gate of an appeal's letter: the day, the rules and the record are today's."""
    now = letters.compose(appeal, deed)
    kept = appeal.letters[-1] if appeal.letters else None
    gaps = tuple(_outgrown(kept, now.facts)) if kept else ()
    said = "" if gaps else "What was printed is what is on file."
    found = Check("record", "Record unchanged", "todo" if gaps else "done", said, gaps)
    return (*gate(now, composition.course(appeal, deed)), found)


def _outgrown(letter: Letter, now: LetterFacts) -> Iterator[Gap]:
    """Give a gap for each part of the record that was changed after the letter was printed."""
    then = packets.facts_of(letter)
    for part, name in PRINTED.items():
        if _told(then, part) != _told(now, part):
            what = f"{name[:1].upper()}{name[1:]} changed after the letter was printed"
            do = "Have it handed back and printed anew, or say below why it leaves as it is."
            yield Gap(what, "The letter tells the older record.", do, part)


def _told(known: LetterFacts, part: str) -> Any:
    """Return a part of the facts as far as a letter tells it."""
    if part == "documents":
        return [(one.id, one.title, one.pages) for one in known.documents]
    return getattr(known, part)


def despite(letter: Letter, sent_on: date, reason: str | None, deed: Deed) -> str | None:
    """Return the reason for which an appeal's letter leaves although something is to do; None where nothing is.

    A letter sent in time is not late because it is noted late. Raises Refused, with what is still to do, without a
    reason.
    """
    if letter.appeal is None or letter.appeal.state != AppealState.READY:
        return None
    denial = packets.facts_of(letter).denial
    in_time = denial is not None and denial.legal is not None and sent_on <= denial.legal
    found = [one for one in open_items(checks(letter.appeal, deed)) if one.item != "time" or not in_time]
    if found and not (reason or "").strip():
        told = [f"{gap.what}: {gap.do}" for item in found for gap in item.gaps]
        raise Refused("Not everything is done. Do it, or say why the letter leaves all the same.", *told)
    return reason if found else None
