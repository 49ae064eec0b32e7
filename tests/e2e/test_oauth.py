# SPDX-License-Identifier: GPL-3.0-or-later
"""OAuth without a helper: refresh tokens, the cache of access tokens, the login in a browser, and hostile providers."""
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from helpers import YOU, config, account
from server import Provider, Socks
from server.provider import answer, granted, http, refusal

SEND = ["-i", YOU]
SECRETS = ["refr-esh", "acc-ess", "hush-hush", "new-token", "dev-ice"]
REVOKED = refusal("invalid_grant", "Token has been expired or revoked.")


@pytest.fixture
def mail(server):
    """An SMTP server that takes the token acc-ess."""
    def start(token="acc-ess", auth="XOAUTH2", **options):
        return server(tls="implicit", auth=auth, users={"alice": token}, **options)
    return start


@pytest.fixture
def provider(certs):
    started = []

    def start(*answers, cert="good"):
        one = Provider(certs[cert], *answers).__enter__()
        started.append(one)
        return one

    yield start
    for one in started:
        one.__exit__()


@pytest.fixture
def use(rider, certs):
    """Configure one account for a mail server and a provider."""
    def configure(s, p, **keys):
        keys = {"tls-ca": certs.ca, "user": "alice", "oauth": "custom", "oauth-client-id": "cli ent&=",
                "oauth-token-endpoint": p.url + "/token", "oauth-refresh-token": "refr-esh", **keys}
        rider.use(s, **{k.replace("-", "_"): v for k, v in keys.items()})
    return configure


def run(rider, args=SEND, rc=0, *said, **more):
    """Run it with a transcript, and see that nothing in it, or in the log, is secret."""
    result = rider(["-v", *args], **more).must(rc, *said)
    log = rider.home / "log"
    for secret in SECRETS:
        assert secret not in result.err + result.out, result
        assert not log.exists() or secret not in log.read_text()
    return result


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []


def tokens(rider) -> list[Path]:
    return files(rider.home / ".cache/postrider", "*.token")


def kept(rider) -> list[str]:
    """What the file for refresh tokens says."""
    path = rider.home / ".local/state/postrider/oauth-test"
    assert path.stat().st_mode & 0o7777 == 0o600 and path.parent.stat().st_mode & 0o7777 == 0o700
    assert files(path.parent, "oauth-test.*") == [], "a draft was left"
    return path.read_text().splitlines()


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_an_access_token_is_got_once(rider, mail, provider, use, mechanism):
    s, p = mail(auth=mechanism), provider(granted("acc-ess"))
    use(s, p, log=rider.home / "log")
    run(rider)
    run(rider, SEND, 0, "an earlier run")
    rider(SEND).must_be_silent()
    assert [c.auth for c in s.connections] == [[(mechanism, "ok")]] * 3
    assert p.asked == [{"/": "/token", "grant_type": "refresh_token", "refresh_token": "refr-esh",
                        "client_id": "cli ent&="}]
    assert f"Host: localhost:{p.port}\r\n" in p.heads[0] and "Connection: close\r\n" in p.heads[0]
    (token,) = tokens(rider)
    assert token.stat().st_mode & 0o7777 == 0o600


def test_the_keys_of_the_client(rider, mail, provider, use):
    s, p = mail(), provider(granted("acc-ess"))
    use(s, p, **{"oauth-client-secret": "hush-hush", "oauth-scope": "mail offline", "auth": "xoauth2"})
    run(rider)
    assert p.asked[0]["client_secret"] == "hush-hush" and p.asked[0]["scope"] == "mail offline"
    shown = rider(["--show-config"], name="postrider").out
    assert not any(secret in shown for secret in SECRETS) and "oauth-client-secret = ********" in shown


@pytest.mark.parametrize("provider_name, scope", [
    ("google", None), ("microsoft", "https://outlook.office.com/SMTP.Send offline_access")])
def test_what_a_known_provider_is_asked_for(rider, mail, provider, use, provider_name, scope):
    s, p = mail(), provider(granted("acc-ess"))
    use(s, p, oauth=provider_name)
    run(rider)
    assert p.asked[0].get("scope") == scope


def test_an_old_token_is_renewed(rider, mail, provider, use):
    s, p = mail(), provider(granted("acc-ess", expires_in=61))
    use(s, p)
    run(rider)
    (token,) = tokens(rider)
    lines = token.read_text().split("\n")
    for until in (0, int(lines[2]) - 2, int(lines[2]) + 10 * 24 * 3600):
        token.write_text("\n".join([*lines[:2], str(until), *lines[3:]]))
        run(rider)
    assert len(p.asked) == 4


@pytest.mark.parametrize("more", [{"expires_in": 60}, {"expires_in": -5}, {"expires_in": "soon"}, {"expires_in": None},
                                  {"expires_in": 1e300}])
def test_what_is_not_kept(rider, mail, provider, use, more):
    s, p = mail(), provider(granted("acc-ess", **more))
    use(s, p)
    run(rider)
    assert tokens(rider) == []


@pytest.mark.parametrize("damage", [lambda b: b[:-5], lambda b: b"", lambda b: b.replace(b"-token-1", b"-token-2"),
                                    lambda b: b[-10:], lambda b: b"\0" * len(b), lambda b: b * 2])
def test_a_damaged_cache(rider, mail, provider, use, damage):
    s, p = mail(), provider(granted("acc-ess"))
    use(s, p)
    run(rider)
    (token,) = tokens(rider)
    token.write_bytes(damage(token.read_bytes()))
    run(rider)
    assert len(p.asked) == 2


def test_a_cache_of_others(rider, mail, provider, use):
    s, p = mail(), provider(granted("acc-ess"))
    use(s, p)
    run(rider)
    (token,) = tokens(rider)
    token.chmod(0o644)
    run(rider)
    assert len(p.asked) == 2


@pytest.mark.parametrize("key, value", [("oauth-client-id", "other"), ("oauth-refresh-token", "refr-esh2"),
                                        ("oauth-scope", "more")])
def test_another_setting_is_another_token(rider, mail, provider, use, key, value):
    s, p = mail(), provider(granted("acc-ess"))
    use(s, p)
    run(rider)
    use(s, p, **{key: value})
    run(rider)
    assert len(p.asked) == 2


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_refused_token_is_got_once_more(rider, mail, provider, use, mechanism):
    s, p = mail("new-token", auth=mechanism), provider(granted("acc-ess"), granted("new-token"))
    use(s, p)
    run(rider)
    assert [c.auth for c in s.connections] == [[(mechanism, "refused")], [(mechanism, "ok")]]
    run(rider)
    assert len(p.asked) == 2 and s.connections[-1].auth == [(mechanism, "ok")]


def test_a_refused_token_from_the_cache(rider, mail, provider, use):
    s, p = mail(), provider(granted("acc-ess"), granted("new-token"))
    use(s, p)
    run(rider)
    t = mail("new-token")
    use(t, p)
    run(rider)
    assert len(p.asked) == 2 and [c.auth[0][1] for c in t.connections] == ["refused", "ok"]


def test_a_token_that_stays_refused(rider, mail, provider, use):
    s, p = mail("other"), provider(granted("acc-ess"), granted("new-token"), granted("acc-ess"))
    use(s, p)
    run(rider, SEND, 77, "535")
    assert len(p.asked) == 2 and len(s.connections) == 2 and not s.messages


def test_a_rotated_refresh_token(rider, mail, provider, use):
    s = mail()
    p = provider(granted("acc-ess", refresh_token="new-token", expires_in=60), granted("acc-ess", expires_in=60))
    use(s, p)
    run(rider)
    assert kept(rider)[0] == "postrider-oauth-1" and kept(rider)[2] == "new-token" and "refr-esh" not in kept(rider)[1]
    run(rider)
    assert [q["refresh_token"] for q in p.asked] == ["refr-esh", "new-token"]
    use(s, p, **{"oauth-refresh-token": "other"})
    run(rider)
    assert p.asked[2]["refresh_token"] == "other", "what the user writes beats what came of the one before"


def test_a_rotated_token_that_cannot_be_kept(rider, mail, provider, use):
    s, p = mail(), provider(granted("acc-ess", refresh_token="new-token"))
    use(s, p, **{"oauth-token-file": "/proc/none/token"})
    run(rider, SEND, 0, "the new refresh token is lost")
    use(s, p, **{"oauth-token-file": "/proc/none/token", "oauth-client-id": "b"})
    rider(SEND).must_be_silent()


@pytest.mark.parametrize("content, rc, said", [
    ("postrider-oauth-1\nlogin\n\n", 77, "holds no refresh token"), ("", 77, "holds no refresh token"),
    ("postrider-oauth-1\nlogin\nto ken\n", 77, "holds no refresh token"),
    ("postrider-oauth-1\nlogin\nnew-token", 77, "holds no refresh token"),
    ("postrider-oauth-1\nlogin\nnew-token\nmore\n", 77, "holds no refresh token"), ("x" * 70000, 77, "too large")])
def test_an_odd_token_file(rider, mail, provider, use, content, rc, said):
    s, p = mail(), provider(granted("acc-ess"))
    use(s, p, **{"oauth-refresh-token": None, "oauth-token-file": rider.write("token", content)})
    run(rider, SEND, rc, said)
    assert not p.asked


def test_a_token_file_for_all_to_read(rider, mail, provider, use):
    s, p = mail(), provider(granted("acc-ess"))
    path = rider.write("token", "postrider-oauth-1\nlogin\nrefr-esh\n", 0o644)
    use(s, p, **{"oauth-refresh-token": None, "oauth-token-file": path})
    run(rider, SEND, 78, "others can read it", "chmod 600")
    path.chmod(0o600)
    run(rider)
    assert p.asked[0]["refresh_token"] == "refr-esh"


def test_no_refresh_token(rider, mail, provider, use):
    s, p = mail(), provider(granted("acc-ess"))
    use(s, p, **{"oauth-refresh-token": None})
    run(rider, SEND, 77, "no refresh token yet", "--oauth-login=test")
    assert not p.asked and not s.connections


# What a provider says instead of yes: exit code, and words on standard error.
REFUSALS = {
    "revoked": (REVOKED, 77, ["invalid_grant: Token has been", "--oauth-login=test"]),
    "client": (refusal("invalid_client", None, 401), 77, ["invalid_client", "check oauth-client-id"]),
    "echo": (refusal("invalid_request", "refr-esh and hush-hush \x1b[31m are \r\nwrong"), 77, ["********"]),
    "unknown": (refusal("x" * 9000, "y" * 9000), 77, ["xxx"]),
    "busy": (refusal("temporarily_unavailable", None, 503), 75, ["temporarily"]),
    "broken": (http(b"<html>oops</html>", 500), 75, ["HTTP code 500"]),
    "too many": (http(b"", 429), 75, ["HTTP code 429"]),
    "lost": (http(b"<html>not here</html>", 404), 76, ["HTTP code 404", "check the URL"]),
    "redirect": (http(b"", 302, "Location: https://evil.test/"), 76, ["HTTP code 302"]),
    "no JSON": (http(b"access_token=acc-ess"), 76, ["no valid JSON"]),
    "no token": (answer(token_type="Bearer"), 76, ["no access token"]),
    "token of another kind": (granted("acc-ess", token_type="mac"), 76, ["no bearer token"]),
    "token with a line end": (granted("acc-ess\r\nRCPT TO:<eve@x.test>"), 76, ["no access token"]),
    "empty token": (granted(""), 76, ["no access token"]),
    "number for a token": (granted(17), 76, ["no access token"]),
    "two tokens": (http(b'{"access_token":"acc-ess","access_token":"b"}'), 76, ["already"]),
    "deep": (http(b'{"a":' + b"[" * 60000), 76, ["too many levels"]),
    "huge": (http(b" " * 70000 + b"{}"), 76, ["too long"]),
    "endless": (b"HTTP/1.1 200 ok\r\n" + b"X: y\r\n" * 5000, 76, ["too long"]),
    "no HTTP": (b"220 mail.test ESMTP\r\n", 76, ["no HTTP"]),
    "cut": (http(b'{"access_token":"acc-ess"}')[:-5], 75, ["closed the connection"]),
    "closed": (None, 75, []),
    "silent": (9.0, 75, ["timed out"]),
    "lengths": (b"HTTP/1.1 200 ok\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 76,
                ["length and comes in chunks"]),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_no_from_the_provider(rider, mail, provider, use, name):
    say, rc, said = REFUSALS[name]
    s, p = mail(), provider(say)
    use(s, p, log=rider.home / "log", **{"oauth-client-secret": "hush-hush"}, connect_timeout="1")
    result = run(rider, SEND, rc, *said)
    assert "\x1b" not in result.err and not s.connections and result.seconds < 8
    assert len(p.asked) == 1 and not tokens(rider)


@pytest.mark.parametrize("say", [
    b"HTTP/1.1 200 ok\r\ntransfer-encoding: Chunked\r\n\r\n5;x=y\r\n" + granted("acc-ess").split(b"\r\n\r\n")[1][:5] +
    b"\r\n%x\r\n" % (len(granted("acc-ess").split(b"\r\n\r\n")[1]) - 5) + granted("acc-ess").split(b"\r\n\r\n")[1][5:] +
    b"\r\n0\r\nTrailer: x\r\n\r\n",
    b"HTTP/1.0 200\r\n\r\n" + granted("acc-ess").split(b"\r\n\r\n")[1],
    b"HTTP/1.1 103 early\r\nLink: x\r\n\r\nHTTP/1.1 100 go\r\n\r\n" + granted("acc-ess"),
    http(b' {"scope":["a",{"b":null}], "access_token":"acc\\u002dess","token_type":"bearer","x":-1.5e+3}\n'),
], ids=["chunks", "to the end", "interim", "odd JSON"])
def test_forms_of_a_yes(rider, mail, provider, use, say):
    s, p = mail(), provider(say)
    use(s, p)
    run(rider)
    assert len(s.messages) == 1


def test_nobody_there(rider, mail, provider, use):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    s, p = mail(), provider(granted("acc-ess"))
    use(s, p, **{"oauth-token-endpoint": f"https://localhost:{port}/"})
    run(rider, SEND, 75, f"localhost:{port}", "refused")
    use(s, p, **{"oauth-token-endpoint": "https://nobody.invalid/"})
    run(rider, SEND, 75, "nobody.invalid")


@pytest.mark.parametrize("cert", ["expired", "wrong-name", "unknown-ca", "self-signed"])
def test_whose_certificate_is_bad(rider, mail, provider, use, cert):
    s, p = mail(), provider(granted("acc-ess"), cert=cert)
    use(s, p, tls_verify="no")
    run(rider, SEND, 77, "certificate", "tls-ca")
    assert not p.asked and not s.connections


def test_by_the_proxy(rider, mail, provider, use):
    s, p = mail(), provider(granted("acc-ess"))
    with Socks(("127.0.0.1", p.port)) as socks:
        use(s, p, proxy=socks.url, **{"oauth-token-endpoint": "https://localhost:1234/x?y=z"})
        rider(["-v", *SEND])
        assert socks.asked[0][1:] == ("localhost", 1234)
    assert p.asked[0]["/"] == "/x?y=z" and "Host: localhost:1234\r\n" in p.heads[0]


def test_another_run_was_given_a_new_token(rider, mail, provider, use):
    """The refresh token that this run sends was used up while it asked."""
    s, path = mail(), rider.write("token", "postrider-oauth-1\nlogin\nrefr-esh\n")

    def use_up():
        path.write_text("postrider-oauth-1\nlogin\nnew-token\n")
        return REVOKED

    p = provider(use_up, granted("acc-ess"))
    use(s, p, **{"oauth-refresh-token": None, "oauth-token-file": path})
    run(rider)
    assert [q["refresh_token"] for q in p.asked] == ["refr-esh", "new-token"]


# Keys that do not go together: what is set, and what is said.
MISTAKES = {
    "no client": ({"oauth-client-id": None}, "without 'oauth-client-id'"),
    "no endpoint": ({"oauth-token-endpoint": None}, "without 'oauth-token-endpoint'"),
    "no user": ({"user": None}, "without 'user'"),
    "a command, too": ({"token-command": "echo x"}, "both 'oauth' and 'token-command'"),
    "not on": ({"oauth": None}, "does nothing without 'oauth'"),
    "no https": ({"oauth-token-endpoint": "http://localhost/"}, "does not begin with https://"),
    "scope": ({"oauth-scope": 'a"b'}, "no scope"),
    "relative": ({"oauth-token-file": "token"}, "oauth-token-file"),
    "provider": ({"oauth": "googel"}, "google"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_keys_that_do_not_fit(rider, mail, provider, use, name):
    keys, said = MISTAKES[name]
    use(mail(), provider(granted("acc-ess")), **keys)
    run(rider, SEND, 78, said)


def test_secrets_in_a_file_for_all(rider, mail, provider, use):
    use(mail(), provider(granted("acc-ess")))
    rider.config_file.chmod(0o644)
    run(rider, SEND, 78, "others can read it")


def test_an_account_with_another_login(rider, mail, provider, use, certs):
    """What stands before the sections is for those that have no credentials of their own."""
    s, p, t = mail(), provider(granted("acc-ess")), mail(auth="PLAIN")
    one = account(s, "one", tls_ca=certs.ca, user="alice")
    two = account(t, "two", tls_ca=certs.ca, user="alice", password="acc-ess")
    off = account(t, "off", tls_ca=certs.ca, oauth="no")
    rider.configure(config(one, two, off, account="one", oauth="custom", oauth_client_id="x",
                           oauth_refresh_token="refr-esh", oauth_token_endpoint=p.url))
    for name in ("one", "two", "off"):
        rider(["-a", name, *SEND], name="postrider").must(0)
    assert [m.user for m in s.messages + t.messages] == ["alice", "alice", ""] and len(p.asked) == 1


# ---- the login in a browser ----

LOGIN = ["--oauth-login"]
PENDING = refusal("authorization_pending", "wait", 428)
OFFER = {"device_code": "dev-ice", "user_code": "WDJB-MJHT", "verification_uri": "https://login.test/device",
         "expires_in": 900, "interval": 1}
YES = granted("acc-ess", refresh_token="new-token")


@pytest.fixture
def login(rider, mail, provider, use):
    """Log in with the answers of a provider."""
    def start(*answers, rc=0, said=(), args=LOGIN, **keys):
        p = provider(*answers)
        keys = {"oauth-refresh-token": None, "oauth-device-endpoint": p.url + "/device", **keys}
        p.mail = mail()
        use(p.mail, p, **keys)
        p.run = rider(["-v", *args], name="postrider").must(rc, *said)
        assert not any(secret in p.run.err + p.run.out for secret in SECRETS), p.run
        return p
    return start


def test_login(rider, login):
    p = login(answer(**OFFER, verification_uri_complete="https://login.test/device?c=WDJB"), PENDING,
              refusal("slow_down"), YES, **{"oauth-scope": "mail offline", "oauth-client-secret": "hush-hush"})
    assert "https://login.test/device\n" in p.run.out and "WDJB-MJHT" in p.run.out and "15 minutes" in p.run.out
    assert "https://login.test/device?c=WDJB" in p.run.out
    first, *polls = p.asked
    assert first == {"/": "/device", "client_id": "cli ent&=", "client_secret": "hush-hush", "scope": "mail offline"}
    assert polls == [{"/": "/token", "client_id": "cli ent&=", "client_secret": "hush-hush", "device_code": "dev-ice",
                      "grant_type": "urn:ietf:params:oauth:grant-type:device_code"}] * 3
    gaps = [b - a for a, b in zip(p.times, p.times[1:])]
    assert [round(gap) for gap in gaps] == [1, 1, 6], "slow_down is five seconds more (RFC 8628, 3.5)"
    assert kept(rider) == ["postrider-oauth-1", "login", "new-token"]
    assert str(rider.home / ".local/state/postrider/oauth-test") in p.run.out
    run(rider)
    assert len(p.asked) == 4 and p.mail.messages, "the access token was kept as well"
    tokens(rider)[0].unlink()
    p.answers = [granted("acc-ess")]
    run(rider)
    assert p.asked[-1]["refresh_token"] == "new-token"


def test_login_as_google_spells_it(rider, login):
    offer = {**OFFER, "verification_url": OFFER["verification_uri"]}
    del offer["verification_uri"]
    login(answer(**offer), YES, oauth="google", args=["--oauth-login=test"])
    assert kept(rider)[2] == "new-token"


def test_login_beats_the_token_of_the_config(rider, login):
    p = login(answer(**OFFER), YES, **{"oauth-refresh-token": "refr-esh"})
    tokens(rider)[0].unlink()
    p.answers = [granted("acc-ess")]
    run(rider)
    assert p.asked[-1]["refresh_token"] == "new-token"


def test_login_while_the_provider_hiccups(rider, login):
    p = login(answer(**OFFER), http(b"", 503), YES, said=["asking again"])
    assert round(p.times[2] - p.times[1]) == 2, "half as often"
    assert kept(rider)[2] == "new-token"


FAILURES = {
    "denied": ([answer(**OFFER), refusal("access_denied")], 77, "declined"),
    "expired": ([answer(**OFFER), refusal("expired_token")], 77, "not entered in time"),
    "over": ([answer(**{**OFFER, "expires_in": 2}), PENDING], 77, "not entered in time"),
    "no refresh token": ([answer(**OFFER), granted("acc-ess")], 77, "offline_access"),
    "scope": ([refusal("invalid_scope")], 77, "check oauth-scope"),
    "client": ([refusal("unauthorized_client", "no device flow")], 77, "no device flow"),
    "no code": ([answer(**{**OFFER, "user_code": ""})], 76, "no code"),
    "no device": ([answer(**{**OFFER, "device_code": "dev\nice"})], 76, "no code"),
    "no page": ([answer(**{**OFFER, "verification_uri": "http://login.test/"})], 76, "no page"),
    "page with a trick": ([answer(**{**OFFER, "verification_uri": "https://x.test/\x1b[2J"})], 76, "no page"),
    "no JSON": ([http(b"")], 76, "no valid JSON"),
    "later garbage": ([answer(**OFFER), http(b"[]")], 76, "no valid JSON"),
    "down": ([None], 75, ""),
}


@pytest.mark.parametrize("name", FAILURES)
def test_login_fails(rider, login, name):
    answers, rc, said = FAILURES[name]
    login(*answers, rc=rc, said=[said])
    assert not (rider.home / ".local/state/postrider/oauth-test").exists() and not tokens(rider)


def test_login_at_google_for_mail(login):
    login(refusal("invalid_scope", "Invalid device flow scope"), oauth="google", rc=77,
          said=["lets no device ask for mail", "postrider.ini(5)"])


def test_login_with_an_odd_code(login):
    p = login(answer(**{**OFFER, "user_code": "A\x1b[31mB\nC", "interval": -3}), YES)
    assert "\x1b" not in p.run.out and "A?[31mB?C" in p.run.out


def test_login_by_what_is_no_oauth_account(rider, login, mail):
    login(YES, rc=78, said=["oauth-device-endpoint"], **{"oauth-device-endpoint": None})
    rider.use(mail(), user="alice")
    rider(LOGIN, name="postrider").must(78, "does not use OAuth")
    rider(["--oauth-login=nobody"], name="postrider").must(64, "nobody")
    rider(LOGIN, name="sendmail").must(64)


def test_login_that_cannot_be_kept(login):
    login(answer(**OFFER), YES, rc=74, said=["cannot write"], **{"oauth-token-file": "/proc/none/token"})


@pytest.fixture(name="interruptible")
def fixture_interruptible():
    """Checks that a shell runs in the background are started with SIGINT ignored, and so is the program then."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_login_is_interrupted(rider, provider, mail, use):
    p = provider(answer(**{**OFFER, "interval": 60}), YES)
    use(mail(), p, **{"oauth-device-endpoint": p.url})
    process = rider.start(LOGIN, name="postrider", stdout=subprocess.PIPE)
    assert "login.test" in process.stdout.readline().decode()
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(5) == -signal.SIGINT
    process.stdout.close()
    process.stdin.close()
