"""What a failed run keeps of its traceback: messages without secrets, source as it was."""

from __future__ import annotations

import pytest

from lakeboard.logger.ending import describe_failure
from lakeboard.logger.inputs.redact import redact_traceback

SECRET = "Zx9Qw8Er7Ty6Ui5Op4As3Df2"
MESSAGES = [
    f"GET https://api.x.com?api_key={SECRET}&a=1 failed",
    f"header Authorization: Bearer {SECRET}",
    f"password={SECRET}; retry",
    f"conn postgres://u:{SECRET}@h/d",
    f"AWS_SECRET_ACCESS_KEY={SECRET}",
    f"mysql --password {SECRET} failed",
    f"first line\n    password={SECRET}\n  api_key={SECRET}",
    f"{{'api_key': '{SECRET}'}}",
]


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("how", ["plain", "cause", "note", "group"])
def test_no_message_keeps_its_secret(message: str, how: str) -> None:
    def fail() -> None:
        if how == "plain":
            raise RuntimeError(message)
        if how == "group":
            raise ExceptionGroup("several", [ValueError("a"), ExceptionGroup(message, [RuntimeError(message)])])
        try:
            raise RuntimeError(message)
        except RuntimeError as cause:
            error = ValueError("told below")
            if how == "note":
                error.add_note(message)
                raise error from None
            raise error from cause

    try:
        fail()
    except Exception as error:  # noqa: BLE001 - groups, too
        end = describe_failure(error)
    assert end.traceback is not None
    assert SECRET not in end.traceback + (end.error or "")
    assert "[redacted]" in end.traceback
    assert "in fail\n" in end.traceback


def test_source_that_only_names_secrets_stays() -> None:
    text = (
        "Traceback (most recent call last):\n"
        '  File "train.py", line 3, in main\n'
        "    connect(password=args.password, token=os.environ['HF_TOKEN'])\n"
        "    ^^^^^^^^\n"
        f"ConnectionError: token={SECRET}\n"
    )
    assert redact_traceback(text) == text.replace(SECRET, "[redacted]")
    literal = text.replace("args.password", f"'{SECRET}'")
    assert SECRET not in redact_traceback(literal)
    assert redact_traceback("") == ""
