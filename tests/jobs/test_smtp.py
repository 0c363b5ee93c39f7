"""The link with the mail server: encrypted and signed in as the settings say, or not at all, and it is said why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy.orm import Session, sessionmaker

from casework.alerts import alerts
from casework.clock import FixedClock
from casework.settings import Settings
from casework.storage import Storage
from jobs import outbox
from jobs.runner import run_job
from jobs.schedule import JOBS
from tests.support.certificates import Certificate, make_certificate
from tests.support.mailserver import Inbox, free_port, mail_server
from tests.support.means import letters, means
from tests.support.template import NOW

pytestmark = pytest.mark.database("sqlite")
USER, PASSWORD = "casework", "un mot de passe"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


class Account:
    """An authenticator that remembers who signed in, over which link."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool]] = []

    def __call__(self, _server: Any, session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        known = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        self.seen.append((given.login.decode(), session.ssl is not None))
        return AuthResult(success=known, handled=False)


def options(kind: str, certificate: Certificate, account: Account) -> dict[str, Any]:
    """A server that takes mail only over TLS and from who has signed in."""
    login = {"authenticator": account, "auth_required": True}
    if kind == "implicit":
        return login | {"ssl_context": certificate.context, "auth_require_tls": False}
    return login | {"tls_context": certificate.context, "require_starttls": True}


def linked(settings: Settings, port: int, **changes: Any) -> Settings:
    return replace(
        settings, smtp_host="127.0.0.1", smtp_port=port, smtp_timeout_seconds=5, smtp_user=USER,
        smtp_password=PASSWORD, **changes,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_mail_leaves_over_tls_once_signed_in_to_a_server_of_our_own_authority(
    sessions: sessionmaker[Session], settings: Settings, certificate: Certificate, kind: str
) -> None:
    addresses, inbox, account = letters(sessions, 3), Inbox(), Account()
    with mail_server(inbox, **options(kind, certificate, account)) as port:
        given = linked(settings, port, smtp_tls=kind, smtp_ca_file=str(certificate.authority))
        assert outbox.run(means(sessions, given)).done == 3
    assert sorted(inbox.recipients) == sorted(addresses)
    assert [login for login, _ in account.seen] == [USER]


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
@pytest.mark.parametrize("trouble", ["an unknown authority", "another name"])
def test_a_certificate_that_is_not_the_right_one_is_given_nothing_and_the_service_page_says_why(
    sessions: sessionmaker[Session],
    settings: Settings,
    clock: FixedClock,
    certificate: Certificate,
    kind: str,
    trouble: str,
) -> None:
    letters(sessions, 2)
    inbox, account = Inbox(), Account()
    with mail_server(inbox, **options(kind, certificate, account)) as port:
        given = linked(settings, port, smtp_tls=kind)
        if trouble == "another name":
            given = replace(given, smtp_host="localhost", smtp_ca_file=str(certificate.authority))
        run_job(JOBS["outbox"], sessions, given, Storage(settings.files_dir), clock)
    assert (inbox.received, account.seen) == ([], [])
    with sessions() as session:
        (found,) = (alert for alert in alerts(session, NOW) if alert.code == "jobs.failed")
    assert "son certificat n’est pas accepté" in found.text
    assert "smtp_ca_file" in found.text


@pytest.mark.parametrize(
    ("served", "changes", "sentence"),
    [
        ("starttls", {"smtp_password": "un autre"}, "il refuse notre compte"),
        ("starttls", {"smtp_tls": "implicit"}, "la liaison chiffrée ne s’établit pas"),
        ("plain", {}, "il n’offre pas ce que demandent les réglages"),
        ("nothing", {}, "rien n’écoute à cette adresse"),
        ("nothing", {"smtp_host": "nulle-part.invalid"}, "son nom est inconnu"),
    ],
)
def test_each_way_of_not_reaching_the_server_is_said_and_costs_no_attempt(
    sessions: sessionmaker[Session],
    settings: Settings,
    certificate: Certificate,
    served: str,
    changes: dict[str, str],
    sentence: str,
) -> None:
    """Among them a server that offers no encryption when it is asked: nothing leaves in clear."""
    letters(sessions, 1)
    inbox = Inbox()
    served_with = options("starttls", certificate, Account()) if served == "starttls" else {}

    def send(port: int) -> str:
        given = linked(settings, port, smtp_ca_file=str(certificate.authority))
        return outbox.run(means(sessions, replace(given, **changes))).error

    if served == "nothing":
        error = send(free_port())
    else:
        with mail_server(inbox, **served_with) as port:
            error = send(port)
    assert sentence in error
    assert inbox.received == []
    assert outbox.claim(means(sessions, settings), 5)[0].attempts == 0
