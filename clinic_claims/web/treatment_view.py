"""What a patient's page shows around each case: visits and clocks, estimates, tasks, operations, the last answers."""

from dataclasses import dataclass

from ..domain import responses
from ..models import BenefitsCheck, Coverage, Estimate, SurgicalCase, Task, TreatmentCase
from ..services import authorizations, benefits, checklists, estimates, surgery, visits
from ..services.deeds import Deed
from ..services.visits import CalendarEntry


@dataclass(frozen=True, kw_only=True)
class Around:
    """One case with what lies around it."""

    calendar: list[CalendarEntry]
    estimates: list[Estimate]
    tasks: list[Task]
    operations: list[SurgicalCase]
    proof: str | None
    stop: bool


def around(case: TreatmentCase, deed: Deed) -> Around:
    """Gather what lies around a case."""
    sessions = authorizations.responses_of(case)
    return Around(
        calendar=visits.calendar(case, deed),
        estimates=estimates.of_case(case),
        tasks=checklists.open_tasks(case),
        operations=surgery.of_case(case),
        proof=responses.rebuttal(sessions),
        stop=responses.must_stop(sessions),
    )


def checked(coverages: list[Coverage]) -> dict[int, tuple[BenefitsCheck | None, BenefitsCheck | None]]:
    """Return the newest full check and the newest check of any kind of each coverage."""
    return {each.id: (benefits.latest(each, kind="full"), benefits.latest(each)) for each in coverages}
