"""The machine of a journey: oriented, accompanied, exited, with what may interrupt it.

A journey is opened by `orienting.orient`; everything after goes through the engine, like an application. Identities
never enter the journal: its events name a journey by its number.
"""

from __future__ import annotations

from casework.participants import STATES, Journey
from workflows.engine import Workflow, register
from workflows.journey.moves import ACCOMPANIMENT, EXIT, INFORMATION, ORIENTATION, PERSON, STEPS

MOVES = (*ORIENTATION, *ACCOMPANIMENT, *STEPS, *EXIT, *INFORMATION, *PERSON)
JOURNEY = register(Workflow("journey", Journey, STATES, "oriented", MOVES))
