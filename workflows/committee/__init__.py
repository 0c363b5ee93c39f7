"""The machine of a committee: to convene, convened, held, its minutes validated then acknowledged; or called off.

One is planned for each date that the sheet gives (`planning`); others are proposed besides. Whoever bears the
operation convenes, holds and minutes its own; where the sheet leaves it to the Département (3.13, l.3404-3406), an
officer does. The case is locked before its committee, always (`acting`).
"""

from __future__ import annotations

from casework.committees import STATES, Committee
from workflows.committee.moves import CONVOCATION, FOLLOW_UP, HOLDING, MINUTES
from workflows.engine import Workflow, register

MOVES = (*CONVOCATION, *HOLDING, *MINUTES, *FOLLOW_UP)
COMMITTEE = register(Workflow("committee", Committee, STATES, "planned", MOVES))
