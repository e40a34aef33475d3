"""What secrets look like, whatever they are called: the one table of shapes. Pure.

A shape is tried where its marks stand in the text, so that a text without any costs a few microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from .names import REDACTED


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of secret."""

    kind: str
    """What a person calls it."""
    marks: tuple[str, ...]
    """A text without any of these holds none."""
    regex: str
    """What is replaced: its group `s` where there is one, else all of it."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """`regex`, compiled at its first use: all of them would take a third of a second."""
        return _compiled(self.regex)

    def redact(self, text: str, found: list[str] | None = None) -> str:
        """`text` with every secret of this shape replaced; `found` takes the kind for each."""
        if not any(mark in text for mark in self.marks):
            return text

        def hidden(match: re.Match[str]) -> str:
            inner = "s" if named else 0
            if match[inner] == REDACTED:
                return match[0]
            if found is not None:
                found.append(self.kind)
            start, end = match.start(inner) - match.start(), match.end(inner) - match.start()
            return match[0][:start] + REDACTED + match[0][end:]

        pattern = self.pattern
        named = "s" in pattern.groupindex
        return pattern.sub(hidden, text)


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.DOTALL)


_WHOLE: Final[tuple[tuple[str, str, str], ...]] = (
    # kind, mark, pattern; a block that was cut goes to the end of the text.
    ("private key", "PRIVATE KEY",
     r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"),
    ("PuTTY private key", "Private-Lines:", r"Private-Lines: \d+(?P<s>.*?)(?=\n\S*Private-MAC|\Z)"),
)  # fmt: skip
_SHAPES: Final[tuple[tuple[str, str, str], ...]] = (
    # kind, marks, pattern; none begins or ends in the middle of a longer word.
    ("age secret key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[A-Z0-9]{20,}"),
    ("AWS access key", "AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
    ("Alibaba access key", "LTAI", r"LTAI[A-Za-z0-9]{12,24}"),
    ("Tencent secret id", "AKID", r"AKID[A-Za-z0-9]{28,40}"),
    ("Google API key", "AIza", r"AIza[A-Za-z0-9_-]{30,}"),
    ("Google OAuth token", "ya29.", r"ya29\.[A-Za-z0-9_-]{16,}"),
    ("Google client secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{16,}"),
    ("Google refresh token", "1//", r"1//0[A-Za-z0-9_-]{30,}"),
    ("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
     r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"),
    ("GitLab token", "gl", r"gl(?:pat|dt|rt|rtr|cbt|ptt|oas|soat|ffct|agent|imt|ft)-[A-Za-z0-9_.-]{16,}"),
    ("Bitbucket token", "ATBB ATCTT3 ATATT3", r"ATBB[A-Za-z0-9]{24,}|(?:ATATT3|ATCTT3)[A-Za-z0-9_=-]{24,}"),
    ("Hugging Face token", "hf_ api_org_", r"hf_[A-Za-z0-9]{20,}|api_org_[A-Za-z0-9]{20,}"),
    ("OpenAI or like key", "sk-",
     (r"sk-(?:proj|svcacct|admin|None|ant|or-v\d|lf|litellm)-(?=[\w-]*\d)[\w-]{12,}"
      r"|sk-[A-Za-z0-9]{20,}|sk-(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}")),
    ("Langfuse key", "pk-lf-", r"pk-lf-[A-Za-z0-9-]{16,}"),
    ("Groq key", "gsk_", r"gsk_[A-Za-z0-9]{20,}"),
    ("xAI key", "xai-", r"xai-[A-Za-z0-9]{20,}"),
    ("Replicate token", "r8_", r"r8_[A-Za-z0-9]{20,}"),
    ("Perplexity key", "pplx-", r"pplx-[A-Za-z0-9]{20,}"),
    ("NVIDIA key", "nvapi-", r"nvapi-[A-Za-z0-9_-]{20,}"),
    ("Fireworks key", "fw_", r"fw_(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}"),
    ("Together key", "tgp_v1_", r"tgp_v1_[A-Za-z0-9_-]{20,}"),
    ("Cerebras key", "csk-", r"csk-[a-z0-9]{20,}"),
    ("Pinecone key", "pcsk_", r"pcsk_[A-Za-z0-9_]{20,}"),
    ("Tavily key", "tvly-", r"tvly-[A-Za-z0-9-]{16,}"),
    ("LangSmith key", "lsv2_ ls__", r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{16,}|ls__[a-f0-9]{32}"),
    ("Weights & Biases key", "wandb_v1_ local-", r"wandb_v1_[A-Za-z0-9_]{20,}|local-[a-f0-9]{40}"),
    ("Neptune token", "eyJhcGlf", r"eyJhcGlf[A-Za-z0-9+/=_-]{20,}"),
    ("Kaggle token", "KGAT_", r"KGAT_[A-Za-z0-9]{16,}"),
    ("Roboflow or ElevenLabs key", "rf_ sk_", r"rf_[A-Za-z0-9]{20,}|sk_[a-f0-9]{40,}"),
    ("Modal token", "ak- as-", r"a[ks]-(?=[A-Za-z]*\d)[A-Za-z0-9]{22}"),
    ("Prefect key", "pnu_ pnb_", r"pn[ub]_[A-Za-z0-9]{20,}"),
    ("dbt token", "dbtc_ dbtu_", r"dbt[cu]_[A-Za-z0-9_-]{20,}"),
    ("Slack token", "xox xapp- xoxe.",
     r"xox[a-z]-[A-Za-z0-9-]{10,}|xoxe\.xox[bp]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}"),
    ("Slack webhook", "hooks.slack.com/",
     r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[A-Za-z0-9/_-]{8,})"),
    ("Discord webhook", "/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/(?P<s>\d+/[\w-]{8,})"),
    ("Teams webhook", "webhook.office.com/", r"webhook\.office\.com/(?P<s>[\w@/-]{8,})"),
    ("Discord token", ".", r"[MNO][A-Za-z\d_-]{22,27}\.[\w-]{6}\.[\w-]{27,}"),
    ("Telegram token", ":AA", r"\d{8,10}:AA[A-Za-z0-9_-]{30,}"),
    ("Stripe key", "_live_ _test_ whsec_", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}"),
    ("Twilio key", "SK", r"SK[0-9a-f]{32}"),
    ("SendGrid key", "SG.", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    ("Mailgun key", "key-", r"key-[0-9a-f]{32}"),
    ("Mailchimp key", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    ("npm token", "npm_", r"npm_[A-Za-z0-9]{30,}"),
    ("PyPI token", "pypi-", r"pypi-[A-Za-z0-9_-]{50,}"),
    ("RubyGems key", "rubygems_", r"rubygems_[a-f0-9]{40,}"),
    ("crates.io token", "cio", r"cio[A-Za-z0-9]{32}"),
    ("Docker token", "dckr_", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    ("DigitalOcean token", "_v1_", r"do[opr]_v1_[a-f0-9]{40,}"),
    ("Heroku key", "HRKU-", r"HRKU-[A-Za-z0-9_-]{20,}"),
    ("Vault token", "hvs. hvb. hvr.", r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    ("Terraform token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,}"),
    ("Databricks token", "dapi dose dsapi", r"(?:dapi|dose|dsapi)[0-9a-f]{32}(?:-\d)?"),
    ("Shopify token", "shp", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    ("Square token", "sq0 EAAA", r"sq0[a-z]{3}-[A-Za-z0-9_-]{20,}|EAAA[A-Za-z0-9_-]{50,}"),
    ("Facebook token", "EAACEdEose0cBA EAAG", r"EAACEdEose0cBA[A-Za-z0-9]+|EAAG[A-Za-z0-9]{50,}"),
    ("Linear key", "lin_", r"lin_(?:api|oauth)_[A-Za-z0-9]{20,}"),
    ("Notion token", "ntn_ secret_", r"ntn_[A-Za-z0-9]{30,}|secret_[A-Za-z0-9]{40,}"),
    ("Airtable token", "pat", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{40,}"),
    ("Figma token", "figd_ figo_", r"fig[do]_[A-Za-z0-9_-]{20,}"),
    ("Grafana token", "glsa_ glc_ eyJrIjoi",
     r"glsa_[A-Za-z0-9_]{20,}|glc_[A-Za-z0-9+/=]{20,}|eyJrIjoi[A-Za-z0-9+/=]{20,}"),
    ("New Relic key", "NRAK- NRJS- NRII- NRAL", r"(?:NRAK|NRJS|NRII)-[A-Za-z0-9_-]{16,}|[a-f0-9]{36}NRAL"),
    ("Sentry token", "sntry", r"sntry[su]_[A-Za-z0-9+/=_-]{20,}"),
    ("Postman key", "PMAK-", r"PMAK-[a-f0-9]{16,}-[a-f0-9]{16,}"),
    ("PlanetScale password", "pscale_", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{20,}"),
    ("Supabase key", "sbp_ sb_secret_", r"sbp_[a-f0-9]{30,}|sb_secret_[A-Za-z0-9_-]{16,}"),
    ("Fly token", "FlyV1 fm2_ fo1_", r"(?:FlyV1 )?fm[12][ar]?_[A-Za-z0-9+/=,_-]{20,}|fo1_[\w-]{30,}"),
    ("Doppler token", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]+\.)?[A-Za-z0-9]{30,}"),
    ("1Password token", "ops_eyJ", r"ops_eyJ[A-Za-z0-9+/=_-]{20,}"),
    ("Tailscale key", "tskey-", r"tskey-[a-z]+-[A-Za-z0-9-]{10,}"),
    ("Azure client secret", "Q~", r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"),
    ("Yandex key", "AQVN", r"AQVN[A-Za-z0-9_-]{30,}"),
    ("Mapbox secret token", "sk.eyJ", r"sk\.eyJ[A-Za-z0-9_.-]{20,}"),
    ("web token", "eyJ", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}"),
    ("password hash", "$", r"\$(?:2[abxy]|argon2(?:id|i|d)|5|6|y|scrypt|apr1|pbkdf2[\w-]*)\$[\w./$,=+-]{20,}"),
)  # fmt: skip

_LOOSE: Final[tuple[tuple[str, str, str], ...]] = (
    # These say themselves where they begin and end.
    ("login in an address", "://",
     r"[A-Za-z][\w+.-]{0,30}://(?P<s>[^/?#\s:\"'`]{0,256}:(?!\d{1,5}(?:[/?#\s\"'`]|$))[^\s\"'`]{1,512})@"),
    ("token in an address", "://", r"(?i:https?|ftps?|wss?)://(?P<s>(?![a-z]{1,12}@)[^/?#\s:@\"'`]{1,512})@"),
    ("authorization", "earer BEARER",
     r"(?i:\bbearer)[ \t:=]+(?P<s>(?=[\w.~+/-]*\d|[\w.~+/-]{16,})[A-Za-z0-9_.~+/-]{6,}=*)"),
    ("authorization", "asic BASIC",
     r"(?i:\bbasic)[ \t]+(?P<s>(?=[A-Za-z+/]*[\dA-Z=])[A-Za-z0-9+/]{8,}={0,2})(?![\w+/=])"),
    ("authorization", "oken",
     r"(?i:\bauthorization)[\"']?\s*[:=]\s*[\"']?(?i:token|apikey|key)\s+(?P<s>[^\s\"',;]{4,})"),
    ("login on a command line", "-u --user --proxy-user",
     r"(?<!\S)(?:-u|--user|--proxy-user)[ =]+[\"']?[^\s:\"'/]{1,256}:(?P<s>(?!\d+(?:\s|$))[^\s\"':/]{1,512})"),
    ("header", ":",
     (r"(?im:(?:^|[\"'\s])(?:proxy-authorization|authorization|x-goog-api-key|set-cookie|cookie|(?:[\w-]*-)?"
      r"(?:api|auth|access|private|secret|session|csrf|xsrf)-?(?:key|token)))[\"']?\s*:\s*"
      r"(?!(?i:bearer|basic|token|digest|negotiate|apikey|key)\s)[\"']?(?P<s>(?!\[redacted\])[^\s\"'][^\"'\n]{3,})")),
)  # fmt: skip


def _made() -> Iterator[Shape]:
    for kind, marks, regex in _WHOLE:
        yield Shape(kind, (marks,), regex)
    for kind, marks, regex in _SHAPES:
        yield Shape(kind, tuple(marks.split()), rf"(?<![A-Za-z0-9])(?:{regex})(?![A-Za-z0-9_])")
    for kind, marks, regex in _LOOSE:
        yield Shape(kind, tuple(marks.split()), regex)


SHAPES: Final = tuple(_made())
"""In the order of trial."""
_SHORTEST: Final = 13


def redact_shapes(text: str, found: list[str] | None = None) -> str:
    """`text` without anything that looks like a secret; `found` takes the kind of each."""
    if len(text) < _SHORTEST and "://" not in text:
        return text
    for shape in SHAPES:
        text = shape.redact(text, found)
    return text
