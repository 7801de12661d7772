"""What made-up claims are made of: a clinic with its payers, and stories that end in every state of a claim."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from ..domain import deadlines, denials, lifecycle
from ..domain.deadlines import Case
from ..models import (
    Appeal,
    Claim,
    Coverage,
    Deadline,
    Denial,
    DenialLine,
    Facility,
    Patient,
    Payer,
    Plan,
    Provider,
    ServiceLine,
    TreatmentCase,
)
from . import clocks
from .deeds import Deed
from .patients import name_key
from .questions import Question
from .seed_stories import TOLD, WEIGHTS, Story, trail, walk

if TYPE_CHECKING:
    from .seeding import Writer

CLAIMS_PER_PATIENT = 3
FIRST = "Ada Bruno Celia Dario Edith Felix Greta Hugo Irene Jonas Kira Lucas Mona Nils Olga Pedro Rosa Sven Tara Vito"
LAST = "Abbott Brandt Castell Dumont Ekholm Farrow Gilmore Hartwig Ivers Jansen Keller Lindqvist Moreau Norwood Okafor"
CLASSES = (
    "erisa_self_funded",
    "commercial_fully_insured",
    "medicare_ffs",
    "medicare_advantage_enrollee",
    "medicaid_managed_care",
)
STATES = {"commercial_fully_insured": "TX", "medicaid_managed_care": "TX"}  # whose law binds the plan, where one does
CODES = (("CO", "197", "N54"), ("CO", "50", "N115"), ("CO", "16", "M76"), ("CO", "29", ""), ("CO", "151", "N362"))
TOXIN = (("64612", 1, Decimal(412)), ("J0585", 100, Decimal(660)))
MVD = (("61458", 1, Decimal(9480)),)

ANSWERS = {"post_payment", "post_part_payment", "post_denial"}
CLAIM_CLOCKS = {
    **dict.fromkeys(("service_given", "ready_to_bill", "rejected"), ("timely_filing", "timely_filing", "service")),
    **dict.fromkeys(("submitted", "accepted", "pending"), ("payer_answer", "prompt_payment", "claim_received")),
}


@dataclass(frozen=True)
class Clinic:
    """Keys of what every made-up claim leans on; a plan comes with its payer class."""

    plans: tuple[tuple[int, str], ...]
    providers: tuple[int, ...]
    facility: int

    @classmethod
    def made(cls, writer: "Writer", seed: int) -> "Clinic":
        """Add payers with one plan each, providers and a facility."""
        plans: list[tuple[int, str]] = []
        for name in CLASSES:
            payer = writer.add(Payer, name=f"Sample {name.replace('_', ' ')} {seed}", appeals_address=["P.O. Box 1"])
            plan = writer.add(Plan, payer_id=payer, name="Sample plan", payer_class=name, state=STATES.get(name))
            plans.append((plan, name))
        providers = [
            writer.add(
                Provider, name=f"Sample {seed}-{n}, MD", credentials="MD", specialty="neurologist", npi=f"S{seed}-{n}"
            )
            for n in range(4)
        ]
        facility = writer.add(Facility, name=f"Sample office {seed}", npi=f"S{seed}", place_of_service="11")
        return cls(tuple(plans), tuple(providers), facility)


@dataclass
class Person:
    """Keys of the patient whose claims are being made."""

    patient: int
    coverage: int
    case: int
    provider: int
    payer_class: str
    lines: tuple[tuple[str, int, Decimal], ...]
    diagnosis: str


@dataclass
class Days:
    """When things happened to a claim; each day is on or before today."""

    service: date
    sent: date
    answered: date
    filed: date


class Maker:
    """Makes claims one after the other; patients come every third claim."""

    def __init__(self, writer: "Writer", clinic: Clinic, seed: int, deed: Deed) -> None:
        self.writer, self.clinic, self.seed, self.deed = writer, clinic, seed, deed
        self.random = random.Random(seed)  # noqa: S311 (made-up data, not a secret)
        self.person = self._person(0)
        self.clock = cache(self._clock)
        self.reading = cache(self._reading)

    def make(self, number: int) -> int | None:
        """Make one claim with all that hangs from it. Return its key while it waits for somebody."""
        if number % CLAIMS_PER_PATIENT == 0:
            self.person = self._person(number)
        story = self.random.choices(TOLD, WEIGHTS)[0]
        days = self._days(story)
        claim, lines = self._claim(number, story, days)
        if story.denial:
            self._denial(claim, lines, story, days)
        return claim if story.is_open else None

    def _person(self, number: int) -> Person:
        first, last = self.random.choice(FIRST.split()), self.random.choice(LAST.split())
        born = date(1940, 1, 1) + timedelta(days=self.random.randrange(18000))
        side, diagnosis = self.random.choice((("right", "G51.31"), ("left", "G51.32")))
        plan, payer_class = self.random.choice(self.clinic.plans)
        provider, surgery = self.random.choice(self.clinic.providers), self.random.random() < 0.08
        named = {"last_name": last, "first_name": first, "name_key": name_key(last, first)}
        patient = self.writer.add(Patient, mrn=f"S{self.seed}-{number}", born_on=born, sex="female", **named)
        coverage = self.writer.add(Coverage, patient_id=patient, plan_id=plan, member_id=f"S{self.seed}{number:08d}")
        case = self.writer.add(
            TreatmentCase,
            patient_id=patient,
            provider_id=provider,
            treatment="mvd" if surgery else "toxin",
            condition="hemifacial_spasm",
            diagnosis=diagnosis,
            side=side,
            product=None if surgery else "J0585",
        )
        self._tell(Patient, patient, self.deed.today, "enter_patient", "Patient entered.", patient=patient)
        return Person(patient, coverage, case, provider, payer_class, MVD if surgery else TOXIN, diagnosis)

    def _days(self, story: Story) -> Days:
        """Choose a day of care long enough ago for all that followed."""
        answered = bool(ANSWERS & set(story.claim))
        service = self.deed.today - timedelta(days=self.random.randint(*((60, 700) if answered else (2, 40))))
        sent = service + timedelta(days=2)
        reply = sent + timedelta(days=self.random.randint(14, 28))
        return Days(service, sent, reply, reply + timedelta(days=self.random.randint(5, 29)))

    def _claim(self, number: int, story: Story, days: Days) -> tuple[int, list[int]]:
        person, steps = self.person, story.claim
        charged = sum((price for _, _, price in person.lines), Decimal(0))
        state = walk("claim", steps)
        claim = self.writer.add(
            Claim,
            number=f"S{self.seed}-{number:07d}",
            case_id=person.case,
            coverage_id=person.coverage,
            provider_id=person.provider,
            facility_id=self.clinic.facility,
            state=state,
            service_from=days.service if "record_service" in steps else None,
            submitted_on=days.sent if "submit" in steps else None,
            charged=charged,
            paid=charged - self._refused(story) if state in ("paid", "partly_paid", "closed") else Decimal(0),
            created_at=_at(days.service),
        )
        lines = [self._line(claim, position, *line) for position, line in enumerate(person.lines, 1)]
        self._tell(Claim, claim, days.service, "enter_claim", "Claim entered.", reached="planned")
        self._tell_steps(Claim, claim, steps, days.sent)
        if clock := CLAIM_CLOCKS.get(state):
            self._deadline(clock, days.service if clock[2] == "service" else days.sent, claim_id=claim)
        return claim, lines

    def _line(self, claim: int, position: int, code: str, units: int, price: Decimal) -> int:
        given = {"code": code, "units": units, "charged": price, "diagnosis": self.person.diagnosis}
        return self.writer.add(ServiceLine, claim_id=claim, position=position, **given)

    def _refused(self, story: Story) -> Decimal:
        """Return the dollars that stay refused in the end."""
        if not story.denial or "note_overturned" in story.denial:
            return Decimal(0)
        prices = [price for _, _, price in self.person.lines]
        return prices[-1] / len(prices) if "post_part_payment" in story.claim else sum(prices, Decimal(0))

    def _denial(self, claim: int, lines: list[int], story: Story, days: Days) -> None:
        group, carc, rarc = codes = self.random.choice(CODES)
        reading, steps = self.reading(codes), story.denial[1:]
        amount = self._refused(story) or sum((price for _, _, price in self.person.lines), Decimal(0))
        state = walk("denial", steps)
        settled = lifecycle.is_final(lifecycle.DENIAL, state)
        denial = self.writer.add(
            Denial,
            claim_id=claim,
            state=state,
            group=group,
            carcs=[carc],
            rarcs=[rarc] if rarc else [],
            category=reading.category,
            remedy=reading.remedy,
            amount=amount,
            recovered=amount if state == "overturned" else Decimal(0),
            denied_on=days.answered,
            notice_dated_on=days.answered,
            received_how="835",
            month=days.answered.year * 100 + days.answered.month,
            settled_on=days.filed if settled else None,
            write_off_by="D. Park" if "propose_write_off" in steps else None,
            signed_off_by="E. Quist" if "sign_write_off" in steps else None,
            created_at=_at(days.answered),
        )
        self.writer.add(DenialLine, denial_id=denial, service_line_id=lines[-1], amount=amount)
        self._tell(Denial, denial, days.answered, "open_denial", f"Denied: {group}-{carc}.", reached="open")
        self._tell_steps(Denial, denial, steps, days.filed)
        self._deadline(APPEAL_CLOCK, days.answered, _at(days.filed) if settled else None, denial_id=denial)
        if story.appeal:
            self._appeal(denial, story, days)

    def _appeal(self, denial: int, story: Story, days: Days) -> None:
        steps = story.appeal[1:]
        level = self.deed.book.clocks.step(self.person.payer_class, "1")
        decided = len(steps) > 3
        appeal = self.writer.add(
            Appeal,
            denial_id=denial,
            level="1",
            name=level.name if level else "First appeal",
            state=walk("appeal", steps),
            filed_on=days.filed if "file" in steps else None,
            filed_by="fax" if "file" in steps else None,
            proof="Fax report, 14 pages" if "file" in steps else None,
            decided_on=days.filed if decided else None,
            created_at=_at(days.answered),
        )
        self._tell(Appeal, appeal, days.answered, "start_appeal", "Appeal started.", reached="drafting")
        self._tell_steps(Appeal, appeal, steps, days.filed)

    def _tell(self, model: Any, key: int, on: date, action: str, sentence: str, **more: Any) -> None:
        patient = more.pop("patient", None) or self.person.patient
        self.writer.tell(model.__tablename__, key, patient, _at(on), action, sentence, **more)

    def _tell_steps(self, model: Any, key: int, steps: tuple[str, ...], on: date) -> None:
        for action, left, reached, sentence in trail(model.__tablename__, steps):
            self._tell(model, key, on, action, sentence, left=left, reached=reached)

    def _deadline(
        self, clock: tuple[str, str, str], day: date, stopped: datetime | None = None, **subject: int
    ) -> None:
        found = self.clock(clock, self.person.payer_class, day)
        self.writer.add(Deadline, **found, **subject, started_at=_at(day), stopped_at=stopped)

    def _clock(self, clock: tuple[str, str, str], payer_class: str, day: date) -> dict[str, Any]:
        """Ask the rulebook, once for each payer class and day."""
        name, asked, anchor = clock
        level, state = "1" if asked == "appeal" else None, STATES.get(payer_class)
        case = Case(payer_class=payer_class, state=state, level=level, phase="post_service", network="in")
        question = Question(clock=asked, case=case, dates={anchor: day})
        row = Deadline(clock=name, asked=question.to_json())
        clocks.write(row, deadlines.contest(clocks.hear(question, (), self.deed.book)).act_on)
        return {column: value for column, value in vars(row).items() if not column.startswith("_")}

    def _reading(self, codes: tuple[str, str, str]) -> denials.Reading:
        group, carc, rarc = codes
        return denials.read(self.deed.book.denial_codes, group, [carc], [rarc] if rarc else [])


APPEAL_CLOCK = ("appeal", "appeal", "notice_dated")
NOON = time(17, tzinfo=UTC)


def _at(day: date) -> datetime:
    return datetime.combine(day, NOON)
