"""What became of the files we sent, before any payer looked at a claim: the 999, and whole batches of a 277CA."""

from collections.abc import Iterator, Mapping

from ..edi import ack999, ack999_codes, status277
from . import rejected_batches, statuses
from .arrivals import Arrival, Intake, Posting, fault
from .history import record
from .rejected_batches import Told


def check(arrival: Arrival, answer: Intake) -> ack999.AckFile:
    """Read the acknowledgement."""
    read = ack999.read(arrival.data)
    answer.faults = [fault(each) for each in read.faults]
    answer.claims = sum(len(group.sets) for group in read.groups)
    return read


def post(posting: Posting) -> None:
    """Keep what became of each file we sent; what was rejected becomes work for whoever sent it."""
    for group in posting.read.groups:
        for told in group.sets:
            posting.answer.matched += told.is_accepted
            posting.answer.notes += _acknowledged(told)
            if not told.is_accepted:
                posting.answer.notes.append(_reject_set(group, told, posting))
        if not group.is_accepted and all(told.is_accepted for told in group.sets):
            posting.answer.notes.append(_reject_group(group, posting))
        said = "taken in" if group.is_accepted else "rejected"
        sentence = f"File {group.control_number} that we sent was {said} ({group.code})."
        kept = {"group": group.control_number, "code": group.code}
        record("import", "acknowledge_file", posting.arrival.deed, sentence=sentence, **kept)


def _reject_set(group: ack999.GroupAcknowledgement, told: ack999.SetAcknowledgement, posting: Posting) -> str:
    positions = [place.position for place in told.places if place.position]
    why = [each[:1].upper() + each[1:] for each in _faults(told)] or [
        f"The acknowledgement gives no reason but {told.code}: ask the clearinghouse."
    ]
    key = group.control_number, told.control_number
    return rejected_batches.note(
        Told(f"Transaction set {told.control_number}", told.segment, why, positions),
        lambda sent: (sent.group, sent.number) == key,
        posting,
    )


def _reject_group(group: ack999.GroupAcknowledgement, posting: Posting) -> str:
    codes = ", ".join(group.errors) or group.code
    why = [f"The whole group was rejected (error {codes}): its envelope is wrong. Ask the clearinghouse."]
    told = Told(f"Group {group.control_number}", group.segment, why)
    return rejected_batches.note(told, lambda sent: sent.group == group.control_number, posting)


def _acknowledged(told: ack999.SetAcknowledgement) -> Iterator[str]:
    name = f"Transaction set {told.control_number} ({told.kind})"
    yield f"{name} was {'taken in' if told.is_accepted else 'rejected'} ({told.code})."
    yield from (f"{name}: {each}" for each in _faults(told))


def _faults(told: ack999.SetAcknowledgement) -> Iterator[str]:
    for place in told.places:
        parts = [(":".join(filter(None, (each.element, each.component))), each.code) for each in place.elements]
        elements = [f"element {number} {_meant(code, ack999_codes.ELEMENTS)}" for number, code in parts]
        where = f"segment {place.tag} number {place.position}" if place.position else f"segment {place.tag}"
        yield f"{'; '.join([f'{where} {_meant(place.code, ack999_codes.SEGMENTS)}', *elements])}."


def _meant(code: str, known: Mapping[str, str]) -> str:
    return f"({code}: {known[code]})" if code in known else f"(code {code})"


def of_batch(report: status277.StatusReport, posting: Posting) -> list[str]:
    """Say that a payer rejected a batch whole, and make it work; nothing where it did not."""
    deed = posting.arrival.deed
    known = deed.book.x12.claim_statuses
    kinds = {known[each.category].kind for each in report.statuses if each.category in known}
    if "rejection" not in kinds:
        return []
    why = statuses.in_words(report.statuses, deed)
    told = Told(f"Batch {report.trace}", report.segment, [f"{why[:1].upper()}{why[1:]}."])
    work = rejected_batches.note(told, lambda sent: sent.batch == report.trace != "", posting)
    return [f"Batch {report.trace} was rejected whole: {why}.", work]
