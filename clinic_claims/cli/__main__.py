"""`python -m clinic_claims.cli` is the same as `clinic-claims`."""

from . import main

main(prog_name="clinic-claims")
