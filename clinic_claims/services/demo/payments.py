"""Stories of payment: paid, taken back, too soon, returned, asked for records, and not answered in time."""

from .. import claims
from . import desk
from .stage import Scene, Stage

NECK = ["64616-50*1", "J0585-JZ*200"]  # both sides; two vials used up


def paid_then_taken_back(stage: Stage) -> Scene[None]:
    """A plan pays an approved session, reverses itself months later, and keeps the money from the next payment."""
    folder = yield from desk.admitted(stage, "fairweather", "2026-06-04 11:10")
    wanted = ["64612-RT*2", "J0585*200"]
    approval = yield from desk.asked(stage, folder, "office", wanted, "2026-06-04 11:30")
    yield from desk.granted(stage, approval, "2026-06-08 13:00", "STG-UM-448190", ("2026-06-08", "2026-12-04"))
    deed = yield stage.at("2026-06-08 14:10", "marcus")
    lines = desk.face("RT", 25)
    claim = desk.booked(stage, folder, "HL-104066", lines, deed, owner="marcus", authorization=approval)
    yield from desk.treated(stage, folder, claim, "2026-06-16", "marcus")
    yield from desk.sent(stage, claim, "2026-06-18", "marcus")
    deed = yield stage.at("2026-09-08 10:00", "marcus")
    following = desk.booked(stage, folder, "HL-104128", lines, deed, owner="marcus", authorization=approval)
    yield from desk.treated(stage, folder, following, "2026-09-15", "marcus")
    yield from desk.sent(stage, following, "2026-09-17", "marcus")
    words = "On review, the documentation does not support medical necessity. The earlier payment will be recovered."
    yield from desk.noticed(stage, claim, "2026-09-29 10:30", "marcus", words)


def outpatient_with_utn(stage: Stage) -> Scene[None]:
    """Original Medicare, hospital outpatient: decided under a UTN whose 120 days begin on the day of decision; paid."""
    folder = yield from desk.admitted(stage, "abernathy", "2026-08-10 09:30")
    wanted = ["64612-LT*1", "J0585*100"]
    request = yield from desk.asked(stage, folder, "outpatient", wanted, "2026-08-10 10:00", "fax")
    yield from desk.granted(stage, request, "2026-08-17 09:40", "A0000026229771", ("2026-08-17", "2026-12-14"))
    deed = yield stage.at("2026-08-18 14:00", "marcus")
    claim = desk.booked(
        stage, folder, "HL-104124", desk.face("LT", 50), deed, owner="marcus", place="outpatient", authorization=request
    )
    yield from desk.treated(stage, folder, claim, "2026-09-10", "marcus")
    yield from desk.sent(stage, claim, "2026-09-15", "marcus")
    deed = yield stage.at("2026-10-06 11:00", "marcus")
    claims.move(claim, "close", deed)


def records_are_asked(stage: Stage) -> Scene[None]:
    """The payer wants the notes before it decides: no denial, but a clock."""
    folder = yield from desk.admitted(stage, "bright", "2026-08-31 10:00")
    deed = yield stage.at("2026-08-31 10:20", "priya")
    claim = desk.booked(stage, folder, "HL-104121", NECK, deed, owner="priya")
    yield from desk.treated(stage, folder, claim, "2026-09-08", "priya")
    yield from desk.sent(stage, claim, "2026-09-10", "priya")


def returned_unprocessed(stage: Stage) -> Scene[None]:
    """Medicare returns a claim as unprocessable: fix and resend, nothing to appeal."""
    folder = yield from desk.admitted(stage, "petrov", "2026-10-05 13:10")
    deed = yield stage.at("2026-10-05 13:30", "marcus")
    claim = desk.booked(stage, folder, "HL-104149", desk.face("50", 50), deed, owner="marcus")
    yield from desk.treated(stage, folder, claim, "2026-10-13", "marcus")
    yield from desk.sent(stage, claim, "2026-10-15", "marcus")


def denied_as_too_soon(stage: Stage) -> Scene[None]:
    """A session for chronic migraine, twelve weeks after the last, is denied as too soon; our own day has passed."""
    folder = yield from desk.admitted(stage, "yoon", "2026-08-03 09:00")
    wanted = ["64615*1", "J0585*200"]
    approval = yield from desk.asked(stage, folder, "office", wanted, "2026-08-03 09:30")
    yield from desk.granted(stage, approval, "2026-08-06 10:00", "STG-UM-451377", ("2026-08-10", "2026-11-06"))
    deed = yield stage.at("2026-08-10 11:00", "marcus")
    lines = ["64615*1", "J0585*155", "J0585-JW*45"]
    claim = desk.booked(stage, folder, "HL-104104", lines, deed, owner="marcus", authorization=approval)
    yield from desk.treated(stage, folder, claim, "2026-08-18", "marcus")
    yield from desk.sent(stage, claim, "2026-08-20", "marcus")
    words = "The information submitted does not support this many or this frequency of services."
    yield from desk.noticed(stage, claim, "2026-09-15 10:40", "marcus", words)


def no_answer(stage: Stage) -> Scene[None]:
    """A patient of many years: one session paid and closed, the next at the payer longer than it may take."""
    folder = yield from desk.admitted(stage, "gutierrez", "2026-07-07 10:40")
    deed = yield stage.at("2026-07-07 11:00", "priya")
    claim = desk.booked(stage, folder, "HL-104082", NECK, deed, owner="priya")
    yield from desk.treated(stage, folder, claim, "2026-07-14", "priya")
    yield from desk.sent(stage, claim, "2026-07-16", "priya")
    deed = yield stage.at("2026-09-29 09:30", "priya")
    following = desk.booked(stage, folder, "HL-104143", NECK, deed, owner="priya")
    yield from desk.treated(stage, folder, following, "2026-10-06", "priya")
    deed = yield stage.at("2026-10-07 14:00", "priya")
    claims.move(claim, "close", deed)
    yield from desk.sent(stage, following, "2026-10-08", "priya")
    deed = yield stage.at("2026-10-12 08:50", "priya")
    claims.move(following, "note_accepted", deed)


STORIES = (
    paid_then_taken_back,
    outpatient_with_utn,
    records_are_asked,
    returned_unprocessed,
    denied_as_too_soon,
    no_answer,
)
