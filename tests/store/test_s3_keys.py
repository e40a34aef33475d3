"""Keys that are renewed while a store is open: writers and readers take them, within a bound; else it is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lakeboard
from lakeboard.schema.errors import AccessDenied
from lakeboard.store.s3 import S3Store
from lakeboard.store.s3_keys import EXPIRED, LOOK_AGAIN_SECONDS, Looks, Refusal
from tests.s3proxy import Reply, Request, S3Proxy, Spoil, s3_error
from tests.s3server import ACCESS_KEY, READ_ONLY_KEY, READ_ONLY_SECRET, SECRET_KEY

pytestmark = pytest.mark.s3

OLD = ("AKIAOLD", "old-secret")
NEW = (ACCESS_KEY, SECRET_KEY)
READER = (READ_ONLY_KEY, READ_ONLY_SECRET)
Keys = tuple[str, str]


@pytest.fixture
def keys(clean_environment: Path, s3_proxy: S3Proxy, monkeypatch: pytest.MonkeyPatch) -> Callable[[Keys], None]:
    """Writes keys to `~/.aws/credentials`, the only place that has any."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    folder = clean_environment / ".aws"
    folder.mkdir()

    def write(pair: Keys) -> None:
        text = f"[default]\naws_access_key_id = {pair[0]}\naws_secret_access_key = {pair[1]}\n"
        (folder / "credentials").write_text(text)

    return write


def refuse(key: str, code: str = "ExpiredToken", status: int = 400) -> Callable[[Request], Spoil]:
    """A plan that refuses all that is signed with one key."""
    return lambda request: s3_error(status, code) if request.access_key == key else None


def used(proxy: S3Proxy) -> list[tuple[str, str | None]]:
    return [(request.operation, request.access_key) for request in proxy.take()]


def test_a_key_the_server_does_not_know_is_replaced_by_the_one_in_the_file(
    s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None]
) -> None:
    keys(OLD)
    store = S3Store(s3_lake)
    with pytest.raises(AccessDenied, match=r"InvalidAccessKeyId.*log in again"):
        store.put("a", b"1")
    store._looks = Looks()
    keys(NEW)
    store.put("a", b"1")
    assert store.get("a") == b"1"
    asked = used(s3_proxy)
    # Refused; refused and made again; and from there on the new key alone.
    assert asked == [("PUT", OLD[0]), ("PUT", OLD[0]), ("PUT", ACCESS_KEY), ("GET", ACCESS_KEY)]


@pytest.mark.parametrize("code", sorted(EXPIRED))
def test_each_way_to_say_expired_is_understood(
    code: str, s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None]
) -> None:
    keys(NEW)
    store = S3Store(s3_lake)
    store.put("a", b"1")
    s3_proxy.spoil = refuse(ACCESS_KEY, code)
    keys(READER)
    assert store.get("a") == b"1"


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.get("a"),
        lambda store: store.get_tail("a", 1),
        lambda store: store.get_many(["a", "b"])["a"],
        lambda store: store.list(""),
        lambda store: store.list_dirs(""),
    ],
    ids=["get", "get_tail", "get_many", "list", "list_dirs"],
)
def test_every_verb_goes_on(
    act: Callable[[S3Store], object], s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None]
) -> None:
    keys(NEW)
    store = S3Store(s3_lake)
    store.put("a", b"1")
    before = act(store)
    s3_proxy.spoil = refuse(ACCESS_KEY)
    keys(READER)
    assert act(store) == before
    s3_proxy.take()
    act(store)
    assert {key for _, key in used(s3_proxy)} == {READ_ONLY_KEY}


def test_a_denial_that_is_not_about_keys_is_one_request(
    s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None]
) -> None:
    keys(READER)
    store = S3Store(s3_lake)
    for _ in range(3):
        with pytest.raises(AccessDenied):
            store.put("a", b"1")
    assert used(s3_proxy) == [("PUT", READ_ONLY_KEY)] * 3


def test_rights_that_come_with_other_keys_are_used(
    s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None]
) -> None:
    keys(READER)
    store = S3Store(s3_lake)
    assert store.list("") == []
    keys(NEW)
    store.put("a", b"1")
    assert used(s3_proxy)[1:] == [("PUT", READ_ONLY_KEY), ("PUT", ACCESS_KEY)]


def test_sources_are_read_again_at_most_so_often(
    s3_lake: str, keys: Callable[[Keys], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    now, looks = [0.0], []
    keys(OLD)
    store = S3Store(s3_lake)
    store._looks = Looks(lambda: now[0])
    made = store._make

    def counted() -> tuple[object, str]:
        looks.append(now[0])
        return made()

    monkeypatch.setattr(store, "_make", counted)
    for now[0] in (0.0, 1.0, 4.9, 5.0, 7.0, 10.0):
        with pytest.raises(AccessDenied):
            store.list("")
    # The first is the store's own beginning.
    assert looks == [0.0, 0.0, 5.0, 10.0]


@pytest.mark.parametrize("why", ["expired", "denied"])
def test_a_look_is_due_once_in_its_time(why: Refusal) -> None:
    now = [100.0]
    looks = Looks(lambda: now[0])
    assert looks.due(why)
    now[0] += LOOK_AGAIN_SECONDS[why] - 0.1
    assert not looks.due(why)
    now[0] += 0.1
    assert looks.due(why)


def test_keys_that_come_after_the_beginning_are_found(
    s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None]
) -> None:
    store = S3Store(s3_lake)
    with pytest.raises(AccessDenied, match="no credentials"):
        store.list("")
    store._looks = Looks()
    keys(NEW)
    assert store.list("") == []
    assert used(s3_proxy) == [("LIST", ACCESS_KEY)]


def test_a_program_that_gives_keys_is_asked_again(
    s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None], clean_environment: Path
) -> None:
    told = clean_environment / "told.json"
    (clean_environment / ".aws" / "config").write_text(
        f"[default]\ncredential_process = {sys.executable} -c \"print(open('{told}').read())\"\n"
    )

    def tell(pair: Keys) -> None:
        told.write_text(f'{{"Version": 1, "AccessKeyId": "{pair[0]}", "SecretAccessKey": "{pair[1]}"}}')

    tell(NEW)
    store = S3Store(s3_lake)
    store.put("a", b"1")
    s3_proxy.spoil = refuse(ACCESS_KEY)
    tell(READER)
    assert store.get("a") == b"1"


def test_a_role_is_assumed_anew_with_the_new_keys(
    s3_lake: str,
    s3_proxy: S3Proxy,
    keys: Callable[[Keys], None],
    clean_environment: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The role's keys are revoked before their time, and the keys that it is assumed with have changed, too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", s3_proxy.endpoint)
    monkeypatch.setenv("AWS_PROFILE", "role")
    role = "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/lake\nsource_profile = default\n"
    (clean_environment / ".aws" / "config").write_text(role)
    given = {OLD[0]: NEW, "AKIANEXT": READER}

    def plan(request: Request) -> Spoil:
        if request.path == "/" and request.verb == "POST":
            key, secret = given[request.access_key or ""]
            xml = (
                "<AssumeRoleResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleResult><Credentials>"
                f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
                "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
                "</AssumeRoleResult></AssumeRoleResponse>"
            )
            return Reply(200, xml.encode(), {"Content-Type": "text/xml"})
        return s3_error(400, "ExpiredToken") if request.access_key in revoked else None

    revoked: set[str] = set()
    s3_proxy.spoil = plan
    keys(OLD)
    store = S3Store(s3_lake)
    asked: list[str | None] = []
    with pytest.raises(AccessDenied):
        store.put("a", b"1")  # The test's server takes no session tokens; whose key came is what is looked at.
    asked += [request.access_key for request in s3_proxy.take() if request.operation == "PUT"]
    revoked.add(ACCESS_KEY)
    keys(("AKIANEXT", "s"))
    store._looks = Looks()
    with pytest.raises(AccessDenied):
        store.put("a", b"1")
    asked += [request.access_key for request in s3_proxy.take() if request.operation == "PUT"]
    assert asked == [ACCESS_KEY, ACCESS_KEY, READ_ONLY_KEY]


def test_an_open_reader_goes_on(s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None]) -> None:
    keys(NEW)
    for name in ("one", "two"):
        with lakeboard.init(project="p", name=name, lake=s3_lake, quiet=True) as run:
            run.log({"x": 1.0})
        if name == "one":
            lake = lakeboard.open(s3_lake)
            assert lake.runs("p")["name"].to_list() == ["one"]
    s3_proxy.spoil = refuse(ACCESS_KEY)
    keys(READER)
    assert sorted(lake.runs("p")["name"].to_list()) == ["one", "two"]
    assert lake.metrics("p").collect().height == 2


@pytest.mark.parametrize(
    "options",
    [
        {"key": OLD[0], "secret": OLD[1]},
        {"client_kwargs": {"aws_access_key_id": OLD[0], "aws_secret_access_key": OLD[1]}},
    ],
)
def test_keys_passed_by_hand_stay_and_the_error_says_what_to_do(
    options: dict[str, object], s3_lake: str, s3_proxy: S3Proxy, keys: Callable[[Keys], None]
) -> None:
    keys(NEW)
    store = S3Store(s3_lake, options=options)
    with pytest.raises(AccessDenied, match=r"passed in storage_options.*leave them out") as raised:
        store.put("a", b"1")
    assert OLD[1] not in str(raised.value)
    assert used(s3_proxy) == [("PUT", OLD[0])]


def test_keys_in_the_environment_are_told_as_such(s3_lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "AWS_ACCESS_KEY_ID", OLD[0])
    with pytest.raises(AccessDenied, match=r"process's environment .AWS_ACCESS_KEY_ID.*unset them"):
        S3Store(s3_lake).list("")
