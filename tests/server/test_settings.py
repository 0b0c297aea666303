"""Settings that cannot be are refused with a sentence that names them."""

from datetime import timedelta

import pytest

from server.loopback import is_loopback
from server.settings import BadSetting, Settings, check_settings, origin_of


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_a_loopback_address_is_served_without_login(host: str) -> None:
    assert is_loopback(host)
    check_settings(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
def test_any_other_address_is_refused_while_there_is_no_login(host: str) -> None:
    with pytest.raises(BadSetting, match="HOST: expected a loopback address"):
        check_settings(Settings(host=host))


@pytest.mark.parametrize("url", ["runs.example.com", "ftp://x", "https://", "https://x/?q=1"])
def test_a_public_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="PUBLIC_URL: expected an address"):
        check_settings(Settings(public_url=url))


@pytest.mark.parametrize("origin", ["app.example.com", "https://app.example.com/path", "*", "null"])
def test_an_allowed_origin_that_is_none_is_refused(origin: str) -> None:
    with pytest.raises(BadSetting, match="ALLOWED_ORIGINS: expected an address"):
        check_settings(Settings(allowed_origins=[origin]))


def test_a_silence_that_two_heartbeats_do_not_fit_into_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"SILENCE_SECONDS: expected at least .* \(30\), got 29"):
        check_settings(Settings(silence=timedelta(seconds=29), heartbeat=timedelta(seconds=15)))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (Settings(redact_patterns=["EMP-\\d+", "("]), "REDACT_PATTERNS: expected a pattern of RE2"),
        (Settings(redacts=False, redact_patterns=["x*"]), "REDACT_PATTERNS: expected a pattern"),
        (Settings(redact_keys=["-_"]), "REDACT_KEYS: expected names"),
        (Settings(redact_keys=["-tokens"]), "REDACT_KEYS: expected a name to take out"),
    ],
)
def test_names_and_patterns_of_secrets_that_cannot_be_are_refused(
    settings: Settings, why: str
) -> None:
    with pytest.raises(BadSetting, match=why):
        check_settings(settings)


def test_secrets_are_redacted_by_ours_and_the_operators_patterns_unless_turned_off() -> None:
    own = {"redact_keys": ["pin", "-token"], "redact_patterns": [r"EMP-\d+"]}
    redactor = check_settings(Settings(**own)).redactor  # type: ignore[arg-type]
    assert redactor.text("EMP-12 password=hunter2") == "[redacted] password=[redacted]"
    assert redactor.json('{"pin":1,"token":1}') == '{"pin":"[redacted]","token":1}'
    off = Settings(redacts=False, **own).redactor  # type: ignore[arg-type]
    assert off.text("EMP-12 password=hunter2") == "EMP-12 password=hunter2"


def test_the_public_url_makes_addresses_and_else_host_and_port_do() -> None:
    assert Settings(port=9).served_url == "http://127.0.0.1:9"
    assert Settings(host="::1", port=9).served_url == "http://[::1]:9"
    assert Settings(public_url="https://x.org/runs/").policy.public_url == "https://x.org/runs"


def test_an_origin_is_scheme_host_and_port_in_lower_case() -> None:
    assert origin_of("https://app.example.com:443") == "https://app.example.com"
    assert origin_of("http://127.0.0.1:80/x") == "http://127.0.0.1"
    assert origin_of("HTTPS://App.Example.com:8443/path") == "https://app.example.com:8443"
