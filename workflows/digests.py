"""The morning summary: one mail per person and working day, with what is late, due today, due this week and new.

It is sent when there is something to say: a reminder, something new to do, news that the person prefers to read once a
day. What else is late or due this week is then recalled with it. `digest_on` of the person is moved in the same
transaction, by a conditional update: two jobs at once, or the same one twice, cannot write two summaries for one day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from casework.applications import Application
from casework.french import counted, distance, long_date
from casework.mail import Day, Item, Letter, Section, as_calendar, as_html, as_text
from casework.outbox import Message, enqueue
from casework.people import User, actor_of
from casework.preferences import NEVER, NOW, manner
from casework.reminders import Pending, pending_reminders
from casework.settings import Settings
from casework.workdays import is_working_day, working_day_on_or_before
from workflows.inbox import Task, inbox_of
from workflows.letters import address, day_of, deadline_address

SHOWN = 30
TITLES = {
    "late": "En retard",
    "today": "Aujourd’hui",
    "week": "Cette semaine",
    "later": "À venir",
    "new": "Nouveau",
    "others": "En retard chez d’autres",
}
NEWS = "Ce qui a avancé"


@dataclass(frozen=True)
class Line:
    """One thing to say about a case."""

    place: str
    group: str
    item: Item
    due_on: date | None


@dataclass(frozen=True)
class Content:
    """What waits to be said to one person. `late`: how many of her tasks are, as « À faire » counts them."""

    recalls: tuple[Pending, ...]
    tasks: tuple[Task, ...]
    fresh: tuple[Task, ...]
    news: tuple[Message, ...]
    late: int

    @property
    def empty(self) -> bool:
        return not (self.recalls or self.fresh or self.news)


def due_people(session: Session, today: date) -> list[int]:
    """The ids of those whose summary of this day is not settled yet; nobody on a day of rest."""
    if not is_working_day(today):
        return []
    open_ones = sa.and_(User.active, sa.or_(User.digest_on.is_(None), User.digest_on < today))
    return list(session.scalars(sa.select(User.id).where(open_ones).order_by(User.id)))


def write_digest(session: Session, settings: Settings, user_id: int, *, today: date, at: datetime) -> Message | None:
    """Write the summary of this person for this day, once; None when it is done already or there is nothing to say."""
    user = session.get_one(User, user_id, options=[selectinload(User.grants)])
    before = user.digest_on
    open_day = sa.or_(User.digest_on.is_(None), User.digest_on < today)
    settle = sa.update(User).where(User.id == user_id, User.active, open_day).values(digest_on=today)
    if not session.scalars(settle.returning(User.id), execution_options={"synchronize_session": False}).all():
        return None
    content = gather(session, user, today=today, since=before or _working_day_before(today))
    if content.empty:
        return None
    letter = letter_of(content, settings, today)
    days = tuple(day_of(recall.application, settings, recall.deadline) for recall in content.recalls)
    cases = {recall.application.id for recall in content.recalls} | {task.case_id for task in content.fresh}
    written = enqueue(
        session,
        [user],
        subject=letter.subject,
        body=as_text(letter, settings),
        html=as_html(letter, settings),
        ics=as_calendar(_once(days), at=at),
        at=at,
        application_id=next(iter(cases)) if len(cases) == 1 else None,
        category="digest",
    )
    session.flush()
    for recall in content.recalls:
        recall.reminder.message_id = written[0].id
    for message in content.news:
        message.held, message.in_digest_id = False, written[0].id
    return written[0]


def gather(session: Session, user: User, *, today: date, since: date) -> Content:
    """What waits to be said; what came to do on or after `since` and before today is new."""
    groups = [group for group in inbox_of(session, actor_of(user), today=today) if group.code != "others"]
    tasks = tuple(task for group in groups for task in group.tasks)
    fresh = () if manner(user, "tasks") == NEVER else tuple(task for task in tasks if since <= task.since < today)
    recalls = () if manner(user, "deadline") == NOW else tuple(pending_reminders(session, user.id))
    held = sa.select(Message).where(Message.user_id == user.id, Message.held).order_by(Message.id)
    return Content(recalls, tasks, fresh, tuple(session.scalars(held)), sum(group.late for group in groups))


def letter_of(content: Content, settings: Settings, today: date) -> Letter:
    """The summary as a letter. Its subject begins with the reference when it is about one case."""
    lines = _lines(content, settings, today)
    sections = [_section(title, [line for line in lines if line.place == place]) for place, title in TITLES.items()]
    news = [Line("news", "", _news(message, settings), None) for message in content.news]
    told = tuple(section for section in (*sections, _section(NEWS, news)) if section.groups)
    groups = {line.group for line in lines}
    day = long_date(today, weekday=True)
    only = next(iter(groups)).partition(" – ")[0] if len(groups) == 1 and not news else ""
    title = f"{only} – récapitulatif du {day}" if only else f"Récapitulatif du {day}"
    return Letter(
        subject=f"{title}{f' : {content.late} en retard' if content.late else ''}",
        paragraphs=(f"Voici où vous en êtes ce {day}.",),
        sections=told,
        link=("Voir tout ce que vous avez à faire", f"{settings.public_url}/a-faire"),
        closing=(f"Pour choisir ce que vous recevez : {settings.public_url}/mon-compte",),
    )


def _lines(content: Content, settings: Settings, today: date) -> list[Line]:
    acts = {(task.case_id, task.due_on): task for task in content.tasks}
    recalled = {(recall.application.id, recall.deadline.due_on) for recall in content.recalls}
    late = {task.case_id for task in content.tasks if task.late_days}
    by_deadline = {recall.deadline.id: recall for recall in content.recalls}
    told = [recall for recall in by_deadline.values() if not _within_a_task(recall, acts, late, today)]
    lines = [_recall_line(recall, acts, settings, today) for recall in told]
    for task in content.tasks:
        key = (task.case_id, task.due_on)
        if key in recalled and acts[key] is task:
            continue
        place = "new" if task in content.fresh and _place(task.due_on, today) in ("later", "") else ""
        place = place or _place(task.due_on, today)
        if place in ("late", "today", "week", "new"):
            lines.append(_task_line(task, place, settings, today))
    return sorted(lines, key=lambda line: (line.due_on or date.max, line.group))


def _within_a_task(
    recall: Pending, acts: Mapping[tuple[int, date | None], Task], late: Collection[int], today: date
) -> bool:
    """Whether this person's own late deadline is said by a late task of its case, which speaks of an earlier one."""
    deadline = recall.deadline
    own = recall.reminder.role == deadline.owed_by and (recall.application.id, deadline.due_on) not in acts
    return own and deadline.due_on < today and recall.application.id in late


def _place(due_on: date | None, today: date) -> str:
    """Where a day is said: late, today, week (until Sunday) or later; "" without a day."""
    if due_on is None:
        return ""
    if due_on <= today:
        return "today" if due_on == today else "late"
    return "week" if due_on <= today + timedelta(days=6 - today.weekday()) else "later"


def _recall_line(recall: Pending, acts: dict[tuple[int, date | None], Task], settings: Settings, today: date) -> Line:
    deadline, case = recall.deadline, recall.application
    task = acts.get((case.id, deadline.due_on))
    href = f"{settings.public_url}{task.address}" if task else deadline_address(settings, deadline)
    detail, place = _when(deadline.due_on, today), _place(deadline.due_on, today)
    if place == "late" and task is None and recall.reminder.role != deadline.owed_by:
        place = "others"
    if recall.reminder.note:
        detail = f"{detail}. {recall.reminder.note}"
    return Line(place, _named(case), Item(deadline.label, href, detail), deadline.due_on)


def _task_line(task: Task, place: str, settings: Settings, today: date) -> Line:
    detail = f"{task.why}{f' ; {_when(task.due_on, today)}' if task.due_on else ''}"
    group = f"{task.reference} – {task.title}"
    return Line(place, group, Item(task.verb, f"{settings.public_url}{task.address}", detail), task.due_on)


def _when(due_on: date, today: date) -> str:
    return f"{long_date(due_on, weekday=True)} ({distance(due_on, today)})"


def _named(case: Application) -> str:
    return f"{case.reference} – {case.called}"


def _news(message: Message, settings: Settings) -> Item:
    href = address(settings, message.application_id) if message.application_id is not None else ""
    return Item(message.subject, href)


def _section(title: str, lines: Sequence[Line]) -> Section:
    """The lines of one place, by case; what does not fit is counted."""
    groups: dict[str, list[Item]] = {}
    for line in lines[:SHOWN]:
        groups.setdefault(line.group, []).append(line.item)
    if len(lines) > SHOWN:
        groups.setdefault("", []).append(Item(f"et {counted(len(lines) - SHOWN, 'autre')}, dans « À faire »"))
    return Section(title, tuple((group, tuple(items)) for group, items in groups.items()))


def _once(days: Iterable[Day]) -> tuple[Day, ...]:
    return tuple({day.key: day for day in days}.values())


def _working_day_before(today: date) -> date:
    return working_day_on_or_before(today - timedelta(days=1))
