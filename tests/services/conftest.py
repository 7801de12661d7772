"""Post a file as every way in does, to a clinic that the sample files speak of."""

import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from clinic_claims import create_app
from clinic_claims.db import db, transaction
from clinic_claims.models import Facility, Payer, Plan, Provider
from clinic_claims.services import intake, patients, visits
from clinic_claims.services.deeds import Deed

from ..conftest import SETTINGS
from . import demo_clinic

DATA = Path(__file__).parents[1] / "data"
VISIT_DAY = date(2026, 11, 20)


@pytest.fixture
def post(app, deed):
    """Post one file in a transaction of its own; gives the answer."""

    def run(data, name="era.835", who=deed, **more):
        with transaction():
            answer = intake.take_in(name, data, who, **more)
        db.session.expire_all()
        return answer

    return run


@pytest.fixture
def lakeside(clinic, deed):
    """The payer, physician and place that the files of `tests/data` speak of; none of their patients."""
    with transaction():
        payer = Payer(name="Harbor Health Plan", edi_id="HHP01", aliases=[], appeals_address=[])
        made = SimpleNamespace(
            payer=payer,
            plan=Plan(payer=payer, name="Harbor PPO", payer_class="erisa_self_funded", wants_approval=False),
            provider=Provider(
                name="Sven Lindqvist, MD", credentials="Board certified in Neurology", specialty="neurologist",
                npi="1245319599",
            ),
            surgeon=Provider(
                name="Maja Halvorsen, MD", credentials="Board certified in Neurosurgery", specialty="neurosurgeon",
                npi="1346200010",
            ),
            east=Facility(name="Lakeside Neurology East", npi="1003000126", place_of_service="11"),
            hospital=Facility(name="Northgate Hospital", npi="1679576722", place_of_service="21"),
        )  # fmt: skip
        db.session.add_all(vars(made).values())
    return made


@pytest.fixture
def sample():
    """The bytes of a file of `tests/data`."""
    return lambda name: (DATA / name).read_bytes()


@pytest.fixture(scope="module")
def empty(tmp_path_factory, empty_sqlite):
    """An application with an empty database, in its context, for the whole module."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(empty_sqlite, folder / "clinic_claims.sqlite")
    app = create_app(SETTINGS | {"INSTANCE": folder})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def wednesday(book):
    return Deed("command line", demo_clinic.WEDNESDAY, book)


@pytest.fixture(scope="module")
def loaded(empty, wednesday):
    """The demo, loaded once for the module; tests that look alone come before those that load it again."""
    return demo_clinic.load(empty, wednesday)


@pytest.fixture
def book_visit(clinic, approval, deed):
    """Book a visit of the clinic's toxin patient; what differs is given."""

    def run(on=VISIT_DAY, *, who=deed, **more):
        place = more.pop("facility", clinic.office)
        provider = more.pop("provider", clinic.provider)
        with transaction():
            return visits.schedule(
                clinic.case, clinic.coverage, provider, place, on, who, **{"authorization": approval, **more}
            )

    return run


@pytest.fixture
def hospital(clinic):
    with transaction():
        made = Facility(name="Westmere General", npi="1467560003", place_of_service="22")
        db.session.add(made)
    return made


@pytest.fixture
def injected(clinic, deed):
    """A session 31 days before the visit."""
    with transaction():
        patients.add_injection(clinic.case, deed, on=date(2026, 10, 20), product="J0585", units=25)
