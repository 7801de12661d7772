"""Every measure by hand on a small story, and against counting in plain Python on random claims."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_claims.db import db, transaction
from clinic_claims.models import (
    Appeal,
    Authorization,
    Claim,
    ClaimPayment,
    Deadline,
    Denial,
    Document,
    Event,
    Facility,
    Provider,
    Remittance,
    Visit,
    VisitService,
)
from clinic_claims.services import denials, measures, seeding
from clinic_claims.services.deeds import Deed
from clinic_claims.services.measures import ANSWERED_CLAIMS, DECIDED, GRANTED, UNCLEAN, Period

TODAY = date(2026, 11, 20)
CLAIMS = 150
QUIET = settings(max_examples=12)
DAYS = st.dates(date(2024, 12, 1), date(2026, 12, 31))


@pytest.fixture
def story(submitted, approval, deed, later):
    """One claim of $652.00, denied on Nov 3 for $412.00, and $100.00 won back 10 days on; one approval in 5 days."""
    with transaction():
        denial = denials.open_denial(
            submitted, deed, group="CO", carcs=["197"], amount=Decimal(412), denied_on=date(2026, 11, 3)
        )
        denials.recover(denial, Decimal(412), later(0), source="EFT-1")
    return denial


def test_the_story_by_hand(story, deed):
    found = measures.figures(Period(date(2026, 10, 1), date(2026, 11, 30)), deed)
    told = {name: (str(figure.value), str(figure.numerator), figure.n) for name, figure in found.items()}
    assert told["initial_denial_rate"] == ("100.0", "1", 1)
    assert told["initial_denial_dollars"] == ("63.2", "412.00", 1)
    assert told["primary_denial_rate"] == ("100.0", "1", 1)
    assert told["write_off_rate"] == ("0.0", "0.00", 1)
    assert told["clean_claim_rate"] == ("0.0", "0", 1)
    assert told["appeal_rate"] == ("0.0", "0", 1)
    assert told["overturned"] == ("100.0", "1", 1)
    assert told["days_to_appeal"] == ("None", "0", 0)
    assert told["days_to_resolution"] == ("17.0", "17", 1)
    assert told["missed_windows"] == ("0", "0", 0)
    assert told["approval_rate"] == ("100.0", "1", 1)
    assert told["turnaround"] == ("5.0", "5", 1)
    assert told["cash_collected"] == ("0.00", "0.00", 0)


def test_few_cases_are_said_to_be_few(story, deed):
    figure = measures.figures(Period(), deed)["initial_denial_rate"]
    assert figure.note == "Only 1 claim answered: the true figure may lie anywhere from 21 to 100 %."


def test_an_hour_of_work_is_read_from_the_history(app, deed):
    """Two people: 10 minutes between two deeds, then a pause; one deed alone. 5 + 10 + 5, and 5 for the other."""
    with transaction():
        for actor, minute in (("A", 0), ("A", 10), ("A", 60), ("B", 3)):
            at = datetime(2026, 11, 2, 15, minute % 60, tzinfo=UTC) + timedelta(hours=minute // 60)
            db.session.add(
                Event(subject="denial", subject_id=1, at=at, actor=actor, action="note", sentence="Noted.", data={})
            )
    figure = measures.figures(Period(), deed)["recovered_per_hour"]
    assert (figure.n, str(figure.denominator)) == (4, "0.4")


@pytest.mark.parametrize(("filed_on", "missed"), [(date(2026, 11, 3), 0), (date(2026, 11, 4), 1), (None, 1)])
def test_an_appeal_filed_on_the_evening_its_window_began_and_ended_is_in_time(story, deed, filed_on, missed):
    """Half past eight in New York is the next day in Greenwich, where moments are kept."""
    evening = datetime(2026, 11, 4, 1, 30, tzinfo=UTC)
    with transaction():
        story.settled_on = None
        db.session.add(
            Deadline(
                denial_id=story.id, clock="appeal", label="Appeal", rule="x", legal=date(2026, 11, 3),
                act_by=date(2026, 11, 3), because=[], confidence="verified", asked={}, started_at=evening,
                stopped_at=evening + timedelta(hours=1),
            )
        )  # fmt: skip
        db.session.add(
            Appeal(
                denial_id=story.id, level="1", name="Appeal", state="filed" if filed_on else "drafting",
                filed_on=filed_on, proof="Fax report", created_at=evening + timedelta(minutes=10),
            )
        )  # fmt: skip
    found = measures.figures(Period(date(2026, 11, 3), date(2026, 11, 3)), deed)["missed_windows"]
    assert (found.value, found.n) == (missed, 1)


@pytest.fixture
def crowd(app, deed):
    """Random claims of every state, with requests, visits and payments made up beside them."""
    maker = random.Random(7)
    seeding.load(CLAIMS, 7, Deed(actor="D. Park", at=datetime(2026, 11, 20, 17, tzinfo=UTC), book=deed.book))
    with transaction():
        _requests(maker)
        _payments(maker)
        _refusals(maker)
    return deed


def _requests(maker):
    claims = db.session.query(Claim).order_by(Claim.id).all()
    provider, facility = db.session.query(Provider).first(), db.session.query(Facility).first()
    for claim in claims[:60]:
        state = maker.choice(["planned", "denied", "approved", "expired", "partly_approved"])
        asked = TODAY - timedelta(maker.randrange(600))
        known = state != "planned"
        db.session.add(
            Authorization(
                case_id=claim.case_id, coverage_id=claim.coverage_id, provider_id=provider.id, state=state,
                number="PA-1" if known else None, submitted_on=asked if maker.random() < 0.8 else None,
                decided_on=asked + timedelta(maker.randrange(30)) if known else None, created_at=_at(asked),
            )
        )  # fmt: skip
        visit = Visit(
            case_id=claim.case_id, coverage_id=claim.coverage_id, provider_id=provider.id, facility_id=facility.id,
            on=asked, side="right", created_at=_at(asked),
        )  # fmt: skip
        visit.services = [
            VisitService(
                code="J0585", diagnosis="G51.31", units_planned=1, units_used=maker.randrange(90),
                units_wasted=maker.randrange(30),
            ),
            VisitService(code="64612", diagnosis="G51.31", units_planned=1, units_used=1, units_wasted=9),
        ]  # fmt: skip
        db.session.add(visit)


def _payments(maker):
    claims = db.session.query(Claim).all()
    paper = Document(
        sha256="0", kind="remittance", title="R", file_name="r", media_type="text/plain", size=1, added_at=_at(TODAY),
        added_by="D. Park",
    )  # fmt: skip
    db.session.add(paper)
    db.session.flush()
    for number in range(40):
        payment = ClaimPayment(
            claim_id=maker.choice([None, *(claim.id for claim in claims)]), claim_number="x", status="1",
            charged=Decimal(100), paid=Decimal(maker.randrange(-5000, 90000)) / 100, patient_owes=Decimal(0), segment=1,
        )  # fmt: skip
        db.session.add(
            Remittance(
                payer_name="P", trace=f"T{number}", amount=payment.paid, paid_on=TODAY - timedelta(number * 9),
                document_id=paper.id, posted_at=_at(TODAY), posted_by="D. Park", payments=[payment],
            )
        )  # fmt: skip


def _refusals(maker):
    """Let some of the requests have been refused at first, and a part of some denials have been settled otherwise."""
    for request in db.session.query(Authorization).order_by(Authorization.id):
        if request.submitted_on and request.decided_on and maker.random() < 0.3:
            day = request.submitted_on + timedelta(maker.randrange(9))
            db.session.add(
                Denial(
                    authorization_id=request.id, state="overturned", carcs=["39"], rarcs=[], amount=Decimal(500),
                    category="prior_auth_denied", settled_otherwise=Decimal(500), denied_on=day,
                    month=day.year * 100 + day.month, settled_on=request.decided_on, created_at=_at(day),
                )
            )  # fmt: skip
    for denial in db.session.query(Denial).filter_by(state="written_off").order_by(Denial.id):
        denial.settled_otherwise = maker.choice([None, (denial.amount / 4).quantize(Decimal("0.01"))])


def _at(day):
    return datetime.combine(day, time(15), UTC)


def percent(part, whole):
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1")) if whole else None


@QUIET
@given(DAYS, DAYS)
def test_counting_in_plain_python_agrees(crowd, one, other):
    first, last = sorted((one, other))
    found = {name: figure.value for name, figure in measures.figures(Period(first, last), crowd).items()}
    assert found == found | by_claims(first, last) | by_denials(first, last) | by_others(first, last)


def within(day, first, last):
    return day is not None and first <= day <= last


def by_claims(first, last):
    denied = {}
    for denial in db.session.query(Denial).filter(Denial.claim_id.is_not(None)):
        denied.setdefault(denial.claim_id, []).append(denial)
    told = db.session.query(Event).filter_by(subject="claim")
    trouble = {event.subject_id for event in told if event.action in UNCLEAN}
    claims = [
        claim
        for claim in db.session.query(Claim)
        if within(claim.submitted_on, first, last) and (claim.state in ANSWERED_CLAIMS or claim.id in denied)
    ]
    mine = [claim for claim in claims if claim.id in denied]
    sums = {claim.id: sum(denial.amount for denial in denied[claim.id]) for claim in mine}
    given_up = [row for claim in mine for row in denied[claim.id] if row.state == "written_off"]
    lost = [row.amount - row.recovered - (row.settled_otherwise or 0) for row in given_up]
    clean = [claim for claim in claims if claim.id not in denied and claim.id not in trouble]
    firsts = [claim for claim in claims if claim.coverage.rank == 1]
    charged = sum((claim.charged for claim in claims), Decimal(0))
    return {
        "initial_denial_rate": percent(len(mine), len(claims)),
        "initial_denial_dollars": percent(sum(min(sums[claim.id], claim.charged) for claim in mine), charged),
        "primary_denial_rate": percent(sum(claim.id in denied for claim in firsts), len(firsts)),
        "write_off_rate": percent(sum(lost, Decimal(0)), sum(claim.charged - claim.adjusted for claim in claims)),
        "clean_claim_rate": percent(len(clean), len(claims)),
    }


def by_denials(first, last):
    rows = [denial for denial in db.session.query(Denial) if within(denial.denied_on, first, last)]
    filed = {row.id: [appeal.filed_on for appeal in row.appeals if appeal.filed_on] for row in rows}
    ended = ("overturned", "partly_overturned", "upheld", "patient_balance", "written_off")
    won = [row for row in rows if row.state in ended[:2] or row.recovered > 0]
    answered = [row for row in rows if row.state in ended or row.recovered > 0]
    to_appeal = [(min(filed[row.id]) - row.denied_on).days for row in rows if filed[row.id]]
    to_end = [(row.settled_on - row.denied_on).days for row in rows if row.settled_on]
    return {
        "appeal_rate": percent(sum(bool(days) for days in filed.values()), len(rows)),
        "overturned": percent(len(won), len(answered)),
        "days_to_appeal": Decimal(str(float(median(to_appeal)))) if to_appeal else None,
        "days_to_resolution": Decimal(str(float(median(to_end)))) if to_end else None,
        "missed_windows": Decimal(missed(first, last)),
    }


def missed(first, last):
    count = 0
    for row in db.session.query(Deadline).filter_by(clock="appeal"):
        if row.legal is None or not within(row.legal, first, last) or row.legal >= TODAY:
            continue
        in_time = row.stopped_at is not None and row.stopped_at.date() <= row.legal
        filed = any(
            appeal.filed_on and row.started_at.date() <= appeal.filed_on <= row.legal for appeal in row.denial.appeals
        )
        settled = row.denial.settled_on is not None and row.denial.settled_on <= row.legal
        count += not (in_time or filed or settled)
    return count


def first_decision(request):
    refused = db.session.query(Denial.denied_on).filter_by(authorization_id=request.id)
    return min((day for (day,) in refused), default=request.decided_on)


def by_others(first, last):
    requests = [
        row for row in db.session.query(Authorization) if row.state in DECIDED and within(row.decided_on, first, last)
    ]
    asked = [row for row in db.session.query(Authorization) if row.state in DECIDED and row.submitted_on]
    waited = [
        (first_decision(row) - row.submitted_on).days for row in asked if within(first_decision(row), first, last)
    ]
    drugs = [row for row in db.session.query(VisitService) if row.code == "J0585" and within(row.visit.on, first, last)]
    wasted, used = sum(row.units_wasted for row in drugs), sum(row.units_used for row in drugs)
    cash = [
        row.paid
        for row in db.session.query(ClaimPayment)
        if row.claim_id is not None and within(row.remittance.paid_on, first, last)
    ]
    return {
        "approval_rate": percent(sum(row.state in GRANTED for row in requests), len(requests)),
        "turnaround": Decimal(str(float(median(waited)))) if waited else None,
        "units_wasted": percent(wasted, wasted + used),
        "cash_collected": sum(cash, Decimal("0.00")),
    }


def test_the_crowd_holds_every_kind(crowd):
    states = Counter(denial.state.value for denial in db.session.query(Denial))
    assert {"open", "overturned", "written_off", "appealing"} <= set(states)
    assert db.session.query(Appeal).count() > 5
