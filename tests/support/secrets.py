"""Made-up credentials, put together here so that no scanner of sources takes them for real."""

#: Letters and digits that say nothing.
FILL = "q7Rt2LmX9vKd4HsB8nZc"

GITHUB = "ghp_" + (FILL * 2)[:36]
AWS_ID = "AKIA" + "IOSFODNN7EXAMPLE"
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{FILL}"

#: By what it is, a credential that is known wherever it stands.
KNOWN_BY_SHAPE = {
    "ours": "ar_" + FILL * 2,
    "AWS": AWS_ID,
    "GitHub": GITHUB,
    "GitHub, fine-grained": f"github_pat_{FILL}_{FILL}",
    "GitLab": "glpat-" + FILL,
    "Slack": f"xoxb-1234567890-{FILL}",
    "Slack, app": f"xapp-1-A012-{FILL}",
    "Stripe": "sk_live_" + FILL,
    "Google, API key": "AIza" + (FILL * 2)[:35],
    "Google, access token": "ya29." + FILL,
    "OpenAI": "sk-proj-" + FILL,
    "OpenAI, older": "sk-" + (FILL * 3)[:48],
    "Anthropic": "sk-ant-api03-" + FILL,
    "npm": "npm_" + (FILL * 2)[:36],
    "PyPI": "pypi-AgE" + FILL * 3,
    "Hugging Face": "hf_" + (FILL * 2)[:34],
    "SendGrid": f"SG.{FILL}.{FILL * 2}",
    "Vault": "hvs." + FILL * 2,
    "JWT": JWT,
    "JWT without a signature": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.",
}

BEGIN = "-----BEGIN RSA " + "PRIVATE KEY-----"
END = "-----END RSA " + "PRIVATE KEY-----"
#: Lines of base64, the last of them short.
BODY = [f"MIIE{number}{FILL}/{FILL}+{FILL}"[:64] for number in range(5)] + ["kA8=="[:4]]
KEY = [BEGIN, *BODY, END]
