"""The machine of a progress record (CRE): to write, submitted, validated or returned, transmitted (3.10–3.12).

The operator submits the record of each participant and month, the SLAI of the person's territory validates it or
returns it with a reason, and it is then transmitted to the Département (l.2552-2556, 2868-2873, 3166-3171). A record
is opened by the first word said of its month (`workflows.journey.months`).
"""

from __future__ import annotations

from casework.progress_records import STATES, ProgressRecord
from workflows.engine import Workflow, register
from workflows.progress.moves import CORRECTION, VALIDATION, WRITING

MOVES = (*WRITING, *VALIDATION, *CORRECTION)
PROGRESS = register(Workflow("progress_record", ProgressRecord, STATES, "to_write", MOVES))
