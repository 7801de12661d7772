"""What workers know how to do."""

from collections.abc import Mapping

from . import daily, digests, import_jobs, letter_batches
from .jobs import Kind

KINDS: Mapping[str, Kind] = {
    letter_batches.KIND: letter_batches.print_one,
    import_jobs.KIND: import_jobs.post,
    daily.KIND: daily.begin,
    digests.KIND: digests.send,
}
