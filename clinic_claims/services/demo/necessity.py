"""Stories of need and its proof: called cosmetic, not necessary, experimental; at every stage of an appeal."""

from .. import appeals, claims, denials
from ..owners import assign
from . import desk
from .stage import Scene, Stage

LOCAL = "This decision was based on a Local Coverage Determination. The records do not show that the service is needed."


def called_cosmetic(stage: Stage) -> Scene[None]:
    """Botox for a driver's hemifacial spasm is refused as cosmetic; the letter waits for the physician to sign."""
    folder = yield from desk.admitted(stage, "okafor", "2026-09-14 11:00")
    deed = yield stage.at("2026-09-14 11:20", "priya")
    claim = desk.booked(stage, folder, "HL-104131", desk.face("LT", 30), deed, owner="priya")
    yield from desk.treated(stage, folder, claim, "2026-09-22", "priya")
    yield from desk.sent(stage, claim, "2026-09-24", "priya")
    words = "Cosmetic services are not covered. The injection is considered cosmetic."
    denial = yield from desk.noticed(stage, claim, "2026-10-20 10:30", "priya", words, policy_named="Policy CR-117")
    appeal = yield from desk.written(stage, folder, denial, "2026-11-04 14:20", "2026-11-12 15:30", "priya")
    deed = yield stage.at("2026-11-12 15:35", "priya")
    assign(appeal, stage.people["park"], deed)


def small_dose_paid_by_the_patient(stage: Stage) -> Scene[None]:
    """A small dose that the plan does not cover: the patient agreed in writing beforehand and pays it herself."""
    folder = yield from desk.admitted(stage, "whitlock", "2026-08-04 13:30")
    deed = yield stage.at("2026-08-04 14:00", "marcus")
    lines = ["64612-LT*1", "J0588*10", "J0588-JW*40"]
    claim = desk.booked(stage, folder, "HL-104092", lines, deed, owner="marcus")
    deed = yield stage.at("2026-08-11 08:10", "marcus")
    paper = desk.papers.agreement(claim, deed)
    claims.agree_self_pay(claim, deed, document=paper.title)
    yield from desk.treated(stage, folder, claim, "2026-08-11", "marcus")
    yield from desk.sent(stage, claim, "2026-08-13", "marcus")
    words = "This service is not covered under the member’s benefit plan. Consult the plan documents."
    denial = yield from desk.noticed(stage, claim, "2026-09-15 10:20", "marcus", words)
    deed = yield stage.at("2026-09-16 09:30", "marcus")
    denials.move(denial, "bill_patient", deed, reason="She agreed in writing to pay for the small dose.")
    claims.move(claim, "close", deed)


def chart_has_gaps(stage: Stage) -> Scene[None]:
    """Medicare denies for want of need; the appeal is begun, but the chart lacks what the letter must say."""
    folder = yield from desk.admitted(stage, "nakagawa", "2026-06-22 09:20")
    deed = yield stage.at("2026-06-22 09:50", "marcus")
    claim = desk.booked(stage, folder, "HL-104077", desk.face("RT", 30), deed, owner="marcus")
    yield from desk.treated(stage, folder, claim, "2026-06-30", "marcus")
    yield from desk.sent(stage, claim, "2026-07-02", "marcus")
    denial = yield from desk.noticed(stage, claim, "2026-07-20 10:20", "marcus", LOCAL)
    deed = yield stage.at("2026-11-05 15:10", "marcus")
    appeals.start(denial, deed)
    deed = yield stage.at("2026-11-06 09:00", "marcus")
    following = desk.booked(stage, folder, "HL-104164", desk.face("RT", 30), deed, owner="marcus")
    yield from desk.treated(stage, folder, following, "2026-11-12", "marcus")


def waiting_for_medicare(stage: Stage) -> Scene[None]:
    """A redetermination is asked for with a complete chart; Medicare has sixty days. The next session is coded."""
    folder = yield from desk.admitted(stage, "rosenthal", "2026-07-27 11:10")
    deed = yield stage.at("2026-07-27 11:30", "marcus")
    claim = desk.booked(stage, folder, "HL-104094", desk.face("LT", 30), deed, owner="marcus")
    yield from desk.treated(stage, folder, claim, "2026-08-04", "marcus")
    yield from desk.sent(stage, claim, "2026-08-06", "marcus")
    denial = yield from desk.noticed(stage, claim, "2026-08-24 10:20", "marcus", LOCAL)
    appeal = yield from desk.written(stage, folder, denial, "2026-10-05 14:00", "2026-10-12 13:20", "marcus")
    yield from desk.signed(stage, appeal, "2026-10-13 07:55", "park")
    yield from desk.filed(stage, appeal, "2026-10-14 11:00", "marcus", "fax", "Fax report 14 pages, 10:58, result OK")
    deed = yield stage.at("2026-10-26 10:30", "marcus")
    following = desk.booked(stage, folder, "HL-104160", desk.face("LT", 30), deed, owner="marcus")
    yield from desk.treated(stage, folder, following, "2026-11-03", "marcus")
    deed = yield stage.at("2026-11-05 10:40", "marcus")
    claims.move(following, "finish_coding", deed)


def decision_is_late(stage: Stage) -> Scene[None]:
    """An appeal that the plan has not decided in its time."""
    folder = yield from desk.admitted(stage, "marchetti", "2026-06-15 10:20")
    deed = yield stage.at("2026-06-15 10:50", "priya")
    claim = desk.booked(stage, folder, "HL-104071", desk.face("LT", 28), deed, owner="priya")
    yield from desk.treated(stage, folder, claim, "2026-06-23", "priya")
    yield from desk.sent(stage, claim, "2026-06-25", "priya")
    words = "The plan has found that this service is not medically necessary."
    denial = yield from desk.noticed(stage, claim, "2026-07-21 10:20", "priya", words)
    appeal = yield from desk.written(stage, folder, denial, "2026-08-26 14:00", "2026-09-02 10:00", "priya")
    yield from desk.signed(stage, appeal, "2026-09-03 08:00", "park")
    yield from desk.filed(stage, appeal, "2026-09-08 11:30", "priya", "portal", "Portal receipt HM-A-20418")
    deed = yield stage.at("2026-11-10 09:20", "priya")
    appeals.move(appeal, "note_overdue", deed)


def upheld_once(stage: Stage) -> Scene[None]:
    """A federal employee's carrier calls it experimental and upholds itself; the next step is a disputed claim."""
    folder = yield from desk.admitted(stage, "sandoval", "2026-06-02 09:10")
    approval = yield from desk.asked(stage, folder, "office", ["64612-RT*1", "J0585*100"], "2026-06-02 09:50")
    yield from desk.waived(stage, approval, "2026-06-03 10:00", "K. Osei at the carrier, call reference 55013")
    deed = yield stage.at("2026-06-03 10:30", "priya")
    claim = desk.booked(stage, folder, "HL-104063", desk.face("RT", 25), deed, owner="priya", authorization=approval)
    yield from desk.treated(stage, folder, claim, "2026-06-09", "priya")
    yield from desk.sent(stage, claim, "2026-06-11", "priya")
    words = "The procedure or drug is considered experimental or investigational for this diagnosis."
    denial = yield from desk.noticed(stage, claim, "2026-07-08 10:20", "priya", words)
    appeal = yield from desk.written(stage, folder, denial, "2026-07-16 14:00", "2026-07-22 10:10", "priya")
    yield from desk.signed(stage, appeal, "2026-07-23 08:10", "park")
    yield from desk.filed(
        stage, appeal, "2026-07-27 11:20", "priya", "certified mail", "Certified mail 7020 0000 1111 2222 5291"
    )
    words = "The reviewer found no controlled trial. The denial stands."
    yield from desk.decided(stage, appeal, "2026-08-28 09:40", "priya", "decide_upheld", "2026-08-26", words)


STORIES = (
    called_cosmetic,
    small_dose_paid_by_the_patient,
    chart_has_gaps,
    waiting_for_medicare,
    decision_is_late,
    upheld_once,
)
