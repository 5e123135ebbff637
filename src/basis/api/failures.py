"""Errors as the Web API answers them: always JSON, in the user's language, never with a trace."""

import logging
from uuid import uuid4

from basis.api.exchange import Answer, Asked, answer_json
from basis.errors import BasisError, DefinitionError, Invalid, Message, Unauthenticated
from basis.i18n import say

log = logging.getLogger(__name__)

CHALLENGE = ("WWW-Authenticate", 'Basic realm="Basis", Bearer')


class NotAllowed(BasisError):
    """The address exists, but not for this method."""

    status = 405
    code = "0x8006088a"

    def __init__(self, *methods: str) -> None:
        sentence = Message("This address takes {methods} only.", methods=", ".join(methods))
        super().__init__("{sentence}", sentence=sentence)
        self.methods = methods


class TooLarge(BasisError):
    """The request is larger than Basis takes."""

    status = 413


class Unmet(BasisError):
    """A condition of the request (`If-Match`, `If-None-Match`) does not hold."""

    status = 412
    code = "0x80060882"


class NoSuchAddress(BasisError):
    """Nothing is found at this address."""

    status = 404
    code = "0x8006088a"


def no_segment(name: str) -> NoSuchAddress:
    return NoSuchAddress("Nothing is found at the part '{name}' of the address.", name=name)


def failure(error: Exception, asked: Asked) -> Answer:
    """The answer to a request that failed; an unexpected error is logged under a reference that the user sees."""
    if not isinstance(error, BasisError):
        return _unexpected(error, asked)
    body: dict[str, object] = {"code": error.code, "message": say(error, asked.language)}
    status, headers = error.status, []
    if isinstance(error, Invalid):
        status = 400
        body["details"] = [
            {"code": error.code, "target": target, "message": say(message, asked.language)}
            for target, message in error.errors.items()
        ]
        body["message"] = " ".join(_line(target, say(m, asked.language)) for target, m in error.errors.items())
    elif isinstance(error, DefinitionError):
        status = 400
    elif isinstance(error, Unauthenticated):
        headers.append(CHALLENGE)
    elif isinstance(error, NotAllowed):
        headers.append(("Allow", ", ".join(error.methods)))
    return answer_json({"error": body}, status, headers)


def _line(target: str, message: str) -> str:
    return f"{target}: {message}" if target else message


def _unexpected(error: Exception, asked: Asked) -> Answer:
    reference = uuid4().hex[:12]
    log.error("Web API, reference %s: %s /%s", reference, asked.method, asked.path, exc_info=error)
    message = Message(
        "Something went wrong here. Tell your administrator this reference: {reference}.", reference=reference
    )
    return answer_json({"error": {"code": "0x80040216", "message": say(message, asked.language)}}, 500)
