"""The gate: the only place where a state changes.

A workflow declares its moves (who may, from where to where, what is asked, what is checked, what follows) and one
`transitions` machine is built from them at import. A case is never attached to the machine: it is fired statelessly.

`offered()` says what may be done now and, for the rest, every reason why not; screens, batches and the API draw from
it. `fire()` locks the case, compares the version the person saw, runs the same guards, changes the state, and writes
the journal, the deadlines and the messages in the caller's transaction: all of it, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from transitions import Machine

from casework import db, journal
from casework.clock import paris_day
from casework.errors import Forbidden, InvalidInput, NotFound, Refused, Stale
from casework.french import moment
from casework.people import Actor, job
from casework.settings import Settings
from workflows.inputs import Input, read

Case = Any
AUTOMATIC = "Déroulement automatique"
_RECENT = 5


@dataclass(frozen=True)
class Act:
    """What a person (or a job) asks: at which instant, with which answers, having seen which version of the case.

    `version` is None for a job, which acts on what it finds under the lock. `together`: it is one of several done at
    once, and whoever does them tells of all of them.
    """

    actor: Actor
    at: datetime
    settings: Settings
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    together: bool = False

    @property
    def day(self) -> date:
        """The day of the act in Europe/Paris."""
        return paris_day(self.at)


@dataclass(frozen=True)
class Context:
    """What guards, checks and effects receive: the locked case, the act, and the answers once they are read.

    `loaded`: what the caller of `offered()` has already read of this case, so that no guard asks for it again. It is
    None in `fire()`, where everything is read under the lock. `told`: what the effects of a private move leave to the
    journal.
    """

    session: Session
    case: Case
    act: Act
    answers: Mapping[str, Any] = field(default_factory=dict)
    loaded: Any = None
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return self.act.day


class Reason(str):
    """Why something is not possible, with the page of the case (a path, "/…") where it is put right, and its name."""

    page: str
    label: str

    def __new__(cls, sentence: str, *, page: str, label: str) -> Reason:
        reason = super().__new__(cls, sentence)
        reason.page, reason.label = page, label
        return reason


Guard = Callable[[Context], str | None]
Check = Callable[[Context], Mapping[str, str]]
Effect = Callable[[Context], None]
Power = Callable[[Actor, Case], bool]


@dataclass(frozen=True)
class Move:
    """One declared action. `to` None: the state does not change. `power` None: only jobs and the workflow itself.

    `automatic`: fired by the workflow as soon as its guards pass. `inputs` may depend on the case. `effects` run after
    the change of state. `private`: the answers name somebody or tell her situation; the journal keeps what the effects
    put in `context.told` in their place. `unsaid`: the answers that it does not repeat, for they stand elsewhere.
    """

    trigger: str
    sources: tuple[str, ...]
    to: str | None
    label: str
    event: str
    event_label: str
    power: Power | None = None
    inputs: Callable[[Context], tuple[Input, ...]] | tuple[Input, ...] = ()
    guards: tuple[Guard, ...] = ()
    checks: tuple[Check, ...] = ()
    effects: tuple[Effect, ...] = ()
    unsaid: tuple[str, ...] = ()
    automatic: bool = False
    style: str = "primary"
    consequence: str = ""
    relevant: Callable[[Context], bool] | None = None
    private: bool = False

    def asked(self, context: Context) -> tuple[Input, ...]:
        return self.inputs(context) if callable(self.inputs) else self.inputs


@dataclass(frozen=True)
class Offer:
    """A move as a person sees it now: possible, or not with every reason."""

    move: Move
    inputs: tuple[Input, ...]
    reasons: tuple[str, ...]

    @property
    def possible(self) -> bool:
        return not self.reasons


class Workflow:
    """The moves of one kind of case and the machine built from them."""

    def __init__(self, name: str, model: type[Any], states: Mapping[str, str], initial: str, moves: tuple[Move, ...]):
        self.name = name
        self.model = model
        self.states = dict(states)
        self.initial = initial
        self.moves = {move.trigger: move for move in moves}
        if len(self.moves) != len(moves):
            raise ValueError(f"workflow {name}: two moves share a trigger")
        for move in moves:
            journal.register(move.event, move.event_label)
        self.machine = Machine(
            model=None,
            states=list(states),
            initial=initial,
            send_event=True,
            auto_transitions=False,
            model_attribute="state",
        )
        for move in moves:
            self.machine.add_transition(
                move.trigger, list(move.sources), move.to, conditions=[_passes], after=[_follow]
            )

    @cached_property
    def final(self) -> frozenset[str]:
        """The states in which nothing is awaited any more: their model says so (`is_final`)."""
        return frozenset(state for state in self.states if self.model(state=state).is_final)

    def automatic(self, state: str) -> list[Move]:
        return [move for move in self.moves.values() if move.automatic and state in move.sources]


_WORKFLOWS: dict[type[Any], Workflow] = {}


def register(workflow: Workflow) -> Workflow:
    _WORKFLOWS[workflow.model] = workflow
    return workflow


def workflow_of(case: Case) -> Workflow:
    return _WORKFLOWS[type(case)]


def workflows() -> tuple[Workflow, ...]:
    return tuple(_WORKFLOWS.values())


def offered(
    session: Session,
    case: Case,
    actor: Actor,
    *,
    at: datetime,
    settings: Settings,
    loaded: Any = None,
    typed: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> list[Offer]:
    """What this actor may do to this case now, in the order of declaration; impossible moves carry every reason.

    `loaded` spares the queries of what is already known (for an application, its `CaseFile`). `typed`: by trigger, what
    is being answered, on which the questions of a move may depend.
    """
    offers = []
    for move in workflow_of(case).moves.values():
        if case.state not in move.sources or move.power is None or not move.power(actor, case):
            continue
        act = Act(actor, at, settings, typed.get(move.trigger, {}))
        context = Context(session, case, act, loaded=loaded)
        if move.relevant is not None and not move.relevant(context):
            continue
        offers.append(Offer(move, move.asked(context), _reasons(move, context)))
    return offers


def fire(session: Session, case: Case, trigger: str, act: Act) -> journal.Event:
    """Do one move on one case, in the caller's transaction, and all that follows from it.

    Returns the journal event. Raises NotFound (no such trigger or case), Forbidden, Stale (somebody changed the case
    since `act.version`), Refused (with every reason) or InvalidInput (field by field). Nothing is written then.
    """
    workflow = workflow_of(case)
    move = workflow.moves.get(trigger)
    if move is None:
        raise NotFound("Cette action n’existe pas.")
    locked = db.lock(session, workflow.model, case.id)
    if locked is None:
        raise NotFound()
    compare_version(session, workflow.name, locked, act)
    event = _apply(Context(session, locked, act), move)
    _continue(session, locked, act)
    return event


def compare_version(session: Session, subject: str, case: Case, act: Act) -> None:
    """Raise Stale, saying who changed what and when, unless the person saw the case as it is under the lock."""
    if act.version is None and act.actor.is_job:
        return
    if act.version == case.version:
        return
    last = last_act(session, subject, case.id)
    if last is None:
        raise Stale("Ce dossier a changé depuis que vous l’avez ouvert.")
    change = f"« {last.label} », par {last.actor_name}, {moment(last.at)}"
    raise Stale(f"Ce dossier a changé depuis que vous l’avez ouvert : {change}.")


def last_act(session: Session, subject: str, subject_id: int) -> journal.Event | None:
    """The newest thing that a person or a job did: what then followed by itself tells nobody whom to ask."""
    events = journal.timeline(session, subject, subject_id, limit=_RECENT, internal=False)
    return next((event for event in events if event.actor_name != AUTOMATIC), None)


def _apply(context: Context, move: Move) -> journal.Event:
    case, act = context.case, context.act
    workflow = workflow_of(case)
    if not _allowed(move, act.actor, case):
        raise Forbidden()
    if case.state not in move.sources:
        raise Refused([f"« {move.label} » n’est pas possible à l’étape « {workflow.states[case.state]} »."])
    if move.relevant is not None and not move.relevant(context):
        raise Refused([f"« {move.label} » est déjà fait, ou n’a pas lieu d’être sur ce dossier."])
    reasons = _reasons(move, context)
    if reasons:
        raise Refused(reasons)
    context = _answered(context, move)
    before = case.state
    if not workflow.machine.events[move.trigger].trigger(case, move=move, context=context, reasons=reasons):
        raise Refused(["Cette action n’est plus possible."])
    touch(case, act.at)
    if case.state != before:
        case.state_since = act.at
    context.session.flush()
    return journal.record(
        context.session,
        workflow.name,
        case.id,
        move.event,
        actor=act.actor,
        at=act.at,
        before=before,
        after=case.state,
        version=case.version,
        **_remembered(context.told if move.private else context.answers, move.unsaid),
    )


def _allowed(move: Move, actor: Actor, case: Case) -> bool:
    """What has no power is for jobs and the workflow alone; what has one is for people alone: it keeps their name."""
    if move.power is None:
        return actor.is_job
    return not actor.is_job and move.power(actor, case)


def touch(case: Case, at: datetime) -> None:
    """Mark the case as changed: its version moves even when the instant is the same as before."""
    case.updated_at = at
    flag_modified(case, "updated_at")


def _answered(context: Context, move: Move) -> Context:
    answers = read(move.asked(context), context.act.data)
    context = Context(context.session, context.case, context.act, answers)
    errors: dict[str, list[str]] = {}
    for check in move.checks:
        for name, sentence in check(context).items():
            errors.setdefault(name, []).append(sentence)
    if errors:
        raise InvalidInput(errors)
    return context


def _continue(session: Session, case: Case, act: Act) -> None:
    """Fire the automatic moves that have become possible, in the name of the workflow."""
    follow_up = Act(job(AUTOMATIC), act.at, act.settings)
    workflow = workflow_of(case)
    for _ in range(len(workflow.states)):
        context = Context(session, case, follow_up)
        ready = next((move for move in workflow.automatic(case.state) if not _reasons(move, context)), None)
        if ready is None:
            return
        _apply(context, ready)


def _reasons(move: Move, context: Context) -> tuple[str, ...]:
    return tuple(reason for guard in move.guards if (reason := guard(context)) is not None)


def _passes(event: Any) -> bool:
    """The machine's own condition: the guards found nothing to say, under the lock."""
    return not event.kwargs["reasons"]


def _follow(event: Any) -> None:
    for effect in event.kwargs["move"].effects:
        effect(event.kwargs["context"])


def _remembered(answers: Mapping[str, Any], unsaid: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in answers.items()
        if value is not None and name not in unsaid
    }
