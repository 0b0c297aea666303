"""What is taken for a secret in free text, and what is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolvers.redaction import default_redactor, no_redactor, redactor
from resolvers.secret_patterns import PATTERNS
from resolvers.secret_texts import MAX_PATTERNS, BadPattern, SecretTexts, checked_patterns
from tests.end_to_end.trajectory import FOLDER, Trajectory
from tests.support.secrets import AWS_ID, BEGIN, END, FILL, GITHUB, JWT, KEY, KNOWN_BY_SHAPE

FILES = sorted(FOLDER.glob("*.traj"))
redact = default_redactor().text


@pytest.mark.parametrize("secret", KNOWN_BY_SHAPE.values(), ids=KNOWN_BY_SHAPE)
def test_credential_with_a_known_shape_is_redacted_wherever_it_stands(secret: str) -> None:
    assert redact(secret) == "[redacted]"
    for before, after in (
        ("told ", " twice"),
        ("é\n", "\nno"),
        ("('", "')"),
        ("=", ","),
        ("/", "/"),
    ):
        assert redact(f"{before}{secret}{after}") == f"{before}[redacted]{after}"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("password=hunter2", "password=[redacted]"),
        ("export DB_PASSWORD=hunter2 && run", "export DB_PASSWORD=[redacted] && run"),
        ("secret: s3cr3t, else", "secret: [redacted], else"),
        ("Passwd := 'it is \"long\"'", "Passwd := '[redacted]'"),
        ('login(user="ada", password="hun\\"ter2")', 'login(user="ada", password="[redacted]")'),
        ('{"apiKey":"abc","n":1}', '{"apiKey":"[redacted]","n":1}'),
        (r'"{\"client_secret\": \"abc\"}"', r'"{\"client_secret\": \"[redacted]\"}"'),
        ("{'access_token': 'abc'}", "{'access_token': '[redacted]'}"),
        (f"aws_secret_access_key = {FILL}/{FILL}", "aws_secret_access_key = [redacted]"),
        ("SecretAccessKey: abc/def+g=", "SecretAccessKey: [redacted]"),
        ("https://x.org/?a=1&api_key=abc&b=2", "https://x.org/?a=1&api_key=[redacted]&b=2"),
        ("<db:password>hunter2</db:password>", "<db:password>[redacted]</db:password>"),
        (f"token={FILL}", "token=[redacted]"),
        ("login(password=h#n(t)er2, user=ada)", "login(password=[redacted], user=ada)"),
        ("password=пароль", "password=[redacted]"),
        (
            "https://hooks.slack.com/services/T0/B0/" + FILL,
            "https://hooks.slack.com/services/[redacted]",
        ),
        ("(password: hunter2)", "(password: [redacted])"),
        ("mysql --password hunter2 -u root", "mysql --password [redacted] -u root"),
        (
            "git clone https://ada:hun@ter@git.x.org/r",
            "git clone https://ada:[redacted]@git.x.org/r",
        ),
        ("smtp://ada@x.org:hunter2@mail.x.org:587", "smtp://ada@x.org:[redacted]@mail.x.org:587"),
        ("login(password=b'hunter2')", "login(password=b'[redacted]')"),
        ("PASSWORD=$'hunter2' run", "PASSWORD=$'[redacted]' run"),
        (
            "\x1b[36mpassword\x1b[0m=\x1b[35mhunter2\x1b[0m",
            "\x1b[36mpassword\x1b[0m=\x1b[35m[redacted]\x1b[0m",
        ),
        (f"KEY='{BEGIN} {FILL}{FILL}", f"KEY='{BEGIN} [redacted]"),
        ("redis://:hunter2@cache:6379/0", "redis://:[redacted]@cache:6379/0"),
        ("Authorization: Basic YWRhOmh1bnRlcjI=", "Authorization: [redacted]"),
        (f"-H 'Authorization: Bearer {FILL}' -v", "-H 'Authorization: [redacted]' -v"),
        (f"proxy-authorization: {FILL}", "proxy-authorization: [redacted]"),
        (f"sent bearer {FILL}", "sent bearer [redacted]"),
        ("Set-Cookie: id=abc; Path=/; Secure", "Set-Cookie: [redacted]"),
        (f"two: {GITHUB}, {AWS_ID}", "two: [redacted], [redacted]"),
        ("\n".join(KEY), f"{BEGIN}[redacted]{END}"),
        ("\\n".join(KEY), f"{BEGIN}[redacted]{END}"),
        ("\n".join(KEY[:3]), f"{BEGIN}\n[redacted]"),
        (f"\ud800 {GITHUB}", "\ud800 [redacted]"),
    ],
)
def test_secret_is_redacted_and_what_is_around_it_stays(text: str, redacted: str) -> None:
    assert redact(text) == redacted
    assert redact(redacted) == redacted, "what is redacted stays as it is"


@pytest.mark.parametrize(
    "text",
    [
        "tokens_sent: 12",
        "token count: 5",
        "password reset sent",
        "max_tokens=4096, token: 7",
        "Unexpected token: identifier",
        "Password: ",
        "password:\nLast login",
        "password: str | None = None, token: Token",
        "password = getpass(); secret = os.environ['SECRET']",
        "self.password = self.config.password",
        "login(password=password, secret=None)",
        "password: must be changed",
        "def login(password: str) -> Token: user.password = form.password",
        "password={password} password=%(password)s password=$(cat x) secret=keys[0]",
        "PASSWORD=$DB_PASSWORD ${{ secrets.TOKEN }} password=****",
        "--password TEXT  The password. --token <token>",
        "PWD=/root OLDPWD=/tmp SECRETS_FOLDER=/run/secrets",
        "the bearer of this letter, Authorization: required",
        "git+ssh://git@github.com/a/b@v1 http://localhost:8000/@x a@b.org 12:30@noon",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "sk-learn sk_test AKIA_NOT eyJ ar_SA_translations ghp_short hf_hub_download",
        "looked for -----BEGIN " + "PRIVATE KEY----- in 12 files",
        "cookie: none, cookies=3",
        "\x1b[36mpassword\x1b[0m=\x1b[35mNone\x1b[0m ssh://git@github.com:22/a/b@v1",
    ],
)
def test_text_that_only_speaks_of_secrets_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.skipif(not FILES, reason="the folder ../shared/real-runs is absent")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_recorded_runs_have_no_secrets(file: object) -> None:
    run = Trajectory.read(file)  # type: ignore[arg-type]
    messages = [line.message for line in run.lines]
    assert list(default_redactor().lines(messages)) == messages
    inputs = json.dumps(run.inputs)
    assert default_redactor().json(inputs) == inputs
    for text in (run.body, *(step.name for step in run.steps)):
        assert redact(text) == text


@given(
    st.lists(st.sampled_from([GITHUB, JWT, "password=", "x y", "'", '"', "\n", BEGIN, END, " "]))
)
def test_redacting_twice_changes_nothing_more(parts: list[str]) -> None:
    once = redact("".join(parts))
    assert redact(once) == once


def test_turned_off_everything_stays() -> None:
    messages = [GITHUB, *KEY]
    assert no_redactor().lines(messages) == messages
    assert no_redactor().json('{"password":"x"}') == '{"password":"x"}'


# ---------------------------------------------------------------- an operator's own


def test_pattern_of_an_operator_is_redacted_whole_or_by_its_group() -> None:
    own = redactor(patterns=[r"EMP-\d{6}", r"iban (?P<secret>[A-Z]{2}\d+)", r"^pin \d+$"])
    assert own.text("EMP-123456 has iban DE123") == "[redacted] has iban [redacted]"
    assert own.text("pin 12\nthe pin 12") == "[redacted]\nthe pin 12"
    assert list(own.lines(["a", "pin 12", GITHUB])) == ["a", "[redacted]", "[redacted]"]


@pytest.mark.parametrize(
    ("regex", "why"),
    [
        ("(", "missing \\)"),
        ("(?=a)b", "invalid perl operator"),
        (r"(a)\1", "invalid escape"),
        ("x*", "does not match the empty text"),
        ("a" * 1_001, "at most 1000 characters, got 1001"),
        (r"\Aa", "match at lines"),
        (r"\pL{500}", "too large"),
        (r"[a-z]{900}[0-9]{900}" * 3, "at most 5000 instructions"),
        ("\udc80", "no Unicode"),
    ],
)
def test_pattern_that_cannot_be_is_refused(regex: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why) as refused:
        checked_patterns([regex])
    assert len(str(refused.value)) < 250


def test_patterns_are_bounded() -> None:
    with pytest.raises(BadPattern, match="at most 100 patterns, got 101"):
        checked_patterns(["x"] * (MAX_PATTERNS + 1))


def test_pattern_that_would_take_others_forever_takes_linear_time() -> None:
    own = redactor(patterns=["(a+)+b", "(.*a){12}c"])
    # Anything but linear would run into the tests' time-out.
    assert own.text("a" * 100_000) == "a" * 100_000


@given(st.lists(st.sampled_from([GITHUB, "plain", "", "password=abc", "é", f"x {JWT}"])))
def test_lines_are_redacted_together_as_each_is_alone(messages: list[str]) -> None:
    assert list(default_redactor().lines(messages)) == [redact(message) for message in messages]


#: An operator's patterns go over the ends of lines, and match what others left.
CROSSING = SecretTexts([*PATTERNS, *checked_patterns([r"a\s+b", r"(?s:q.*z)", r"\[redacted\]!"])])
PIECES = [
    GITHUB,
    f"token={GITHUB}!",
    "password=abc",
    "é",
    "\n",
    BEGIN,
    END,
    "a",
    "b",
    "q",
    "z",
    " ",
]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), max_size=6))
@example([f"{GITHUB}!", "[redacted]!"])
@example(["a", "b", "a b", "a\nb"])
def test_line_becomes_what_it_becomes_alone_whatever_its_neighbours(messages: list[str]) -> None:
    together = CROSSING.all_without(messages)
    assert list(together) == [CROSSING.without(message) for message in messages]


def test_patterns_that_fill_the_engines_memory_still_find_everything() -> None:
    # Its automaton would have 2^15 states.
    own = redactor(patterns=[r"[ab]*a[ab]{15}c"])
    text = "".join("ab"[number.bit_count() % 2] for number in range(200_000))
    told = [text, f"{GITHUB} and a{'b' * 15}c"]
    assert list(own.lines(told)) == [text, "[redacted] and [redacted]"]
