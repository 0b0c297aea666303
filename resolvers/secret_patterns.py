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
    r"ar_[A-Za-z0-9_\-]{32,}",  # our own tokens
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",  # AWS: the access key's id
    r"gh[pousr]_[A-Za-z0-9]{36,}",
    r"github_pat_[A-Za-z0-9_]{22,}",
    r"gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_\-.]{20,}",
    r"xox[abeoprs]-[A-Za-z0-9\-]{10,}",
    r"xapp-[0-9]-[A-Za-z0-9\-]{10,}",
    r"(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,}",  # Stripe
    r"whsec_[A-Za-z0-9+/=]{24,}",
    r"AIza[A-Za-z0-9_\-]{35}",  # Google: API keys, access tokens, client secrets
    r"ya29\.[A-Za-z0-9_\-.]{20,}",
    r"GOCSPX-[A-Za-z0-9_\-]{20,}",
    r"sk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_\-]{20,}",  # OpenAI, Anthropic, OpenRouter
    r"sk-[A-Za-z0-9]{32,}",
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-AgE[A-Za-z0-9_\-]{32,}",
    r"hf_[A-Za-z0-9]{30,}",
    r"dop_v1_[a-f0-9]{64}",
    r"dckr_(?:pat|oat)_[A-Za-z0-9_\-]{20,}",
    r"SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{32,}",
    r"hv[sbr]\.[A-Za-z0-9_\-]{24,}",  # Vault
    r"dapi[a-f0-9]{32}",
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
    # JSON Web Tokens (RFC 7519): both parts are JSON objects, `{"` in base64url. Unsigned ones too.
    r"eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*",
)
#: Where a word begins, as well behind what ends in a letter and is none: a line feed or a tab as
#: JSON writes them, a colour of a terminal (ECMA-48), a percent-encoded character.
_WORD = r"(?:\b|\\[nrt]|\x1b\[[0-9;]*m|%[0-9A-Fa-f]{2})"

# ---------------------------------------------------------------- known by where they stand

#: Colours of a terminal (ECMA-48), in which loggers write a name and its value.
_COLOURS = r"(?:\x1b\[[0-9;]*m)*"
#: Between a name and its value, quotes around the name included; the backslashes are those of
#: JSON inside JSON. Not over the end of a line: `password:` is a prompt as well.
_IS = rf"""\\*["']?{_COLOURS}[ \t]*(?:=>|:=|[:=])[ \t]*{_COLOURS}"""

#: A value without quotes. A bracket or a colon at its end belongs to what is around it.
_VALUE = r"""[^\s"'\\,;&|<>\x1b]*[^\s"'\\,;&|<>\x1b)\]}:]"""
#: What stands before quotes in Python (`b'…'`) and in shells (`$'…'`).
_QUOTED_AS = r"(?:[bru]{1,2}|\$)?"

_HEADERS = (
    # RFC 9110: a scheme and its credentials, or something long.
    rf"(?i)\b(?:proxy-)?authorization{_IS}\\*[\"']?(?P<secret>"
    r"(?:basic|bearer|digest|token|negotiate|ntlm|apikey|hmac|aws4-hmac-sha256)[ \t]+[^\r\n\"'\\]+"
    r"|[A-Za-z0-9_\-.~+/=]{16,})",
    r"(?i)\bbearer[ \t]+(?P<secret>[A-Za-z0-9_\-.~+/]{20,}=*)",
    # RFC 6265: pairs of names and values.
    r"(?i)\b(?:set-)?cookie\\*[\"']?[ \t]*:[ \t]*\\*[\"']?(?P<secret>[^\s=\"'\\]+=[^\r\n\"'\\]+)",
)

_URLS = (
    # RFC 3986, userinfo: between the first colon and the last @ before the path.
    # The name may be an address of mail, although its @ should be escaped.
    r"""\b[A-Za-z][A-Za-z0-9+.\-]*://[^\s/:"'<>]*:(?P<secret>[^\s/"'<>]+)@""",
    # Slack's webhooks: who knows the address may write.
    r"\bhooks\.slack\.com/(?:services|workflows)/(?P<secret>[A-Za-z0-9/]{20,})",
)

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
    r"|[bru]{1,2}|[*.?_=~$\-]+|x+|\$[A-Z][A-Z0-9_]*|%\w+%|%s"
)

_ASSIGNED = (
    SecretPattern(rf'(?i){_WORDS}{_IS}{_QUOTED_AS}"(?P<secret>(?:[^"\\\r\n]|\\.)+)'),
    SecretPattern(rf"(?i){_WORDS}{_IS}{_QUOTED_AS}'(?P<secret>(?:[^'\\\r\n]|\\.)+)"),
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
    # Put into one line, and cut off.
    rf"{BEGIN}[ \t]*(?P<secret>[A-Za-z0-9+/]{{32}}(?s:.*))",
)

#: In the order in which they are applied.
PATTERNS = (
    *map(SecretPattern, (*_KEYS, *_HEADERS)),
    *_ASSIGNED,
    *map(SecretPattern, _URLS),
    *(SecretPattern(rf"{_WORD}(?P<secret>{regex})") for regex in _PREFIXED),
)
