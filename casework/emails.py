"""E-mail addresses, checked by their form alone: nothing is asked of the network."""

from __future__ import annotations

import email_validator

from casework.errors import CaseworkError

# The demonstration and the examples use « .invalid », which nobody can ever receive.
email_validator.SPECIAL_USE_DOMAIN_NAMES.remove("invalid")


class EmailError(CaseworkError):
    """The text is not an address; `sentence` says in French what was expected."""


def normal_email(text: str) -> str:
    """The address in lower case. Raises `EmailError`."""
    try:
        return email_validator.validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except email_validator.EmailNotValidError:
        raise EmailError("Cette adresse n’est pas valable : écrivez-la comme nom@exemple.fr.") from None
