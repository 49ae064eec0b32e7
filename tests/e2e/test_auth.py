# SPDX-License-Identifier: GPL-3.0-or-later
"""AUTH: S053 to S064, mechanisms, and where the password comes from."""
import base64
import re

import pytest

from helpers import YOU, account, config
from server import close, reply

SEND = ["-i", YOU]
LOGIN = {"user": "alice", "password": "wonderland"}
MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]


@pytest.fixture
def login_server(server):
    """A server that wants a login, over implicit TLS."""
    def start(auth="PLAIN", **options):
        return server(tls="implicit", auth=auth, **options)
    return start


@pytest.mark.smoke
@pytest.mark.library
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_mechanism(rider, login_server, certs, mechanism):
    s = login_server(mechanism)
    for auth in ("auto", mechanism.lower()):
        rider.use(s, tls_ca=certs.ca, auth=auth, **LOGIN)
        rider(SEND).must_be_silent()
    assert [c.auth for c in s.connections] == [[(mechanism, "ok")]] * 2
    assert [m.user for m in s.messages] == ["alice", "alice"]


@pytest.mark.parametrize("offered, chosen", [
    ("PLAIN LOGIN", "PLAIN"),
    ("LOGIN CRAM-MD5", "LOGIN"),
    ("PLAIN SCRAM-SHA-1 CRAM-MD5", "SCRAM-SHA-1"),
    ("LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-256"),
    ("GSSAPI NTLM X-FOO PLAIN", "PLAIN"),
])
def test_auto_takes_the_strongest(rider, login_server, certs, offered, chosen):
    s = login_server(offered)
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    rider(SEND).must_be_silent()
    assert s.connection.auth == [(chosen, "ok")]


def test_no_user_no_auth(rider, login_server, certs):
    s = login_server("PLAIN")
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    rider.use(s, tls_ca=certs.ca, auth="none", **LOGIN)
    rider(SEND).must_be_silent()
    assert "AUTH" not in s.verbs
    assert len(s.messages) == 2


REFUSALS = {
    "S053 535": ("535 5.7.8 wrong password", 77),
    "S054 454": ("454 4.7.0 try later", 75),
    "S054 421": (reply("421 4.7.0 too many") + close(), 75),
    "S055 534": ("534 5.7.9 application-specific password required", 77),
    "S055 538": ("538 5.7.11 encryption required", 77),
    "S055 530": ("530 5.7.0 authentication required", 77),
    "S055 504": ("504 5.5.4 not known", 77),
    "S063 250": ("250 2.7.0 ok", 76),
    "S063 220": ("220 ok", 76),
    "codes differ": ("235-yes\n535 no", 76),
}


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "SCRAM-SHA-256"])
@pytest.mark.parametrize("name", REFUSALS)
def test_refused(rider, login_server, certs, name, mechanism):
    answer, rc = REFUSALS[name]
    s = login_server(mechanism, steps={"auth": answer})
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    run = rider(SEND).must(rc, "AUTH")
    assert s.verbs.count("AUTH") == 1 and len(s.connections) == 1, "one try, or the account gets locked"
    assert "MAIL" not in s.verbs
    if name[5:] in ("535", "534", "538", "530"):
        assert len(run.err.splitlines()) >= 2, f"no hint: {run}"


def test_S053_wrong_password_for_real(rider, login_server, certs):
    for mechanism in MECHANISMS:
        s = login_server(mechanism)
        rider.use(s, tls_ca=certs.ca, user="alice", password="wrong")
        rider(SEND).must(77, "535")
        assert s.connection.auth == [(mechanism, "refused")] and "MAIL" not in s.verbs


@pytest.mark.parametrize("auth, offered", [("auto", "GSSAPI NTLM"), ("scram-sha-256", "PLAIN LOGIN"), ("plain", "")])
def test_S056_not_offered(rider, login_server, certs, auth, offered):
    s = login_server(offered)
    rider.use(s, tls_ca=certs.ca, auth=auth, **LOGIN)
    rider(SEND).must(77)
    assert not set(s.verbs) & {"AUTH", "MAIL"}


FAULTS = {
    "S057 no base64": ({"auth-round": "334 !!!"}, "LOGIN"),
    "S057 no base64 for CRAM": ({"auth-round": "334 YWJj="}, "CRAM-MD5"),
    "S057 no base64 for SCRAM": ({"auth-round": "334 a"}, "SCRAM-SHA-256"),
    "S058 another challenge after PLAIN": ({"auth": "334 YWJj"}, "PLAIN"),
    "S058 challenges without end": ({"auth": "334 YWJj"}, "LOGIN"),
    "S059 huge challenge": ({"auth-round": "334 " + "QUJD" * 4000}, "CRAM-MD5"),
    "S060 success too early for CRAM": ({"auth-round": "235 welcome"}, "CRAM-MD5"),
    "S060 success too early for SCRAM": ({"auth-round:1": "235 welcome"}, "SCRAM-SHA-256"),
    "S061 success without the server's proof": ({"auth-round:2": "235 welcome"}, "SCRAM-SHA-256"),
    "S061 wrong proof": ({"auth-round:2": "334 " + base64.b64encode(b"v=" + base64.b64encode(bytes(32))).decode()},
                         "SCRAM-SHA-256"),
    "S061 error in the proof": ({"auth-round:2": "334 " + base64.b64encode(b"e=other-error").decode()},
                                "SCRAM-SHA-1"),
    "S061 nonce not ours": ({"auth-round:1": "334 " + base64.b64encode(b"r=zzz,s=c2FsdA==,i=4096").decode()},
                            "SCRAM-SHA-256"),
    "S061 few iterations": ({"auth-round:1": "334 " + base64.b64encode(b"r=zzz,s=c2FsdA==,i=0").decode()},
                            "SCRAM-SHA-256"),
    "S061 empty SCRAM challenge": ({"auth-round:1": "334 "}, "SCRAM-SHA-256"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faulty_exchange(rider, login_server, certs, name):
    steps, mechanism = FAULTS[name]
    s = login_server(mechanism, steps=steps)
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    run = rider(SEND)
    assert run.rc in (76, 77) and run.err and run.seconds < 3, run
    assert "MAIL" not in s.verbs and s.verbs.count("AUTH") == 1
    assert len([e for e in s.connection.events if e.direction == "out" and e.data.startswith(b"334")]) <= 11


def test_S057_gives_up_with_an_asterisk(rider, login_server, certs):
    s = login_server("LOGIN", steps={"auth-round": "334 !!!"})
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    rider(SEND)
    assert s.connection.auth == [("LOGIN", "cancelled")]


@pytest.mark.parametrize("password", ["pass word", "p\u00e4ssw\u00f6rd\u20ac", "a=b,c=d", "%s%n\\", "x" * 300,
                                      "\u65e5\u672c\u8a9e", "a;b#c", 'quo"te'])
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_S062_odd_passwords(rider, login_server, certs, mechanism, password):
    s = login_server(mechanism, users={"alice": password})
    rider.use(s, tls_ca=certs.ca, user="alice", password_file=rider.write("pw", password + "\n"))
    rider(SEND).must_be_silent()
    assert s.message.user == "alice"


def test_S062_odd_user_in_scram(rider, login_server, certs):
    s = login_server("SCRAM-SHA-256", users={"a=b,c": "wonderland"})
    rider.use(s, tls_ca=certs.ca, user="a=b,c", password="wonderland")
    rider(SEND).must_be_silent()
    assert s.message.user == "a=b,c"


@pytest.mark.parametrize("content", [b"won\0derland\n", b"won\rderland\n"])
def test_S062_password_that_cannot_be_sent(rider, login_server, certs, content):
    s = login_server("PLAIN LOGIN")
    rider.use(s, tls_ca=certs.ca, user="alice", password_file=rider.write("pw", content))
    run = rider(SEND)
    assert run.rc in (65, 77, 78), run
    assert "MAIL" not in s.verbs


def netrc(rider):
    rider.write(".netrc", "machine other.test login alice password no\n"
                          "machine 127.0.0.1 login bob password no\n"
                          "machine 127.0.0.1\n  login alice\n  password wonderland\n")
    return {}


def credential(rider):
    (rider.home / "credentials").mkdir()
    rider.write("credentials/smtp", "wonderland\n")
    return {"password-file": "credential:smtp"}


SOURCES = {
    "password": lambda r: {"password": "wonderland"},
    "quoted": lambda r: {"password": '"wonderland"'},
    "command": lambda r: {"password-command": "echo wonderland; echo second line"},
    "shell": lambda r: {"password-command": "printf '%s' won | sed 's/$/derland/'"},
    "file": lambda r: {"password-file": r.write("pw", "wonderland\n")},
    "file without line end": lambda r: {"password-file": r.write("pw", "wonderland")},
    "environment": lambda r: {"password": "${SECRET}"},
    "environment's default": lambda r: {"password": "${NOT_SET:-wonderland}"},
    "netrc": netrc,
    "systemd credential": credential,
}


@pytest.mark.parametrize("name", SOURCES)
def test_password_from(rider, login_server, certs, name):
    s = login_server("PLAIN")
    keys = SOURCES[name](rider)
    rider.configure(config(account(s, tls_ca=certs.ca, user="alice", **keys)))
    env = {**rider.environment, "SECRET": "wonderland", "CREDENTIALS_DIRECTORY": str(rider.home / "credentials")}
    rider(SEND, env=env).must_be_silent()
    assert s.message.user == "alice"


@pytest.mark.parametrize("keys", [
    {"password-command": "exit 3"}, {"password-command": "true"}, {"password-command": "kill -9 $$"},
    {"password-command": "/proc/none/pass"}, {"password-file": "/proc/none/pw"}, {},
], ids=["fails", "says nothing", "is killed", "is not there", "no file", "no source"])
def test_no_password_to_be_had(rider, login_server, certs, keys):
    s = login_server("PLAIN")
    rider.configure(config(account(s, tls_ca=certs.ca, user="alice", **keys)))
    run = rider(SEND)
    assert run.rc in (77, 78), run
    assert not set(s.verbs) & {"AUTH", "MAIL"} and run.err, run


TOKENS = ["XOAUTH2", "OAUTHBEARER"]


@pytest.mark.parametrize("mechanism", TOKENS)
@pytest.mark.parametrize("auth", ["auto", "named"])
def test_token(rider, login_server, certs, mechanism, auth):
    s = login_server(mechanism + " PLAIN", users={"alice": "tok-en"})
    rider.use(s, tls_ca=certs.ca, user="alice", token_command="echo tok-en; echo expires",
              auth=mechanism.lower() if auth == "named" else "auto")
    rider(SEND).must_be_silent()
    assert s.connection.auth == [(mechanism, "ok")]


@pytest.mark.parametrize("offered", ["XOAUTH2 OAUTHBEARER", "PLAIN OAUTHBEARER SCRAM-SHA-256 XOAUTH2"])
def test_auto_with_a_token_takes_the_standard(rider, login_server, certs, offered):
    s = login_server(offered, users={"alice": "tok-en"})
    rider.use(s, tls_ca=certs.ca, user="alice", token_command="echo tok-en")
    rider(SEND).must_be_silent()
    assert s.connection.auth == [("OAUTHBEARER", "ok")]


@pytest.mark.parametrize("mechanism", TOKENS)
def test_S064_token_refused(rider, login_server, certs, mechanism):
    s = login_server(mechanism, users={"alice": "other"})
    count = rider.home / "count"
    rider.use(s, tls_ca=certs.ca, user="alice", token_command=f"echo x >> {count}; echo tok-en")
    run = rider(SEND).must(77, "535", '"status":"401"', "scope", "token-command")
    assert "\x1b" not in run.err and "tok-en" not in run.err
    assert s.connection.auth == [(mechanism, "refused")] and "MAIL" not in s.verbs, "the same token, tried again"
    assert count.read_text() == "x\nx\n", "fetched once more"


@pytest.mark.parametrize("mechanism", TOKENS)
@pytest.mark.parametrize("tokens, outcomes", [("old new", ["refused", "ok"]), ("old older new", ["refused"] * 2)])
def test_S064_refused_token_is_fetched_once_more(rider, login_server, certs, mechanism, tokens, outcomes):
    """A command that prints one token after the other."""
    s = login_server(mechanism, users={"alice": "new"})
    rider.write("tokens", tokens.replace(" ", "\n") + "\n")
    rider.use(s, tls_ca=certs.ca, user="alice",
              token_command=f"cd {rider.home} && head -n 1 tokens && sed -i 1d tokens")
    run = rider(SEND)
    assert run.rc == (0 if outcomes[-1] == "ok" else 77), run
    assert [c.auth for c in s.connections] == [[(mechanism, outcome)] for outcome in outcomes]
    assert len(s.messages) == (outcomes[-1] == "ok")


def test_S064_other_failures_fetch_nothing(rider, login_server, certs):
    count = rider.home / "count"
    for auth, steps, rc in [("OAUTHBEARER", {"auth": "454 4.7.0 later"}, 75), ("PLAIN", {}, 77)]:
        s = login_server(auth, steps=steps)
        rider.use(s, tls_ca=certs.ca, user="alice", token_command=f"echo x >> {count}; date +%N")
        rider(SEND).must(rc)
        assert count.read_text() == "x\n" and len(s.connections) == 1
        count.unlink()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# What a server may do in place of a reason, with a token that it does not know.
BAD_REASONS = {
    **{f"S064 our token comes back, {n}": ({"auth-round": "334 " + encoded("." * n + "tok-en-tok-en")},
                                           "cancelled", "base64") for n in range(3)},
    "S064 no JSON": ({"auth-round": "334 " + encoded("\0\x1b]0;x\7\n")}, "refused", "535"),
    "S064 no reason": ({"auth-round": "334"}, "refused", "535"),
    "S064 a long reason": ({"auth-round": "334 " + encoded("x" * 1400)}, "refused", "..."),
    "S064 no base64": ({"auth-round": "334 !!!"}, "cancelled", "base64"),
    "S064 a second reason": ({"auth": "334 e30="}, "refused", "all is said"),
    "S064 yes after the reason": ({"auth": "235 welcome"}, "refused", "prove"),
    "S064 no in another code": ({"auth": "501 5.5.2 cannot decode"}, "refused", "501"),
}


@pytest.mark.parametrize("mechanism", TOKENS)
@pytest.mark.parametrize("name", BAD_REASONS)
def test_odd_refusals_of_a_token(rider, login_server, certs, mechanism, name):
    steps, outcome, words = BAD_REASONS[name]
    s = login_server(mechanism, users={"alice": "other"}, steps=steps)
    rider.use(s, tls_ca=certs.ca, user="alice", token_command="echo tok-en-tok-en")
    run = rider(["-v", *SEND])
    assert run.rc in (76, 77) and words in run.err, run
    assert "tok-en" not in run.err, run
    leaks = [w for w in re.findall(r"[A-Za-z0-9+/]{8,}", run.err)
             if b"tok-en" in base64.b64decode(w[:len(w) // 4 * 4])]
    assert not leaks, run
    assert "\x1b" not in run.err and "\7" not in run.err
    assert s.connection.auth == [(mechanism, outcome)] and "MAIL" not in s.verbs


@pytest.mark.parametrize("auth", ["auto", "xoauth2", "oauthbearer"])
def test_no_token_without_tls(rider, server, auth):
    s = server(auth="XOAUTH2 OAUTHBEARER", auth_needs_tls=False, users={"alice": "tok-en"})
    rider.use(s, user="alice", token_command="echo tok-en", auth=auth)
    rider(SEND).must(77, "without TLS")
    assert not set(s.verbs) & {"AUTH", "MAIL"} and b"tok-en" not in s.heard


@pytest.mark.parametrize("mechanism", TOKENS)
@pytest.mark.parametrize("size", [300, 3000, 9000])
def test_long_token(rider, login_server, certs, mechanism, size):
    """Only what fits into a command line of 512 octets is sent in one: see login.c."""
    s = login_server(mechanism, users={"alice": "t" * size})
    rider.use(s, tls_ca=certs.ca, user="alice", token_command=f"cat {rider.write('token', 't' * size)}")
    rider(SEND).must_be_silent()
    assert s.connection.auth == [(mechanism, "ok")]
    assert all(len(line) <= 510 for line in s.commands)


@pytest.mark.parametrize("keys", [
    {"token-command": "exit 3"}, {"token-command": "true"}, {"token-command": "printf 'a\\1b\\n'"},
    {"auth": "xoauth2", "password": "wonderland"},
], ids=["fails", "says nothing", "control character", "a password alone"])
def test_no_token_to_be_had(rider, login_server, certs, keys):
    s = login_server("XOAUTH2 OAUTHBEARER PLAIN")
    rider.configure(config(account(s, tls_ca=certs.ca, user="alice", **keys)))
    run = rider(SEND).must(77, "token")
    assert not set(s.verbs) & {"AUTH", "MAIL"} and len(run.err.splitlines()) >= 1


def test_an_account_has_one_credential(rider, login_server, certs):
    """An account's own key beats those of the defaults, in both directions; a named mechanism takes what it needs."""
    s = login_server("PLAIN XOAUTH2", users={"alice": "wonderland", "bob": "tok-en"})
    one = account(s, "one", tls_ca=certs.ca, user="bob", token_command="echo tok-en")
    rider.configure(config(one, password="wonderland", account="one"))
    rider(SEND).must_be_silent()
    two = account(s, "two", tls_ca=certs.ca, user="alice", password="wonderland")
    rider.configure(config(two, token_command="echo tok-en", account="two"))
    rider(SEND).must_be_silent()
    both = account(s, "both", tls_ca=certs.ca, user="alice", password="wonderland", token_command="echo no",
                   auth="plain")
    rider.configure(config(both))
    rider(SEND).must_be_silent()
    assert [c.auth for c in s.connections] == [[("XOAUTH2", "ok")], [("PLAIN", "ok")], [("PLAIN", "ok")]]


PLUS = ["SCRAM-SHA-1", "SCRAM-SHA-256"]


@pytest.mark.parametrize("mechanism", PLUS)
def test_channel_binding(rider, login_server, certs, mechanism):
    """Python's server has no tls-exporter, so TLS 1.2 here; tests/unit has the other."""
    s = login_server(f"{mechanism} {mechanism}-PLUS PLAIN", tls_max="1.2", binds=True)
    for auth in ("auto", mechanism.lower() + "-plus"):
        rider.use(s, tls_ca=certs.ca, auth=auth, **LOGIN)
        rider(SEND).must_be_silent()
    assert [c.auth for c in s.connections] == [[(mechanism + "-PLUS", "ok")]] * 2


def test_channel_binding_to_another_channel(rider, login_server, certs):
    """The server has another certificate than the one that we see: somebody is in between."""
    s = login_server("SCRAM-SHA-256-PLUS", tls_max="1.2", binds=True)
    s.chain = certs["name-only"]
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    rider(SEND).must(77, "535", "channel binding")
    assert s.connection.auth == [("SCRAM-SHA-256-PLUS", "refused")] and "MAIL" not in s.verbs


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("mechanism", PLUS)
def test_an_offer_of_binding_that_was_taken_away(rider, login_server, certs, mechanism, version):
    """RFC 5802, 6: we say that we would have taken it, and the server knows that it offered it."""
    s = login_server(mechanism, tls_max=version, binds=True)
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    rider(SEND).must(77, "535")
    rider.use(s, tls_ca=certs.ca, auth=mechanism.lower(), **LOGIN)
    rider(SEND).must_be_silent()
    assert [c.auth for c in s.connections] == [[(mechanism, "refused")], [(mechanism, "ok")]]


def test_no_binding_without_tls(rider, server):
    s = server(auth="SCRAM-SHA-256-PLUS SCRAM-SHA-256", auth_needs_tls=False)
    rider.use(s, **LOGIN)
    rider(SEND).must_be_silent()
    assert s.connection.auth == [("SCRAM-SHA-256", "ok")]
    rider.use(s, auth="scram-sha-256-plus", **LOGIN)
    rider(SEND).must(77, "channel binding")


# What servers say, and a word of what we say to it.
SAYINGS = {
    "Gmail, password": ("535-5.7.8 Username and Password not accepted. For more information, go to\n"
                        "535 5.7.8  https://support.google.com/mail/?p=BadCredentials", 77, "apppasswords"),
    "Gmail, two-step": ("534-5.7.9 Application-specific password required. For more information, go to\n"
                        "534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor", 77, "apppasswords"),
    "Gmail, browser": ("534-5.7.14 <https://accounts.google.com/signin/continue> Please log in with\n"
                       "534-5.7.14 your web browser and then try again.\n"
                       "534 5.7.14 https://support.google.com/mail/answer/78754", 77, "browser once"),
    "Gmail, too often": ("454 4.7.0 Too many login attempts, please try again later.", 75, "wait"),
    "Microsoft, switched off": ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for "
                                "the Tenant. Visit https://aka.ms/smtp_auth_disabled", 77, "administrator"),
    "Microsoft, no passwords": ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", 77,
                                "token-command"),
    "Microsoft, no passwords at all": ("550 5.7.30 Basic authentication is not supported for Client Submission.", 77,
                                       "token-command"),
    "Microsoft, policy": ("535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be "
                          "authenticated successfully.", 77, "policy"),
    "Gmail, token": ("535-5.7.8 Username and Password not accepted. For more information, go to\n"
                     "535 5.7.8  https://support.google.com/mail/?p=BadCredentials", 77, "token-command has to"),
    "Yahoo": ("535 5.7.0 (#AUTH005) Too many bad auth attempts.", 77, "app password"),
}


@pytest.mark.parametrize("name", SAYINGS)
def test_what_servers_say(rider, login_server, certs, name):
    answer, rc, hint = SAYINGS[name]
    s = login_server("PLAIN XOAUTH2", steps={"auth": answer}, users={"alice": "wonderland"})
    token = {"token-command": "echo wonderland"} if name.endswith("token") else {}
    rider.configure(config(account(s, tls_ca=certs.ca, **LOGIN, **token)))
    rider(SEND).must(rc, answer[:3], hint)
