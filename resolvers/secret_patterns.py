"""What a secret looks like in free text: the credentials that are known by their shape.

Nothing is here for being called a secret alone: `tokens_sent: 12` and `password reset sent` stay as
they are. The syntax is RE2's (https://github.com/google/re2/wiki/Syntax), which has no look-around:
where only a part of what is matched is the secret, that part is the group `secret`.
"""

from __future__ import annotations

from typing import NamedTuple


class SecretPattern(NamedTuple):
    """A shape of text, and what is no secret although it has the shape."""

    #: RE2. The group `secret` is redacted, or all of it where there is none.
    regex: str
    #: RE2: a secret that matches it from end to end is none.
    spares: str | None = None


# ---------------------------------------------------------------- known by their prefix

#: As their issuers document them; long enough that no identifier is taken for one.
_PREFIXED = (
    r"\bar_[A-Za-z0-9_\-]{32,}",  # our own tokens
    r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",  # AWS: the access key's id
    r"\bgh[pousr]_[A-Za-z0-9]{36,}",
    r"\bgithub_pat_[A-Za-z0-9_]{22,}",
    r"\bgl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_\-.]{20,}",
    r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}",
    r"\bxapp-[0-9]-[A-Za-z0-9\-]{10,}",
    r"\bhooks\.slack\.com/(?:services|workflows)/(?P<secret>[A-Za-z0-9/]{20,})",
    r"\b(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,}",  # Stripe
    r"\bwhsec_[A-Za-z0-9+/=]{24,}",
    r"\bAIza[A-Za-z0-9_\-]{35}",  # Google: API keys, access tokens, client secrets
    r"\bya29\.[A-Za-z0-9_\-.]{20,}",
    r"\bGOCSPX-[A-Za-z0-9_\-]{20,}",
    r"\bsk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_\-]{20,}",  # OpenAI, Anthropic, OpenRouter
    r"\bsk-[A-Za-z0-9]{32,}",
    r"\bnpm_[A-Za-z0-9]{36}",
    r"\bpypi-AgE[A-Za-z0-9_\-]{32,}",
    r"\bhf_[A-Za-z0-9]{30,}",
    r"\bdop_v1_[a-f0-9]{64}",
    r"\bdckr_(?:pat|oat)_[A-Za-z0-9_\-]{20,}",
    r"\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{32,}",
    r"\bhv[sbr]\.[A-Za-z0-9_\-]{24,}",  # Vault
    r"\bdapi[a-f0-9]{32}",
    r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}",
    # JSON Web Tokens (RFC 7519): both parts are JSON objects, `{"` in base64url. Unsigned ones too.
    r"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*",
)

# ---------------------------------------------------------------- known by where they stand

#: Between a name and its value, quotes around the name included; the backslashes are those of
#: JSON inside JSON. Not over the end of a line: `password:` is a prompt as well.
_IS = r"""\\*["']?[ \t]*(?:=>|:=|[:=])[ \t]*"""

#: A value without quotes. A bracket or a colon at its end belongs to what is around it.
_VALUE = r"""[^\s"'\\,;&|<>]*[^\s"'\\,;&|<>)\]}:]"""

_HEADERS = (
    # RFC 9110: a scheme and its credentials, or something long.
    rf"(?i)\b(?:proxy-)?authorization{_IS}\\*[\"']?(?P<secret>"
    r"(?:basic|bearer|digest|token|negotiate|ntlm|apikey|hmac|aws4-hmac-sha256)[ \t]+[^\r\n\"'\\]+"
    r"|[A-Za-z0-9_\-.~+/=]{16,})",
    r"(?i)\bbearer[ \t]+(?P<secret>[A-Za-z0-9_\-.~+/]{20,}=*)",
    # RFC 6265: pairs of names and values.
    r"(?i)\b(?:set-)?cookie\\*[\"']?[ \t]*:[ \t]*\\*[\"']?(?P<secret>[^\s=\"'\\]+=[^\r\n\"'\\]+)",
)

#: RFC 3986, userinfo: what stands between the first colon and the last @ before the path.
_URL = r"""\b[A-Za-z][A-Za-z0-9+.\-]*://[^\s/:@"'<>]*:(?P<secret>[^\s/"'<>]+)@"""

#: At the end of a name, whatever is before it (`DB_PASSWORD`) and whatever the case (`apiKey`).
_WORDS = (
    r"(?:pass(?:word|wd|phrase|code)|secret|api[_\-]?key|access[_\-]?key|private[_\-]?key"
    r"|secret[_\-]?key|signing[_\-]?key|encryption[_\-]?key|account[_\-]?key"
    r"|(?:access|refresh|auth|session|security|id|api|oauth|bearer)[_\-]?token)"
)

#: Values that stand for one, and code: types, constants, variables, placeholders, prose.
_NO_VALUE = (
    r"(?i)none|null|nil|true|false|undefined|optional|any|str|string|text|bytes|int|bool|object"
    r"|secretstr|(?:[\w.]+[_.])?(?:password|passwd|passphrase|secret|token|key|value|pw|pwd)"
    r"|is|was|are|not|no|must|should|cannot|may|required|invalid|incorrect|missing|expired|wrong"
    r"|empty|unset|set|changed|reset|updated|expected|the|a|an|to|of|for|from"
    r"|(?:self|cls|this|os|args|options|settings|config|request|context|env|process)\.[\w.]+"
    r"|[a-z_][\w.]*[(\[{].*|[(\[{].*|\$[({].*|%\(.*"
    r"|\W+|x+|\$[A-Z][A-Z0-9_]*|%\w+%|%s"
)

_ASSIGNED = (
    SecretPattern(rf'(?i){_WORDS}{_IS}"(?P<secret>(?:[^"\\\r\n]|\\.)+)'),
    SecretPattern(rf"(?i){_WORDS}{_IS}'(?P<secret>(?:[^'\\\r\n]|\\.)+)"),
    SecretPattern(rf"""(?i){_WORDS}{_IS}\\+["'](?P<secret>[^"'\\\r\n]+)"""),
    SecretPattern(rf"(?i){_WORDS}{_IS}(?P<secret>{_VALUE})", spares=_NO_VALUE),
    SecretPattern(rf"(?i)<[\w:.\-]*{_WORDS}>(?P<secret>[^<\r\n]+)</"),
    # `token` alone names much that is none: it takes a long value with a digit in it.
    SecretPattern(
        rf"""(?i)\btoken{_IS}\\*["']?(?P<secret>[A-Za-z0-9_\-.~+/=%]{{16,}})""", spares=r"[^0-9]+"
    ),
    # As a command's option. In a command's help the value is in capitals or brackets.
    SecretPattern(
        rf"""(?i)--[a-z\-]*(?:{_WORDS}|token)[ \t]+["']?(?P<secret>[^\s"'\-<\[$][^\s"']*)""",
        spares=r"[A-Z_]+|(?i:is|was|and|or|to|for|from|as|with|in|of|option|flag|argument)",
    ),
)

# ---------------------------------------------------------------- private keys

#: RFC 7468 and its kin. Lines of a log that together are a key: resolvers/key_blocks.py.
BEGIN = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
END = r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"

_KEYS = (
    rf"{BEGIN}(?P<secret>(?s:.*?)){END}",
    # Cut off. A line feed, maybe as JSON writes it, tells a key from a word about keys.
    rf"{BEGIN}[ \t]*(?:\r?\n|(?:\\+r)?\\+n)(?P<secret>(?s:.+))",
)

#: In the order in which they are applied.
PATTERNS = (
    *map(SecretPattern, (*_KEYS, *_HEADERS)),
    *_ASSIGNED,
    *map(SecretPattern, (_URL, *_PREFIXED)),
)
