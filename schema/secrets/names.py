"""Which names tell that a value is a secret: the one table, for configs, arguments, variables, files and texts. Pure.

A name is read word by word (`dbPassword`, `db-password`, `DB_PASSWORD2` are all *db password*); what counts is its
last word and what stands before it. A secret name covers everything below it, numbers and booleans never.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias

Secrecy: TypeAlias = Literal["strong", "weak"]
"""strong: whatever text it has is a secret (`password`). weak: most texts are (`token`, `auth`), some words are not."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRONG: Final = _words(
    "password passwords passwd passwds pwd pwds passphrase passphrases passcode passcodes secret secrets apikey "
    "apikeys credential credentials seedphrase privatekey secretkey accesskey clientsecret apisecret apitoken "
    "accesstoken refreshtoken authtoken bearertoken"
)
_WEAK: Final = _words(
    "token tokens pass pw auth authorization authentication cred creds dsn cookie cookies webhook webhooks jwt "
    "jwts bearer sas otp mnemonic"
)
_KEYS: Final = _words("key keys")
_STRONG_KEYS: Final = _words("api access secret private")
_WEAK_KEYS: Final = _words(
    "account admin aes age ai21 aleph algolia alibaba anthropic anyscale app application assemblyai auth aws "
    "azure b2 backblaze bearer bot braintree bugsnag censys cerebras civitai clarifai clearml client cloudflare "
    "cohere comet consumer coreweave crypto dashscope databricks datadog dd deepgram deepinfra deepseek deploy "
    "deployment digitalocean discord elastic elevenlabs encryption encrypt decryption decrypt exa facebook fal "
    "fernet fireworks friendli gcp gcs gemini github gitlab google gpg grafana groq hmac hub hf heroku honeycomb "
    "huggingface hyperbolic ibm infura jina jwt kaggle lambda langchain langfuse langsmith lastfm lepton license "
    "licence litellm llm mailchimp mailgun mapbox maps master minimax minio mistral modal mongo mongodb moonshot "
    "nebius neptune newrelic ngc ngrok nomic nvidia oauth octoai ollama openai openrouter openweather oss "
    "pagerduty paypal perplexity pgp pinecone polygon posthog postmark proxy qdrant qwen reka replicate roboflow "
    "rollbar rsa runpod sambanova sas scaleai sendgrid sentry serpapi serper service shared shodan signing slack "
    "snowflake sonar ssh ssl stability storage stripe subscription supabase tailscale tavily telegram tencent tls "
    "together togetherai tomtom trello twilio twitter typesense unsplash upstash valyu vastai vault vercel vertex "
    "voyage voyageai wandb watsonx weaviate webhook wolfram xai yandex youtube zhipu zhipuai"
)
"""Whose `key`, or what kind of `key`, is a secret."""
_ENDINGS: Final = _words(
    "value val str string plain plaintext raw hash base pem b64 base64 hex header prod production dev staging "
    "live test old new backup default"
)
"""What may stand behind a secret word without making it another thing: `secret_value`, `SECRET_KEY_BASE`."""
_WEBHOOK_ENDINGS: Final = _words("url uri urls link endpoint")
_ID_ENDINGS: Final = frozenset({("access", "key", "id"), ("secret", "id"), ("secret", "access", "key")})
_TEXT_TOKENS: Final = _words(
    "pad padding eos bos unk unknown sep cls mask masked sos sot eot eod eof eop boi eoi img image images audio "
    "video speech visual vision vis latent patch register start end stop begin beginning ending special "
    "additional added new first last next prev previous num n max min total count per prompt completion "
    "completions input inputs output outputs forced decoder encoder suppress separator delimiter blank space word "
    "subword sub target source src tgt class query key prefix suffix middle fim fill placeholder text texts lang "
    "language head control reserved seq sequence turn answer question trigger bad good newline think thinking "
    "tool mem memory context chat role instruction response reasoning generated train training val eval batch "
    "vocab vocabulary oov extra unused noise timestamps transcribe translate content rare common stopping ignore "
    "ignored skip label"
)
"""What a token of a text is called; the other kind opens doors."""
_RUNS: Final = _words(
    "forward backward first second third single two three one multi per n num max low high band full every each "
    "by test render depth shadow optimizer compiler last next"
)
"""What a pass through something is called."""
_UNMISTAKABLE: Final = ("password", "passwords", "passwd", "passphrase", "apikey", "apikeys", "credentials")
_JOINED: Final = re.compile(
    r"(?:password|passwd|passphrase|apikey|credentials?|secretkey|accesskey|privatekey|secret)s?\d*"
    r"|(?:db|user|usr|smtp|imap|my|root|admin|ftp|sftp|ssh|proxy|http|mysql|pg|postgres|redis|mongo|login|key|keystore|truststore)"
    r"(?:pass|pwd|pw)\d*"
    r"|(?:hf|api|auth|access|refresh|bot|session|bearer|hub|github|gitlab|gh|gl|slack|csrf|xsrf|jwt|oauth|sas|secret|user|id)tokens?\d*"
)
_JOINED_PREFIX: Final = re.compile(
    r"(?:db|database|user|usr|smtp|imap|my|root|admin|ftp|sftp|ssh|proxy|http|https|mysql|pg|postgres|redis|mongo|rabbitmq|"
    r"login|app|client|api|aws|gcp|azure|hf|wandb|openai|anthropic|github|gitlab|slack|jwt|oauth|kaggle|master|s3|shared|"
    r"web|site|vault|auth|service|storage|account|django|flask|session)"
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is likely a secret: `hf_token`, `db.password`, `apiKey`; not `max_tokens`.

    Of a dotted name one part is enough: what lies below a secret name is secret.
    """
    return secrecy(name) is not None


def secrecy(name: str) -> Secrecy | None:
    """How sure it is that a value of this name is a secret; None where it is none."""
    if len(name) > 1_000:
        name = name[-1_000:]
    found: Secrecy | None = None
    for part in re.split(r"[./\\:\[\]\s]+", name) if _SPLITS.search(name) else (name,):
        told = _of_part(part)
        if told == "strong":
            return told
        found = found or told
    return found


_SPLITS: Final = re.compile(r"[./\\:\[\]\s]")


@lru_cache(maxsize=4_096)
def _of_part(name: str) -> Secrecy | None:
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words:
        return None
    told = _of_words(words)
    if told is None and len(words) > 1 and words[-1] in _ENDINGS and not (words[-1] == "string" and "token" in words):
        told = _of_words(words[:-1])
    if (told is None and tuple(words[-3:]) in _ID_ENDINGS) or tuple(words[-2:]) in _ID_ENDINGS:
        told = "strong"
    return told


def _of_words(words: list[str]) -> Secrecy | None:
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in _STRONG:
        return "strong"
    if last in _KEYS:
        if before in _STRONG_KEYS:
            return "strong"
        return "weak" if before in _WEAK_KEYS or tuple(words[-3:-1]) == ("x", "functions") else None
    if last in ("token", "tokens") and (before in _TEXT_TOKENS or _of_text(words)):
        return None
    if last == "pass" and before in _RUNS:
        return None
    if last in _WEAK:
        return "weak"
    if last in _WEBHOOK_ENDINGS and before in ("webhook", "webhooks"):
        return "weak"
    if _is_joined(last):
        return "strong" if not last.endswith(("token", "tokens", "pass", "pw")) else "weak"
    return None


def _of_text(words: list[str]) -> bool:
    """`end_of_turn_token` and the like."""
    return len(words) > 2 and words[-3] in ("of", "begin", "end", "start")


def _is_joined(word: str) -> bool:
    """Words written as one: `pgpassword`, `hftoken`."""
    if word.endswith(_UNMISTAKABLE) or _JOINED.fullmatch(word):
        return True
    start = _JOINED_PREFIX.match(word)
    return bool(start and _JOINED.fullmatch(word[start.end() :]))


def hides(how: Secrecy, text: str) -> bool:
    """Whether `text` under a secret name is hidden: not if it is empty, a path, a reference, or plainly no secret."""
    text = text.strip()
    if not text or text == REDACTED or text.lower() in _NOTHING or _REFERENCE.fullmatch(text) or is_path(text):
        return False
    return how == "strong" or not (text.lower() in _METHODS or _COUNT.fullmatch(text) or _SPECIAL.fullmatch(text))


def is_path(text: str) -> bool:
    """Whether `text` is the path of a file or folder, and no random characters with a slash among them."""
    if len(text) > 1_000 or not (_ROOTED.fullmatch(text) or _FILE.fullmatch(text)):
        return False
    return not any(_RANDOM.search(part) for part in re.split(r"[/\\]", text))


REDACTED: Final = "[redacted]"
"""What stands in a secret's place."""
_NOTHING: Final = _words("none null nil nan true false ~ undefined")
_METHODS: Final = _words(
    "yes no on off auto basic digest iam oauth oauth2 kerberos ntlm anonymous ldap saml sso token password bearer "
    "default disabled disable enabled enable required optional all any cls mean max first last"
)
"""What `auth` or `token` may be without being one."""
_COUNT: Final = re.compile(r"[-+]?\d{1,8}(?:[.,_]\d{1,8})*(?:e[-+]?\d+)?[kKmMbBtT%]?")
_SPECIAL: Final = re.compile(r"<[^<>\s]{1,40}>|</?[a-z]{1,5}>|\[[A-Za-z0-9_]{1,12}\]|\W{1,3}|▁\w*|Ġ\w*|##\w+")
"""A token of a text: `<pad>`, `[CLS]`, `<|endoftext|>`."""
_REFERENCE: Final = re.compile(
    r"\$\{[^{}]*\}|\$[A-Z_][A-Z0-9_]*|\$\([^()]*\)|\{\{.*\}\}|\{[\w.!:\[\]]*\}|%\([\w.]+\)s|\?\?\?|[*•]+|"
    r"<[A-Za-z][\w.]* could not be read.*|"
    r"<\w+ (?:that holds itself|nested deeper).*"
)
"""What says where the secret comes from, or was masked before it came here."""
_ROOTED: Final = re.compile(
    r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\](?:[\w.@+ -]+[/\\])+[\w.@+ -]*|(?:~|\.{1,2})?/[\w-]*\.\w{1,10}|~?/[a-z]{1,20}"
)
_FILE: Final = re.compile(
    r"[\w.+-]+(?:/[\w.+-]+)*\."
    r"(?:json|jsonl|txt|ya?ml|toml|pem|key|crt|cer|p12|pfx|env|cfg|conf|ini|py|csv|parquet|pt|bin|model|vocab|safetensors)"
)
_RANDOM: Final = re.compile(r"(?=[\w+-]*\d)(?=[\w+-]*[a-z])(?=[\w+-]*[A-Z])[\w+-]{16,}")
