"""A difference loses its secrets: files that hold them, and in data what stands under a telling name."""

from __future__ import annotations

import pytest

from lakeboard.schema.secrets.diff import LEFT_OUT, is_secret_file, leave_out, redact_diff

# In pieces: no key of anybody may stand in a file.
_PEM = "PRIV" + "ATE KEY-----"


def diff(name: str, *lines: str) -> str:
    head = f"diff --git a/{name} b/{name}\nindex 1..2 100644\n--- a/{name}\n+++ b/{name}\n@@ -1,3 +1,9 @@"
    return "\n".join([head, *lines])


@pytest.mark.parametrize(
    "path",
    ".env .env.local deploy/.env prod.env key.pem tls/server.key id_rsa .ssh/id_ed25519 .ssh/config .netrc .npmrc  "
    ".pypirc .aws/credentials credentials.json client_secret_1.json secrets.toml .streamlit/secrets.toml secrets.yaml  "
    "app-secrets.yml terraform.tfvars kubeconfig .git-credentials .pgpass vault.kdbx a.p12 id_work "
    "kaggle.json .htpasswd".split(),
)  # fmt: skip
def test_files_that_hold_secrets_are_left_out_and_named(path: str) -> None:
    assert is_secret_file(path)
    text = f"{diff('a.py', '+x = 1')}\n{diff(path, '+X=hunter2')}\n{diff('b.py', '+y = 2')}"
    found: list[str] = []
    kept = redact_diff(text, found)
    assert "hunter2" not in kept
    assert f"diff --git a/{path} b/{path}\n{LEFT_OUT}\ndiff --git a/b.py" in kept
    assert "+x = 1" in kept
    assert "+y = 2" in kept
    assert found == ["file that holds secrets"]
    assert leave_out(kept) == kept == redact_diff(kept)


@pytest.mark.parametrize(
    "path", ["train.py", "id_mapping.py", "env.py", "conf/model.yaml", ".env.example", "id_rsa.pub"]
)
def test_other_files_are_kept(path: str) -> None:
    assert not is_secret_file(path)


def test_a_renamed_file_is_known_by_either_name() -> None:
    assert "hunter2" not in redact_diff("diff --git a/.env b/env.txt\n@@ -1 +1 @@\n+X=hunter2")
    assert "hunter2" not in redact_diff('diff --git "a/\\303\\251/.env" "b/\\303\\251/.env"\n@@ -1 +1 @@\n+X=hunter2')


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("a.yaml", ["-password: hunter2", "+password: hunter2b  # new"]),
        ("a.yaml", [" secrets:", "+  openai: hunter2", "+  more:", "+    - hunter2"]),
        ("a.yaml", ["+tokens:", "+- hunter2", "+- hunter2b"]),
        ("a.yaml", ["+db: {password: hunter2, host: x}", "+creds: {a: hunter2}"]),
        ("a.yaml", ["+key: |", f"+  -----BEGIN RSA {_PEM}", "+  hunter2", f"+  -----END RSA {_PEM}"]),
        ("a.yaml", ["+password: |", "+  hunter2"]),
        ("a.yaml", ["+# password: hunter2"]),
        ("a.toml", [" [secrets]", '+a = "hunter2"', "+[x.credentials.y]", '+b = "hunter2"']),
        ("a.ini", ["+[db]", "+password = hunter2"]),
        ("a.json", ['   "secrets": {', '+    "openai": "hunter2"', "   },", '+  "password": "hunter2",']),
        ("a.xml", ["+<password>hunter2</password>"]),
        ("run.sh", ["+export HF_TOKEN=hunter2", "+python t.py --db-pass hunter2", "+curl -u ada:hunter2 https://x"]),
        ("Dockerfile", ["+ENV API_KEY=hunter2"]),
        ("launch.json", ['+  "args": ["--db-pass", "hunter2"],']),
        ("a.py", ['+api_key = "hunter2"']),
        ("a.py", [f'+K = """-----BEGIN {_PEM}', "+hunter2", f'+-----END {_PEM}"""']),
    ],
)  # fmt: skip
def test_lines_lose_their_secrets(name: str, lines: list[str]) -> None:
    kept = redact_diff(diff(name, " lr: 0.1", *lines, "+depth: 4"))
    assert "hunter2" not in kept
    assert "[redacted]" in kept
    assert kept.endswith("+depth: 4")
    assert redact_diff(kept) == kept


def test_the_line_above_a_hunk_counts() -> None:
    text = "diff --git a/a.yaml b/a.yaml\n@@ -90,3 +90,4 @@ secrets:\n+  openai: hunter2"
    assert redact_diff(text).endswith("+  openai: [redacted]")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.yaml", "+max_tokens: 4096"),
        ("a.yaml", "+pad_token: <pad>"),
        ("a.yaml", "+password: ${DB_PASS}"),
        ("a.yaml", "+key_file: /a/b.pem"),
        ("a.yaml", "+author: ada"),
        ("a.yaml", "+use_auth_token: true"),
        ("a.py", "+password = getpass()"),
        ("a.py", "+login(token=token)"),
        ("a.py", '+token = os.environ["HF_TOKEN"]'),
        ("run.sh", '+export HF_TOKEN="$TOKEN"'),
        ("run.sh", "+python t.py --max-tokens 4096"),
    ],
)
def test_lines_without_secrets_are_kept(name: str, line: str) -> None:
    assert redact_diff(diff(name, line)) == diff(name, line)
