"""Long work: letters printed in one go, large files being posted, and how far each is."""

from flask import Blueprint

blueprint = Blueprint("batches", __name__, url_prefix="/batches")
