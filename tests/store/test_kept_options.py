"""What of storage options is noted beside points: places and ways, never keys."""

from __future__ import annotations

from typing import Any

import pytest

from lakeboard.store.kept_options import keep_options


@pytest.mark.parametrize(
    ("given", "kept", "withheld"),
    [
        (None, {}, ()),
        (
            {"endpoint_url": "https://minio:9000", "anon": False},
            {"endpoint_url": "https://minio:9000", "anon": False},
            (),
        ),
        ({"key": "AK", "secret": "SK", "token": "T", "profile": "p"}, {"profile": "p"}, ("key", "secret", "token")),
        (
            {"client_kwargs": {"region_name": "eu-1", "aws_secret_access_key": "SK"}},
            {"client_kwargs": {"region_name": "eu-1"}},
            ("client_kwargs.aws_secret_access_key",),
        ),
        (
            {"config_kwargs": {"s3": {"addressing_style": "path"}}},
            {"config_kwargs": {"s3": {"addressing_style": "path"}}},
            (),
        ),
        ({"endpoint_url": "https://me:pw@minio:9000"}, {}, ("endpoint_url",)),
        ({"endpoint_url": "https://minio/?sig=S3CRET"}, {}, ("endpoint_url",)),
        (
            {"sas_token": "S", "connection_string": "S", "account_name": "a"},
            {"account_name": "a"},
            ("connection_string", "sas_token"),
        ),
        ({"session": object(), "new_option": "x"}, {}, ("new_option", "session")),
    ],
)
def test_only_what_is_no_secret_is_kept(given: Any, kept: dict[str, Any], withheld: tuple[str, ...]) -> None:
    found = keep_options(given)
    assert (found.options, found.withheld) == (kept, withheld)
