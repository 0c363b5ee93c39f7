"""The machine of an application: from the draft to the balance, with its side exits and correction loops.

The moves stand in tables (`moves_*.py`), in the order of a case's life. Guards are conditions of the case (they
draw the button), checks are conditions on what was entered, effects are what follows in the same transaction.
"""

from __future__ import annotations

from casework.applications import STATES, Application
from workflows.application.moves_amendment import AMENDMENT
from workflows.application.moves_before import ADMISSIBILITY, DEPOSIT
from workflows.application.moves_control import REPORT
from workflows.application.moves_dashboard import DASHBOARD
from workflows.application.moves_deadlines import DEADLINES
from workflows.application.moves_decision import DECISION, OPINIONS
from workflows.application.moves_end import BALANCE, SIDE_EXITS
from workflows.application.moves_operation import CONVENTION, ENDING
from workflows.application.moves_termination import TERMINATION
from workflows.application.relaunching import RELAUNCH
from workflows.engine import Workflow, register

MOVES = (
    *DEPOSIT,
    *ADMISSIBILITY,
    *OPINIONS,
    *RELAUNCH,
    *DECISION,
    *CONVENTION,
    *AMENDMENT,
    *ENDING,
    *REPORT,
    *BALANCE,
    *TERMINATION,
    *SIDE_EXITS,
    *DEADLINES,
    *DASHBOARD,
)
APPLICATION = register(Workflow("application", Application, STATES, "draft", MOVES))

MAIN_PATH = (
    "draft",
    "deposited",
    "submitted",
    "slai_opinion",
    "instruction",
    "instructed",
    "convention",
    "advance",
    "execution",
    "bilan",
    "balance",
    "closed",
)
