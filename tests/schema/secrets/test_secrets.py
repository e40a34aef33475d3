"""What is a secret and what is not: one table of shapes and names, the same for configs, arguments, texts and code.

The secrets here are made up; each is put together from two parts so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.plain.walk import walk
from lakeboard.schema.secrets.diff import redact_diff
from lakeboard.schema.secrets.names import REDACTED, is_secret_name
from lakeboard.schema.secrets.redact import (
    redact_arguments,
    redact_code,
    redact_name,
    redact_text,
    redact_tree,
    redact_value,
)
from lakeboard.schema.secrets.shapes import SHAPES
from tests.schema.strategies import FLOATS

# In pieces: no key of anybody may stand in a file.
_PEM = "PRIV" + "ATE KEY-----"

_ALNUM = "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ0123456789abcdefghijABCDEFGHIJ"
_HEX = "0123456789abcdef" * 5
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

SHAPED = {
    "AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "AWS temporary key": "ASIA" + "IOSFODNN7EXAMPLE",
    "Alibaba": "LTAI" + _ALNUM[:20],
    "Tencent": "AKID" + _ALNUM[:32],
    "Google API": "AIza" + _ALNUM[:35],
    "Google OAuth": "ya29." + _ALNUM[:60],
    "Google client": "GOCSPX-" + _ALNUM[:28],
    "Google refresh": "1//0" + _ALNUM[:60],
    "GitHub personal": "ghp_" + _ALNUM[:36],
    "GitHub OAuth": "gho_" + _ALNUM[:36],
    "GitHub server": "ghs_" + _ALNUM[:36],
    "GitHub fine-grained": "github_pat_" + _ALNUM[:22] + "_" + _ALNUM[:59],
    "GitLab personal": "glpat-" + _ALNUM[:20],
    "GitLab deploy": "gldt-" + _ALNUM[:20],
    "Bitbucket": "ATBB" + _ALNUM[:32],
    "Atlassian": "ATATT3" + _ALNUM[:60],
    "Hugging Face": "hf_" + _ALNUM[:34],
    "Hugging Face organisation": "api_org_" + _ALNUM[:34],
    "OpenAI": "sk-" + _ALNUM[:48],
    "OpenAI project": "sk-proj-" + _ALNUM[:40] + "_" + _ALNUM[:10] + "-" + _ALNUM[:8],
    "Anthropic": "sk-ant-api03-" + _ALNUM[:60] + "-" + _ALNUM[:20] + "AA",
    "OpenRouter": "sk-or-v1-" + _HEX[:64],
    "DeepSeek": "sk-" + _HEX[:32],
    "Langfuse": "sk-lf-" + "12345678-1234-1234-1234-123456789abc",
    "Groq": "gsk_" + _ALNUM[:52],
    "xAI": "xai-" + _ALNUM[:60],
    "Replicate": "r8_" + _ALNUM[:37],
    "Perplexity": "pplx-" + _ALNUM[:48],
    "NVIDIA": "nvapi-" + _ALNUM[:60],
    "Fireworks": "fw_" + _ALNUM[:24],
    "Together": "tgp_v1_" + _ALNUM[:43],
    "Cerebras": "csk-" + _HEX[:48],
    "Pinecone": "pcsk_" + _ALNUM[:40],
    "Tavily": "tvly-" + _ALNUM[:32],
    "LangSmith": "lsv2_pt_" + _HEX[:32] + "_" + _HEX[:10],
    "Weights & Biases": "wandb_v1_" + _ALNUM[:40],
    "Neptune": "eyJhcGlf" + "YWRkcmVzcyI6Imh0dHBzOi8vYXBwLm5lcHR1bmUuYWkifQ==",
    "Kaggle": "KGAT_" + _HEX[:32],
    "Roboflow": "rf_" + _ALNUM[:28],
    "ElevenLabs": "sk_" + _HEX[:48],
    "Modal": "ak-" + _ALNUM[:22],
    "Prefect": "pnu_" + _ALNUM[:36],
    "dbt": "dbtc_" + _ALNUM[:40],
    "Slack bot": "xoxb-" + "123456789012-123456789012-" + _ALNUM[:24],
    "Slack app": "xapp-" + "1-A0123456789-1234567890123-" + _HEX[:64],
    "Slack webhook": "https://hooks.slack.com/services/" + "T00000000/B00000000/" + _ALNUM[:24],
    "Discord webhook": "https://discord.com/api/webhooks/" + "123456789012345678/" + _ALNUM[:60],
    "Discord bot": "MTIzNDU2Nzg5MDEyMzQ1Njc4" + ".GabcdE." + _ALNUM[:38],
    "Teams webhook": "https://corp.webhook.office.com/" + "webhookb2/" + _HEX[:32],
    "Telegram": "123456789:AA" + _ALNUM[:33],
    "Stripe": "sk_live_" + _ALNUM[:24],
    "Stripe restricted": "rk_test_" + _ALNUM[:24],
    "Stripe webhook": "whsec_" + _ALNUM[:32],
    "Twilio": "SK" + _HEX[:32],
    "SendGrid": "SG." + _ALNUM[:22] + "." + _ALNUM[:43],
    "Mailgun": "key-" + _HEX[:32],
    "Mailchimp": _HEX[:32] + "-us12",
    "npm": "npm_" + _ALNUM[:36],
    "PyPI": "pypi-" + "AgEIcHlwaS5vcmc" + _ALNUM[:60],
    "RubyGems": "rubygems_" + _HEX[:48],
    "crates.io": "cio" + _ALNUM[:32],
    "Docker Hub": "dckr_pat_" + _ALNUM[:27],
    "DigitalOcean": "dop_v1_" + _HEX[:64],
    "Heroku": "HRKU-" + _ALNUM[:40],
    "Vault": "hvs." + _ALNUM[:60],
    "Terraform Cloud": _ALNUM[:14] + ".atlasv1." + _ALNUM[:60],
    "Databricks": "dapi" + _HEX[:32],
    "Shopify": "shpat_" + _HEX[:32],
    "Square": "sq0atp-" + _ALNUM[:22],
    "Linear": "lin_api_" + _ALNUM[:40],
    "Notion": "ntn_" + _ALNUM[:46],
    "Airtable": "pat" + _ALNUM[:14] + "." + _HEX[:64],
    "Figma": "figd_" + _ALNUM[:40],
    "Grafana": "glsa_" + _ALNUM[:32] + "_" + _HEX[:8],
    "New Relic": "NRAK-" + _UPPER[:27],
    "Sentry": "sntrys_" + _ALNUM[:60],
    "Postman": "PMAK-" + _HEX[:24] + "-" + _HEX[:34],
    "PlanetScale": "pscale_pw_" + _ALNUM[:43],
    "Supabase": "sbp_" + _HEX[:40],
    "Fly": "fm2_" + _ALNUM[:60],
    "Doppler": "dp.pt." + _ALNUM[:43],
    "1Password": "ops_eyJ" + _ALNUM[:60],
    "Tailscale": "tskey-auth-" + _ALNUM[:12] + "-" + _ALNUM[:32],
    "Azure client": "abc8Q~" + _ALNUM[:34],
    "Mapbox": "sk.eyJ" + _ALNUM[:60],
    "web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + _ALNUM[:43],
    "bcrypt hash": "$2b$12$" + _ALNUM[:53],
    "RSA key": f"-----BEGIN RSA {_PEM}\n" + _ALNUM + f"\n-----END RSA {_PEM}",
    "OpenSSH key": f"-----BEGIN OPENSSH {_PEM}\n" + _ALNUM + f"\n-----END OPENSSH {_PEM}",
    "PGP key, cut": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n" + _ALNUM,
    "age key": "AGE-SECRET-KEY-1" + _UPPER * 2,
}  # fmt: skip
"""Secrets that are known by their looks, by whose they are."""

IN_TEXT = {
    "login": ("postgres://ada:{s}@db.corp/x", "hunter2x"),
    "login with an at sign and a slash": ("postgres://ada:{s}@db.corp/x", "p@ss/w0rd"),
    "login without a user": ("redis://:{s}@cache:6379/0", "hunter2x"),
    "login of a mail address": ("smtp://ada@corp.com:{s}@mail.corp:25", "hunter2x"),
    "token as user": ("https://{s}@github.com/ada/code.git", "abcdef0123456789"),
    "user and token": ("https://x-access-token:{s}@github.com/ada/code.git", "abcdef0123456789"),
    "Sentry": ("https://{s}@o123.ingest.sentry.io/45", _HEX[:32]),
    "query": ("401 for https://api.corp/v1?user=ada&api_key={s}&page=2", "hunter2x"),
    "query of a token": ("GET /v1/me?access_token={s} HTTP/1.1", _ALNUM[:24]),
    "S3, presigned": ("https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature={s}", _HEX[:64]),
    "S3, session": ("https://b.s3.amazonaws.com/k?X-Amz-Security-Token={s}", _ALNUM[:60]),
    "S3, old": ("https://b.s3.amazonaws.com/k?Expires=1&Signature={s}", _ALNUM[:27] + "%3D"),
    "GCS, presigned": ("https://storage.googleapis.com/b/k?X-Goog-Signature={s}", _HEX[:64]),
    "Azure, SAS": ("https://a.blob.core.windows.net/c/k?sv=2024-01-01&sig={s}", _ALNUM[:43] + "%3D"),
    "Azure, connection": ("DefaultEndpointsProtocol=https;AccountKey={s};EndpointSuffix=core", _ALNUM[:60] + "=="),
    "ADO": ("Server=db;User Id=ada;Password={s};Encrypt=True", "hunter2x"),
    "libpq": ("connection to host=db user=ada password={s} dbname=x failed", "hunter2x"),
    "bearer": ("Authorization: Bearer {s}", _ALNUM[:30]),
    "bearer, short": ("sent 'Bearer {s}'", "abc123"),
    "basic": ("Authorization: Basic {s}", "YWRhOmh1bnRlcjI="),
    "header": ("curl -H 'X-Api-Key: {s}' https://api.corp", "hunter2x"),
    "cookie": ("Cookie: session={s}", _ALNUM[:30]),
    "GitLab header": ("PRIVATE-TOKEN: {s}", _ALNUM[:20]),
    "curl": ("curl -u ada:{s} https://api.corp", "hunter2x"),
    "dict in an error": ("KeyError in {{'user': 'ada', 'password': '{s}'}}", "hunter2x"),
    "JSON in an error": ('400: {{"client_secret": "{s}", "id": 3}}', "hunter2x"),
    "call in a traceback": ('    login(user, password="{s}")', "hunter2x"),
    "variable": ("HF_TOKEN={s} python train.py", "hunter2x"),
    "client's own words": ("Invalid password: {s}", "hunter2x"),
    "option in a text": ("ran train.py --db-pass {s} --lr 3", "hunter2x"),
    "list of options": ("subprocess ['train.py', '--db-pass', '{s}']", "hunter2x"),
    "YAML in a text": ("lr: 0.1\npassword: {s}\ndepth: 4", "correcthorse"),
}
"""Secrets that are known by what stands around them."""

SECRET_NAMES = """
    password passwd pwd db_password dbPassword DB_PASSWORD db-password password2 PGPASSWORD mysqlpassword
    passphrase pass
    db_pass smtp_pass userpass secret secrets client_secret clientSecret SECRET_KEY_BASE secret_value app.secret.value
    token tokens hf_token HF_TOKEN hfToken access_token refresh_token id_token bot_token api_token
    token_value csrf_token
    session_token apikey api_key API_KEY apiKey api_keys x-api-key openai_key anthropic_key wandb_key WANDB_API_KEY
    aws_secret_access_key aws_access_key_id private_key ssh_key signing_key encryption_key master_key license_key
    azure_key gcp_key stripe_key kaggle_key account_key auth basic_auth proxy_auth authorization auth_header cred creds
    credential credentials aws_credentials dsn sentry_dsn DATABASE_DSN cookie cookies session_cookie webhook webhooks
    webhook_url slack_webhook jwt bearer otp private_key_pem service_key subscription-key secrets.openai token.value
    tokens.prod.eu auth.user conf.db.password
""".split()
HARMLESS_NAMES = """
    max_tokens max-tokens num_tokens n_tokens tokens_per_second total_tokens prompt_tokens pad_token eos_token bos_token
    unk_token mask_token cls_token sep_token image_token additional_special_tokens special_tokens stop_token class_token
    end_of_turn_token pad_token_id tokenizer tokenizer_name tokenization token_embedding token_type_ids passes n_pass
    forward_pass pass_rate bypass lowpass compass author authors authority primary_key foreign_key
    sort_key partition_key
    cache_key key keys metric_key monkey turkey keyboard password_length secret_name secretary
    secrets_manager token_file
    credentials_path key_file private_key_path auth_type auth_url cookiecutter webhook_port lr model seed optimizer
    hidden_size public_key keypoints accessor
""".split()

HARMLESS: dict[str, Any] = {
    "max_tokens": 4096,
    "password_length": 12,
    "token": 7,
    "secret": True,
    "auth": False,
    "pwd": None,
    "password": "",
    "passes": "two",
    "author": "ada",
    "primary_key": "run_id",
    "pad_token": "<pad>",
    "eos_token": "</s>",
    "unk_token": "[UNK]",
    "bos_token": "<|begin_of_text|>",
    "mask_token": "[MASK]",
    "tokens": ["<pad>", "</s>"],
    "special_tokens": {"pad": "padding", "eos": "end"},
    "token_type": "bearer",
    "use_auth": "true",
    "proxy_auth": "basic",
    "credentials": "/home/ann/.aws/credentials",
    "ssl_key": "/etc/ssl/private/server.pem",
    "password_file": "/run/secrets/db",
    "token_path": "~/.cache/huggingface/token",
    "pwd2": "/home/ann/work/train",
    "db_password": "${oc.env:DB_PASSWORD}",
    "api_key": "$OPENAI_API_KEY",
    "hf_token": "{{ secrets.HF_TOKEN }}",
    "wandb_key": "**********",
    "model": "sk-resnet50-imagenet-pretrained",
    "backbone": "hf_hub:timm/resnet50.a1_in1k",
    "checkpoint": "/data/sk-resnet50-imagenet-pretrained/ckpt-000123.pt",
    "commit": "3094c9c0b5f84f1b8a1e3f5d7c9b2a4e6f8d0c1b",
    "sha256": _HEX[:64],
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "remote": "git@github.com:ada/code.git",
    "ssh": "ssh://git@github.com/ada/code.git",
    "url": "http://localhost:8080/@ada?page=2&max_tokens=5",
    "user_url": "https://git@github.com/ada/code.git",
    "bucket": "s3://bucket/runs/project=p/part-0001.parquet",
    "prompt": "Write a bearer of good news; the token is the next word: answer with one token.",
    "notes": "Basic information about authors, passes and monkeys: see https://corp/docs?id=3#key",
    "schedule": "cosine: warmup=100, total=1000",
    "error": "KeyError: 'HF_TOKEN'",
    "argparse": "argument --token: expected one argument",
    "parser": "SyntaxError: unexpected token: ')' at line 3",
    "public": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "ssh_public": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMq ada@host",
    "docker": "docker run -u 1000:1000 image",
    "date": "2024-01-02T03:04:05Z",
    "shape": "[3, 224, 224]",
    "class": "torch.optim.adam.Adam",
    "layers": "conv-key-value-query-projection",
}  # fmt: skip


def test_the_tables_are_as_large_as_they_should_be() -> None:
    assert len(SHAPED) + len(IN_TEXT) >= 80
    assert len(HARMLESS) >= 40
    assert len(SHAPES) >= 80


@pytest.mark.parametrize("whose", SHAPED)
def test_a_secret_is_known_by_its_looks(whose: str) -> None:
    secret = SHAPED[whose]
    core = secret.removeprefix("https://").split("/")[-1] if "://" in secret else secret.split("\n")[-1]
    for text in (secret, f"failed with {secret}.", f'("{secret}")', f"a={secret}", f"x/{secret}"):
        found: list[str] = []
        redacted = redact_text(text, found)
        assert core not in redacted, redacted
        assert REDACTED in redacted
        assert found
        assert redact_text(redacted) == redacted
    assert core not in json.dumps(redact_tree({"x": secret, "y": [{"z": secret}]}))
    assert core not in " ".join(redact_arguments(["train.py", secret, f"--x={secret}", "--y", secret]))
    assert core not in redact_code(f'x = "{secret}"')
    assert core not in redact_diff(f"diff --git a/a.py b/a.py\n@@ -1 +1 @@\n+x = '''{secret}'''")


@pytest.mark.parametrize("where", IN_TEXT)
def test_a_secret_is_known_by_what_stands_around_it(where: str) -> None:
    pattern, secret = IN_TEXT[where]
    text = pattern.format(s=secret)
    redacted = redact_text(text)
    assert secret not in redacted
    assert redacted.count(REDACTED) == 1, redacted
    around = [part for part in re.split(r"\{s\}", pattern.replace("{{", "{").replace("}}", "}")) if len(part) > 12]
    assert any(part[:8] in redacted or part[-8:] in redacted for part in around), redacted
    assert redact_text(redacted) == redacted
    assert secret not in json.dumps(redact_tree({"x": text}))


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret_name(name)
    assert redact_tree({name: "hunter2"}) == {name: REDACTED}
    nested: Any = "hunter2"
    for part in reversed(name.split(".")):
        nested = {part: nested, "n": 3}
    assert "hunter2" not in json.dumps(redact_tree(nested))
    assert "hunter2" not in json.dumps(redact_tree({name: {"a": ["hunter2", {"b": "hunter2"}]}}))
    for line in ([f"--{name}", "hunter2"], [f"--{name}=hunter2"], [f"{name}=hunter2"], [f"-{name}", "hunter2"]):
        assert "hunter2" not in " ".join(redact_arguments(["train.py", *line, "--lr", "3"]))
        assert redact_arguments(["train.py", *line, "--lr", "3"])[-2:] == ["--lr", "3"]
    assert "hunter2" not in redact_code(f'{name} = "hunter2"')
    assert "hunter2" not in redact_text(f"{name}=hunter2")
    assert "hunter2" not in redact_text(f'{{"{name}": "hunter2"}}')


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_a_harmless_name_is_left_alone(name: str) -> None:
    assert not is_secret_name(name)
    assert redact_tree({name: "two words"}) == {name: "two words"}
    line = ["train.py", f"--{name}", "4096", f"--{name}=adam", f"{name}=adam", f"--{name}", "adam"]
    assert redact_arguments(line) == line
    assert redact_code(f'{name} = "adam"') == f'{name} = "adam"'
    assert redact_text(f"{name}=adam") == f"{name}=adam"


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_secret_is_kept(name: str) -> None:
    value = HARMLESS[name]
    assert redact_value(name, value) == value
    if isinstance(value, str):
        assert redact_text(value) == value
        assert redact_code(value) == value


def test_options_that_are_numbers_are_kept() -> None:
    line = ["train.py", "--max-tokens", "4096", "--tokens=1_000_000", "--token", "5", "--auth", "true", "--pass", "2"]
    assert redact_arguments(line) == line


def test_every_value_of_a_plural_option_is_hidden() -> None:
    line = ["train.py", "--tokens", "alpha", "beta", "--lr", "3"]
    assert redact_arguments(line) == ["train.py", "--tokens", REDACTED, REDACTED, "--lr", "3"]


def test_json_in_an_argument_is_looked_into() -> None:
    (found,) = redact_arguments(['{"secrets": {"openai": "hunter2"}, "lr": 0.1}'])
    assert json.loads(found) == {"secrets": {"openai": REDACTED}, "lr": 0.1}


def test_code_keeps_its_expressions() -> None:
    code = 'token = tokenizer.next()\npassword = getpass()\nkey = os.environ["HF_TOKEN"]\nlogin(token=token)\n'
    assert redact_code(code) == code


@pytest.mark.parametrize(
    "line",
    [
        'password: str = "hunter2"',
        'os.environ["HF_TOKEN"] = "hunter2"',
        'os.getenv("DB_PASSWORD", "hunter2")',
        'parser.add_argument("--db-pass", type=str, default="hunter2")',
        "client = Client(api_key='hunter2')",
        'api_key=b"hunter2"',
        "requests.get(url, auth=('ada', password := 'hunter2'))",
    ],
)
def test_code_loses_its_secrets(line: str) -> None:
    assert "hunter2" not in redact_code(line)


def test_a_dict_that_is_keyed_by_secrets_loses_them() -> None:
    assert redact_name(SHAPED["GitHub personal"]) == REDACTED
    assert list(redact_tree({"https://ada:hunter2x@host/x": 1})) == ["https://[redacted]@host/x"]


_LEAF = st.none() | st.booleans() | st.integers() | FLOATS | st.text(max_size=40) | st.sampled_from([*SHAPED.values()])
_NAME = st.text(max_size=12) | st.sampled_from([*SECRET_NAMES, *HARMLESS_NAMES])
_TREE = st.dictionaries(
    _NAME,
    st.recursive(
        _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAME, inner, max_size=3), max_leaves=8
    ),
    max_size=4,
)


def _numbers(value: object) -> list[object]:
    if isinstance(value, dict):
        return [n for each in value.values() for n in _numbers(each)]
    if isinstance(value, list):
        return [n for each in value for n in _numbers(each)]
    return [] if isinstance(value, str) else [value]


@given(_TREE)
def test_redaction_never_raises_nor_changes_numbers_and_is_idempotent(tree: dict[str, Any]) -> None:
    plain: Any = walk(tree)
    once = redact_tree(plain)
    assert repr(redact_tree(once)) == repr(once)
    if not any(redact_name(name) != name for name in repr(list(plain))):
        assert len(once) <= len(plain)
    assert repr(_numbers(once)) == repr(_numbers(plain)) or len(once) < len(plain)


_WORDS = st.sampled_from(
    [*SHAPED.values(), *(p.format(s=s) for p, s in IN_TEXT.values()), *SECRET_NAMES, "=", ":", " ", "\n", '"', "'",
     "--",
     "+", "-", "@@ -1 +1 @@\n", "diff --git a/x.yaml b/x.yaml\n", "[", "]", "{", "}", ",", "hunter2", "a", "://", "@"]
)  # fmt: skip


@given(st.lists(_WORDS | st.text(max_size=5), max_size=12).map("".join))
def test_any_text_can_be_redacted_twice(text: str) -> None:
    for redact in (redact_text, redact_code, redact_diff):
        once = redact(text)
        assert redact(once) == once


@given(st.lists(_WORDS, max_size=8))
def test_any_command_line_can_be_redacted(arguments: list[str]) -> None:
    found = redact_arguments(arguments)
    assert len(found) == len(arguments)


@pytest.mark.parametrize(
    "part", ["://a:", "Bearer ", "password=", "a-", "eyJ", "'", '"', "@", "--x ", "\n- a: ", "sk-", "{"]
)
def test_long_texts_take_no_time(part: str) -> None:
    import time

    text = part * (16_000 // len(part))
    began = time.perf_counter()
    redact_text(text)
    redact_diff(f"diff --git a/x.yaml b/x.yaml\n@@ -1 +1 @@\n+{text}")
    assert time.perf_counter() - began < 2
