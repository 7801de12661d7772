"""For each kind of X12 file: what refuses it, and how it is posted."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from ..db import db
from ..domain.lifecycle import StepRefused
from ..edi import auth278, claim837, era835, status277
from ..edi.findings import Fault
from . import acknowledgements, billed, progress, rejected_batches, remittances, reviews, statuses, strokes
from .arrivals import Arrival, Intake, Posting, fault
from .deeds import Refused
from .import_runs import Tracker

WORST = 500  # faults listed of a hopeless file


class Faulty(Exception):
    """A file turned out to be faulty while it was posted; the faults are in its answer, and all of it is undone."""


def check_835(_: Arrival, __: Intake) -> None:
    """Check nothing ahead: a remittance file is read once, and checked as it is posted."""


def post_835(posting: Posting) -> None:
    """Post one remittance after the other, some claims at a time, so that a large file never lies in memory whole.

    Raises Faulty when the end is reached and any part was wrong: from the first fault on nothing more is posted.
    Where staff let wrong sums pass, the whole file is checked before anything is posted.
    """
    data, check = posting.arrival.data, Check(posting.answer)
    progress.expect(data.count(b"CLP"))  # near enough: the claims are counted as they are read
    reason = posting.arrival.accepted
    if reason:
        for part in chain.from_iterable(era835.remittances(data)):
            check.look(part)
        reason = reason if check.accept() else ""
    with strokes.large_work():
        for told in era835.remittances(data):
            _post_remittance(told, posting, None if posting.arrival.accepted else check, reason or None)
    check.refuse()


def _post_remittance(told: era835.Told, posting: Posting, check: "Check | None", reason: str | None) -> None:
    """Post the reversals of a remittance before its other claims: what comes in their place must find them done."""
    answer, deed, done = posting.answer, posting.arrival.deed, remittances.Posted()
    row, last = None, None
    for turn, reversals in enumerate((True, False) if told.has_reversals else (None,)):
        for part in told:
            if check and not turn:
                check.look(part)
            for last in () if check and check.found else part.remittances:
                row = row or remittances.begin(last, posting.document, deed, unbalanced_reason=reason)
                wanted = [each for each in last.claims if reversals in (None, each.is_reversal)]
                remittances.post_claims(wanted, row, deed, done)
    if row and last:
        remittances.end(last, row, deed, done)
    answer.matched += done.matched
    answer.unmatched += done.unmatched
    answer.denials += done.denials
    answer.notes += done.notes


class Check:
    """What is wrong with an 835 as it is read, and what its claims come to."""

    def __init__(self, answer: Intake) -> None:
        self.answer = answer
        self.found: list[Fault] = []
        self.sums_only = True
        self._traces: set[tuple[str, str]] = set()
        self._newest: int | None = None

    def look(self, part: era835.EraFile) -> None:
        """Look at the next part of the file."""
        self._add(part.faults)
        doubts = (f"Look at {each}." for each in part.warnings if each.sums)
        self.answer.notes += islice(doubts, max(WORST - len(self.answer.notes), 0))
        for remittance in part.remittances:
            if remittance.segment != self._newest:
                self._newest = remittance.segment
                self._add(tuple(self._known_trace(remittance)))
            self.answer.claims += len(remittance.claims)
            for payment in remittance.claims:
                self.answer.charged += payment.charged
                self.answer.paid += payment.paid

    def accept(self) -> bool:
        """Let wrong sums pass, each with a remark; returns whether there were any. Raises Faulty for other faults."""
        if self.found and self.sums_only:
            self.answer.notes += [f"Posted although: {each}." for each in self._ordered()]
            self.found = []
            return True
        self.refuse()
        return False

    def refuse(self) -> None:
        """Raise Faulty when anything was wrong."""
        if self.found:
            self.answer.can_accept = self.sums_only
            self.answer.faults = [fault(each) for each in self._ordered()]
            raise Faulty

    def _add(self, faults: Sequence[Fault]) -> None:
        self.found += faults[: max(WORST - len(self.found), 0)]
        self.sums_only = self.sums_only and all(each.sums for each in faults)

    def _ordered(self) -> list[Fault]:
        return sorted(self.found, key=lambda each: (each.segment is None, each.segment))

    def _known_trace(self, remittance: era835.Remittance) -> Iterator[Fault]:
        """A payer's trace number is posted once: refuse one that is on record or stands twice in the file."""
        key = (remittances.spelled(remittance.payer_name), remittance.trace)
        trace = f"Trace number {remittance.trace} of {remittance.payer_name}"
        if not remittance.trace:
            yield Fault(
                remittance.segment, "ST", "The payment has no trace number (TRN02), so it could be posted twice."
            )
        elif key in self._traces:
            yield Fault(remittance.segment, "ST", f"{trace} stands twice in this file.")
        elif before := remittances.posted_before(remittance):
            yield Fault(remittance.segment, "ST", f"{trace} was posted on {remittances.when(before, remittance)}.")
        self._traces.add(key)


def check_837(arrival: Arrival, answer: Intake) -> claim837.ClaimFile:
    """Read the claims."""
    read = claim837.read(arrival.data)
    answer.faults = [fault(each) for each in read.faults]
    answer.claims, answer.charged = len(read.claims), sum((each.charged for each in read.claims), answer.charged)
    return read


def post_837(posting: Posting) -> None:
    """Enter or update each claim; one that cannot be is listed with the reasons and leaves nothing behind."""
    deed = posting.arrival.deed
    for sent in posting.read.claims:
        told = billed.of_837(sent, deed.today)
        attempt(posting, told.number, lambda tracker, told=told: billed.take_in(told, tracker, deed)[1])
    rejected_batches.follow_sent(posting)


def attempt(posting: Posting, number: str, work: Callable[[Tracker], list[str]]) -> bool:
    """Do one record's work so that a refusal undoes it alone; count it and keep the remarks."""
    own, answer = Tracker(), posting.answer
    progress.step()
    try:
        with db.session.begin_nested():
            notes = work(own)
            db.session.flush()
    except (Refused, StepRefused) as refused:
        answer.unmatched.append(number)
        answer.notes.append(f"{number}: {' '.join(refused.reasons)}")
        return False
    answer.matched += 1
    answer.notes += [f"{number}: {note}" for note in notes]
    for key, told in own.rows.items():
        posting.tracker.rows.setdefault(key, told)
    return True


def check_277(arrival: Arrival, answer: Intake) -> status277.StatusFile:
    """Read the statuses."""
    read = status277.read(arrival.data)
    answer.faults = [fault(each) for each in read.faults]
    answer.claims = sum(report.level == "claim" for report in read.reports)
    return read


def post_277(posting: Posting) -> None:
    """Move each claim; what is said of whole batches is kept as a remark."""
    answer, deed = posting.answer, posting.arrival.deed
    for report in posting.read.reports:
        if report.level != "claim":
            answer.notes += acknowledgements.of_batch(report, posting)
            continue
        claim = statuses.claim_of(report)
        if claim is None:
            answer.unmatched.append(report.claim_number)
        else:
            attempt(posting, report.claim_number, lambda own, r=report, c=claim: statuses.post(r, c, own, deed) or [])


def check_278(arrival: Arrival, answer: Intake) -> auth278.AuthFile:
    """Read the answers to requests for approval."""
    read = auth278.read(arrival.data)
    answer.faults = [fault(each) for each in read.faults]
    answer.claims = len(read.reviews)
    return read


def post_278(posting: Posting) -> None:
    """Note each answer on its request."""
    answer, deed = posting.answer, posting.arrival.deed

    def work(review: auth278.Review, own: Tracker) -> list[str]:
        asked = reviews.find(review)
        before = asked.state
        answer.denials += reviews.post(review, asked, own, deed)
        return list(reviews.doubts(asked, before))

    for number, review in enumerate(posting.read.reviews, start=1):
        name = review.trace or review.reference or f"answer {number}"
        attempt(posting, name, lambda own, review=review: work(review, own))
