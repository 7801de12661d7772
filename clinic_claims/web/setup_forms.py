"""What is asked at set-up: the letterhead, clinicians and places."""

from wtforms import SelectField

from .forms import LineField, optional, required
from .patient_forms import CHOOSE, ToldForm
from .payers import STATES

PLACES = {"11": "11 Office", "22": "22 Hospital outpatient", "24": "24 Surgery center", "21": "21 Hospital inpatient"}
NPI = "Ten digits."


class LetterheadForm(ToldForm):
    """What stands at the head of every letter and in every claim."""

    name = LineField("Name of the clinic", [required("Enter the clinic's name as on its letters.")])
    npi = LineField("NPI of the clinic", [required("Enter the clinic's NPI.")], description=NPI)
    tin = LineField("Tax number (EIN)", [required("Enter the tax number.")])
    taxonomy = LineField("Taxonomy code", [required("Enter the taxonomy code, such as 2084N0400X.")])
    street = LineField("Street", [required("Enter the street.")])
    city = LineField("City", [required("Enter the city.")])
    state = SelectField("State", [required("Choose the state.")], choices=CHOOSE | {state: state for state in STATES})
    zip = LineField("ZIP code", [required("Enter the ZIP code.")])
    phone = LineField("Telephone", [required("Enter the telephone.")])
    fax = LineField("Fax", [optional()])
    email = LineField("E-mail for payers", [optional()])


class ClinicianForm(ToldForm):
    """A clinician who treats and signs."""

    name = LineField("Name", [required("Enter the name as signed, with the degree.")], description="Elena R. Park, MD")
    credentials = LineField(
        "Credentials", [required("Enter the credentials.")], description="Board certified in Neurology"
    )
    specialty = LineField("Specialty", [required("Enter the specialty.")], description="neurologist, neurosurgeon")
    npi = LineField("NPI", [required("Enter the clinician's NPI.")], description=NPI)
    license = LineField("License", [optional()])
    direct_line = LineField("Direct line", [optional()], description="For calls between physicians.")


class PlaceForm(ToldForm):
    """Where services are given."""

    name = LineField("Name", [required("Enter the name of the place.")])
    npi = LineField("NPI", [required("Enter the NPI that bills for the place.")], description=NPI)
    place_of_service = SelectField("Place of service", choices=PLACES)
    address = LineField("Address", [optional()])
