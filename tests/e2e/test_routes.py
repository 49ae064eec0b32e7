# SPDX-License-Identifier: GPL-3.0-or-later
"""Which server a message goes to, and how: lists, fallback accounts, addresses, the proxy, DNS's records, LMTP."""
import json
import socket
import time
import uuid

import pytest

from helpers import YOU, account, config
from server import Socks, close, replies

SEND = ["-i", YOU]
THEM = "them@example.org"


def dead_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


# ---- lists of hosts ----

NOT_NOW = {"mail": "450 4.2.0 not now", "rcpt": "450 4.2.0 not now", "data": "451 4.3.0 not now",
           "dot": "451 4.3.0 not now", "ehlo": "421 4.3.2 not now"}


@pytest.mark.parametrize("where", NOT_NOW)
def test_who_refuses_for_now_leaves_it_to_the_next(rider, server, where):
    first, second = server(steps={where: NOT_NOW[where]}), server()
    rider.configure(config(account(host=f"127.0.0.1:{first.port}, 127.0.0.1:{second.port}", tls="none")))
    rider(SEND).must_be_silent()
    assert first.messages == [] and second.message.to == [YOU]


@pytest.mark.parametrize("where", NOT_NOW)
def test_all_refuse_for_now(rider, server, where):
    one, two = (server(steps={where: NOT_NOW[where]}) for _ in range(2))
    rider.configure(config(account(host=f"127.0.0.1:{one.port}, 127.0.0.1:{two.port}", tls="none")))
    rider(SEND).must(75, "not now", f"127.0.0.1:{two.port}")


def test_an_answer_is_told_rather_than_a_dead_server(rider, server):
    s = server(steps={"rcpt": "450 4.2.0 greylisted"})
    rider.configure(config(account(host=f"127.0.0.1:{s.port}, 127.0.0.1:{dead_port()}", tls="none")))
    rider(SEND).must(75, "greylisted")


@pytest.mark.parametrize("where, rc", [("mail", 69), ("rcpt", 67), ("data", 69), ("dot", 69)])
def test_a_refusal_for_good_is_final(rider, server, where, rc):
    first, second = server(steps={where: "550 5.7.1 never"}), server()
    rider.configure(config(account(host=f"127.0.0.1:{first.port}, 127.0.0.1:{second.port}", tls="none")))
    rider(SEND).must(rc, "never")
    assert second.connections == []


def test_S102_what_may_be_sent_is_not_sent_again(rider, server):
    first, second = server(steps={"dot": close()}), server()
    rider.configure(config(account(host=f"127.0.0.1:{first.port}, 127.0.0.1:{second.port}", tls="none"),
                           account(second, "two"), fallback="two", account="test"))
    rider(["-a", "test", *SEND], name="postrider").must(75, "sending it again may send it twice")
    assert second.connections == []


def test_S070_those_taken_are_not_sent_again(rider, server):
    first = server(steps={f"rcpt:{YOU}": "450 4.2.0 later", "rcpt:never@x.test": "550 5.1.1 who"})
    second = server()
    rider.configure(config(account(host=f"127.0.0.1:{first.port}, 127.0.0.1:{second.port}", tls="none")))
    rider(["-i", THEM, YOU, "never@x.test"]).must(67, "never@x.test", "accepted for the other 2 of 3")
    assert first.message.to == [THEM] and second.message.to == [YOU]


# ---- fallback ----

def log_of(rider) -> dict:
    (line,) = (rider.home / "log").read_text().splitlines()
    return json.loads(line)


def test_fallback_takes_over_with_its_own_login(rider, server, certs):
    first = server(tls="implicit", auth="PLAIN", users={"alice": "wonderland"}, steps={"auth": "454 4.7.0 not now"})
    second = server(tls="implicit", auth="PLAIN", users={"bob": "builder"})
    rider.configure(config(account(first, "one", user="alice", password="wonderland", fallback="two"),
                           account(second, "two", from_=None, user="bob", password="builder"),
                           tls_ca=str(certs.ca), log=str(rider.home / "log"), log_format="json"))
    rider(SEND).must_be_silent()
    assert second.message.user == "bob" and first.messages == []
    entry = log_of(rider)
    assert entry["account"] == "two" and entry["status"] == "sent" and str(second.port) in entry["host"]


def test_fallback_in_circles(rider, server):
    s = server()
    dead = f"127.0.0.1:{dead_port()}"
    sections = [account(name="a", host=dead, tls="none", fallback="b, a"),
                account(name="b", host=dead, tls="none", fallback="a, c"),
                account(s, "c", fallback="a, b, c")]
    rider.configure(config(*sections))
    rider(["-a", "a", "-v", *SEND], name="postrider").must(0, "falling back on the account 'b'",
                                                          "falling back on the account 'c'")
    assert s.message.to == [YOU]
    s.steps = {"connect": close()}
    run = rider(["-a", "a", *SEND], name="postrider").must(75)
    assert run.seconds < 2


def test_no_fallback_for_a_refusal(rider, server):
    first, second = server(steps={"rcpt": "550 5.1.1 who"}), server()
    rider.configure(config(account(first, "one", fallback="two"), account(second, "two", from_=None)))
    rider(SEND).must(67, "who")
    assert second.connections == []


def test_fallback_for_those_refused_for_now(rider, server):
    first, second = server(steps={f"rcpt:{YOU}": "451 4.3.0 later"}), server()
    rider.configure(config(account(first, "one", fallback="two"), account(second, "two", from_=None)))
    rider(["-i", YOU, THEM]).must_be_silent()
    assert first.message.to == [THEM] and second.message.to == [YOU]


def test_fallback_where_the_login_fails(rider, server):
    first = server(auth="PLAIN", auth_needs_tls=False, steps={"auth": "535 5.7.8 no"})
    second = server()
    rider.configure(config(account(first, "one", user="alice", password="x", auth="plain", fallback="two"),
                           account(second, "two", from_=None)))
    rider(SEND).must_be_silent()
    assert second.message.to == [YOU]


def test_unknown_fallback(rider, server):
    rider.configure(config(account(server(), "work", fallback="hmoe"), account(server(), "home", from_=None)))
    line = rider.config_file.read_text().splitlines().index("fallback = hmoe") + 1
    rider(SEND).must(78, f"postrider.ini:{line}: there is no account 'hmoe'", "did you mean 'home'?")
    rider.configure(config(account(server(), "work"), account(server(), "home", from_=None)))
    rider(["--fallback=hmoe", *SEND], name="postrider").must(64, "there is no account 'hmoe'")


# ---- addresses ----

@pytest.fixture
def deaf_six():
    """A port of ::1 where the kernel drops what would connect, as a firewall does."""
    with socket.socket(socket.AF_INET6) as sock:
        sock.bind(("::1", 0))
        sock.listen(0)
        fill = [socket.socket(socket.AF_INET6) for _ in range(3)]
        for one in fill:
            one.setblocking(False)
            one.connect_ex(sock.getsockname())
        yield sock.getsockname()[1]
        for one in fill:
            one.close()


def test_S002_the_other_family_does_not_wait(rider, server, deaf_six):
    """localhost is ::1 and 127.0.0.1 where the DNS decides (RFC 6761)."""
    s = server(port=deaf_six)
    rider.use(s, host="localhost", resolver="127.0.0.1:1", connect_timeout="10")
    run = rider(["-v", *SEND]).must(0, "(::1)", "(127.0.0.1)")
    assert s.message.to == [YOU] and 0.2 < run.seconds < 2, run


def test_ip_leaves_the_other_family_out(rider, server, deaf_six):
    s = server(port=deaf_six)
    rider.use(s, host="localhost", resolver="127.0.0.1:1", ip="4")
    run = rider(["-v", *SEND]).must(0, "(127.0.0.1)")
    assert "(::1)" not in run.err, run
    rider.use(s, host="localhost", resolver="127.0.0.1:1", ip="6", connect_timeout="1")
    rider(SEND).must(75, "no answer from ::1")
    rider.use(s, ip="6")
    rider(SEND).must(68, "'127.0.0.1' is no IPv6 address")


def test_source_address_decides_the_family(rider, server, deaf_six):
    s = server(port=deaf_six)
    rider.use(s, host="localhost", resolver="127.0.0.1:1", source_address="127.0.0.9")
    run = rider(["-v", *SEND]).must(0)
    assert s.message.to == [YOU] and "(::1)" not in run.err
    rider.use(s, ip="6", source_address="127.0.0.9")
    rider(SEND).must(78, "source-address 127.0.0.9 is no IPv6 address")


# ---- the proxy ----

@pytest.mark.parametrize("host, kind, asked", [
    ("mail.nowhere.invalid", 3, "mail.nowhere.invalid"), ("192.0.2.1", 1, "192.0.2.1"),
    ("[2001:db8::1]", 4, "2001:db8::1")])
def test_proxy(rider, server, host, kind, asked):
    s = server()
    with Socks(("127.0.0.1", s.port)) as proxy:
        rider.use(s, host=host, port="2525", proxy=proxy.url)
        rider(SEND).must_be_silent()
    assert proxy.asked == [(kind, asked, 2525)]
    assert s.message.to == [YOU]


@pytest.mark.parametrize("mode", ["implicit", "starttls"])
def test_tls_through_the_proxy_is_with_the_server(rider, server, certs, mode):
    s = server(tls=mode, cert="wildcard")
    with Socks(("127.0.0.1", s.port)) as proxy:
        rider.use(s, host="mail.wild.test", proxy=proxy.url, tls_ca=certs.ca)
        rider(SEND).must_be_silent()
        assert s.message.secure and s.connection.sni == "mail.wild.test"
        rider.use(s, host="mail.elsewhere.test", proxy=proxy.url, tls_ca=certs.ca)
        rider(SEND).must(77, "*.wild.test")


@pytest.mark.parametrize("options, rc, said", [
    ({"code": 1}, 75, "general failure"), ({"code": 2}, 75, "its rules do not allow it"),
    ({"code": 4}, 75, "host unreachable"), ({"code": 5}, 75, "connection refused"),
    ({"method": 255}, 77, "the proxy wants a login"), ({"greeting": b"220 mail.test\r\n"}, 76, "no SOCKS5 proxy"),
    ({"greeting": b"\5"}, 75, "timed out")])
def test_proxy_that_does_not(rider, options, rc, said):
    with Socks(**options) as proxy:
        rider.configure(config(account(host="mail.test", tls="none", proxy=proxy.url), connect_timeout="1"))
        rider(SEND).must(rc, "mail.test:587: the proxy 127.0.0.1:", said)


def test_proxy_that_is_not_there(rider):
    port = dead_port()
    rider.configure(config(account(host="mail.test", tls="none", proxy=f"socks5://127.0.0.1:{port}")))
    run = rider(SEND).must(75, f"the proxy 127.0.0.1:{port}: cannot connect", "refused")
    assert "587" not in run.err.split("\n", 1)[1], "advice about the server"


def test_proxy_and_a_login(rider):
    rider.configure(config(account(host="mail.test", proxy="socks5://me:hush@127.0.0.1")))
    run = rider(SEND).must(78, "postrider.ini:", "a login at the proxy is not possible")
    assert "hush" not in run.err


def test_proxy_is_not_for_unix_sockets(rider, server, tmp_path):
    s = server(path=tmp_path / "sock")
    rider.use(s, proxy=f"socks5://127.0.0.1:{dead_port()}")
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


# ---- names by DNS ----

class Zone:
    """Publishes records below a name of its own in plain.test."""

    def __init__(self, dns):
        self.dns = dns
        self.label = "t" + uuid.uuid4().hex[:8]
        self.name = f"{self.label}.plain.test"

    def publish(self, *records: str) -> "Zone":
        """% in RECORDS stands for our own name."""
        self.dns.publish("\n".join(records).replace("%", self.label))
        return self


@pytest.fixture
def zone(dns) -> Zone:
    return Zone(dns)


def real(test):
    return pytest.mark.real(pytest.mark.xdist_group("real")(test))


def direct(dns, port: int, **keys: object) -> str:
    return config(account(**{"host": "mx", "port": port, "resolver": dns.resolver, "connect_timeout": "5", **keys}))


@real
@pytest.mark.parametrize("cert, rc, priority", [("plain.test", 0, 7), ("mx1.plain.test", 0, 8), ("good", 77, 9)])
def test_srv_certificate(rider, server, dns, certs, cert, rc, priority):
    """It is for the domain, or for the server, which lies in it. All the other servers of plain.test are dead."""
    s = server(tls="implicit", cert=cert)
    dns.publish(f"_submissions._tcp SRV {priority} 0 {s.port} mx1")
    rider.configure(config(account(host="srv:plain.test", tls="implicit", tls_ca=certs.ca, resolver=dns.resolver,
                                   ip="4")))
    rider(["-v", *SEND]).must(rc, f"mx1.plain.test:{s.port}")
    assert len(s.messages) == (rc == 0) and s.connections[0].sni == "mx1.plain.test"


@real
def test_srv_certificate_of_a_server_elsewhere(rider, server, zone, certs):
    """Whoever forges the record must not choose the name: that of the server alone is not enough."""
    s = server(tls="implicit", cert="mx1.plain.test")
    zone.publish(f"_submissions._tcp.% SRV 0 0 {s.port} mx1")
    rider.configure(config(account(host=f"srv:{zone.name}", tls_ca=certs.ca, resolver=zone.dns.resolver, ip="4")))
    rider(SEND).must(77, f"the certificate of '{zone.name}' is for mx1.plain.test")
    assert s.messages == [] and s.connections[0].sni == zone.name


@real
def test_srv_order(rider, server, zone):
    """Implicit TLS first, then by priority; a server that is not there leaves it to the next."""
    s, unwanted = server(), server()
    zone.publish(f"_submissions._tcp.% SRV 9 0 {dead_port()} mx1",
                 f"_submission._tcp.% SRV 1 0 {dead_port()} mx1",
                 f"_submission._tcp.% SRV 2 0 {s.port} mx2",
                 f"_submission._tcp.% SRV 3 0 {unwanted.port} mx1")
    keys = {"host": f"srv:{zone.name}", "resolver": zone.dns.resolver, "ip": "4"}
    rider.configure(config(account(tls="none", **keys)))
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU] and unwanted.connections == []
    rider.configure(config(account(**keys)))
    rider(SEND).must(77, "STARTTLS")


@real
@pytest.mark.parametrize("domain, rc, said", [
    ("none.plain.test", 68, "names no submission server"), ("nowhere.plain.test", 68, "names no submission server"),
    ("bogus.test", 75, "SERVFAIL")])
def test_srv_that_is_not_there(rider, dns, domain, rc, said):
    rider.configure(config(account(host=f"srv:{domain}", resolver=dns.resolver)))
    rider(SEND).must(rc, said, domain)


@real
def test_mx_by_domain(rider, server, zone):
    """S127, S128, S129: each domain on its own, and none stops another."""
    port = (first := server()).port
    second = server(address="127.0.0.2", port=port)
    zone.publish("one.% MX 10 a.%", "a.% A 127.0.0.1", "two.% MX 10 b.%", "b.% A 127.0.0.2", "three.% A 127.0.0.2")
    people = [f"{who}@{where}.{zone.name}" for who, where in
              (("a", "one"), ("b", "two"), ("c", "One"), ("d", "three"))]
    lost = ["e@null.plain.test", "f@nowhere.plain.test", "g@bogus.test"]
    rider.configure(direct(zone.dns, port))
    rider(["-i", *people, *lost]).must(68, "takes no mail (null MX)", "does not exist", "SERVFAIL",
                                       "accepted for the other 4 of 7")
    assert first.message.to == [people[0], people[2]]
    assert [m.to for m in second.messages] == [[people[1]], [people[3]]]


@real
@pytest.mark.parametrize("to, rc, said", [
    ("x@null.plain.test", 68, "null MX"), ("x@nowhere.plain.test", 68, "does not exist"),
    ("x@nomail.plain.test", 68, "no address"), ("x@self.plain.test", 68, "this very host"),
    ("x@literal.plain.test", 68, "no MX record"), ("x@dangling.plain.test", 68, ""),
    ("x@bogus.test", 75, "SERVFAIL")])
def test_S129_mx_that_leads_nowhere(rider, dns, to, rc, said):
    rider.configure(direct(dns, dead_port(), fallback=None))
    rider(["-i", to]).must(rc, said)


@real
@pytest.mark.parametrize("how", ["dead", "busy", "not now"])
def test_mx_next_preference(rider, server, zone, how):
    port = (second := server(address="127.0.0.2")).port
    if how != "dead":
        server(port=port, steps={"busy": {"greeting": "421 4.3.2 busy"}, "not now": {"rcpt": "450 4.2.0 no"}}[how])
    zone.publish("% MX 10 a.%", "% MX 20 b.%", "a.% A 127.0.0.1", "b.% A 127.0.0.2")
    rider.configure(direct(zone.dns, port))
    rider(["-i", f"x@{zone.name}"]).must_be_silent()
    assert len(second.messages) == 1


@real
def test_mx_backup_without_address_does_not_make_it_final(rider, zone):
    zone.publish("% MX 10 a.%", "% MX 20 nowhere.%", "a.% A 127.0.0.1")
    rider.configure(direct(zone.dns, dead_port()))
    rider(["-i", f"x@{zone.name}"]).must(75, "refused")


@real
def test_mx_never_logs_in(rider, server, zone, certs):
    for mode in ("", "starttls"):
        s = server(tls=mode, cert="unknown-ca", auth="PLAIN", auth_needs_tls=False)
        zone.publish(f"m{s.port}.% A 127.0.0.1")
        rider.configure(direct(zone.dns, s.port, user="alice", password="wonderland"))
        rider(["-i", f"x@m{s.port}.{zone.name}"]).must_be_silent()
        assert s.message.user in (None, "") and "AUTH" not in s.verbs
        assert s.message.secure == (mode == "starttls"), "opportunistic TLS takes any certificate"


@real
def test_mx_with_tls_asked_for(rider, server, zone, certs):
    s = server(tls="starttls", cert="mx1.plain.test")
    plain = server(address="127.0.0.2", port=s.port)
    zone.publish("good.% MX 0 mx1", "bad.% MX 0 b.%", "b.% A 127.0.0.2")
    rider.configure(direct(zone.dns, s.port, tls="starttls", tls_ca=certs.ca, ip="4"))
    rider(["-i", f"x@good.{zone.name}"]).must_be_silent()
    assert s.message.secure
    rider(["-i", f"x@bad.{zone.name}"]).must(77, "STARTTLS")
    assert "MAIL" not in plain.verbs


@real
def test_mx_of_one_domain_for_all(rider, server, zone):
    s = server()
    zone.publish("% MX 10 a.%", "a.% A 127.0.0.1")
    rider.configure(direct(zone.dns, s.port, host=f"mx:{zone.name}"))
    rider(["-i", YOU, THEM]).must_be_silent()
    assert s.message.to == [YOU, THEM]


@real
def test_mx_then_a_smarthost(rider, server, zone):
    """What cannot be reached goes to the next host; what does not exist goes nowhere."""
    s = server()
    zone.publish("dead.% A 127.0.0.3")
    hosts = f"mx, 127.0.0.1:{s.port}"
    rider.configure(direct(zone.dns, dead_port(), host=hosts, tls="none"))
    rider(["-i", f"a@dead.{zone.name}", f"b@nowhere.{zone.name}"]).must(68, "does not exist")
    assert s.message.to == [f"a@dead.{zone.name}"]


@real
def test_resolver_is_asked_and_nobody_else(rider, server, zone):
    s = server()
    zone.publish("mail.% A 127.0.0.1")
    keys = {"tls": "none", "port": s.port, "resolver": zone.dns.resolver}
    rider.configure(config(account(host=f"mail.{zone.name}", **keys)))
    rider(SEND).must_be_silent()
    rider.configure(config(account(host="localhost", **keys)))
    rider(SEND).must_be_silent()
    assert len(s.messages) == 2
    rider.configure(config(account(host=socket.gethostname().split(".")[0], **keys)))
    rider(SEND).must(75, "REFUSED")


@real
def test_S130_no_search_domain_and_no_alias(rider, server, zone):
    s = server()
    zone.publish("mail.% A 127.0.0.1")
    aliases = rider.write("aliases", f"mail mail.{zone.name}\n")
    env = {**rider.environment, "LOCALDOMAIN": zone.name, "HOSTALIASES": str(aliases)}
    rider.configure(config(account(host="mail", port=s.port, tls="none", resolver=zone.dns.resolver)))
    rider(SEND, env=env).must(75, "REFUSED")
    assert s.connections == []


def test_S128_a_resolver_that_is_not_there(rider):
    rider.configure(config(account(host="mail.test", tls="none", resolver="127.0.0.1:1")))
    began = time.monotonic()
    rider(SEND).must(75, "cannot look up", "127.0.0.1:1")
    assert time.monotonic() - began < 2


@real
def test_check_asks_all_servers_of_a_route(rider, server, zone):
    one, two = server(), server()
    zone.publish(f"_submission._tcp.% SRV 1 0 {one.port} mx1", f"_submission._tcp.% SRV 2 0 {two.port} mx1")
    keys = {"tls": "none", "resolver": zone.dns.resolver, "ip": "4"}
    rider.configure(config(account(host=f"srv:{zone.name}, mx, srv:none.plain.test", **keys)))
    run = rider(["--check"], name="postrider").must(68, "names no submission server")
    assert run.out.count("ready to send") == 2 and "host:        mx\nresult:      no server to ask" in run.out
    found = json.loads(rider(["--check", "--json"], name="postrider").out)
    assert [(one["server"], one["ready"]) for one in found["servers"]] == [
        (f"mx1.plain.test:{one.port}", True), (f"mx1.plain.test:{two.port}", True), ("mx", True),
        ("srv:none.plain.test", False)]
    assert found["server"] == f"mx1.plain.test:{one.port}"



# ---- LMTP ----

@real
@pytest.mark.parametrize("by", ["tcp", "unix"])
def test_lmtp_a_result_for_each(rider, dovecot, by):
    """bob's mailbox cannot be made, which Dovecot learns when it has the message; it does not know mallory."""
    (dovecot.folder / "mail/bob").touch()
    host = f"127.0.0.1:{dovecot.lmtp}" if by == "tcp" else f"unix:{dovecot.lmtp_socket}"
    tls = "none" if by == "tcp" else None
    rider.configure(config(account(host=host, protocol="lmtp", tls=tls), timeout="10"))
    subject = uuid.uuid4().hex
    rider(["-i", "alice@bed.test", "bob@bed.test"], f"Subject: {subject}\n\nx\n".encode()).must(
        75, "<bob@bed.test>", "accepted for the other 1 of 2")
    rider(["-i", "mallory@bed.test", "bob@bed.test"]).must(67, "RCPT TO:<mallory@bed.test>", "<bob@bed.test>")
    got = [f for f in (dovecot.folder / "mail/alice/new").iterdir() if subject in f.read_text()]
    assert len(got) == 1


def test_lmtp_names_each_who_is_refused(rider, server, tmp_path):
    """The server's words are the same for both, and do not say who is meant."""
    s = server(path=tmp_path / "lmtp", steps={"dot": replies("550 no", "250 ok", "550 no", "452 full")})
    rider.use(s, protocol="lmtp")
    run = rider(["-i", "a@x.test", "b@x.test", "c@x.test", "d@x.test"]).must(67, "other 1 of 4")
    assert [line for line in run.err.splitlines() if "end of the message for" in line] == [
        f"postrider: {tmp_path}/lmtp: the end of the message for <{who}@x.test>: {words}"
        for who, words in (("a", "550 no"), ("c", "550 no"), ("d", "452 full"))]


@real
def test_lmtp_next_host_for_those_left(rider, server, dovecot):
    s = server()
    (dovecot.folder / "mail/bob").touch()
    rider.configure(config(account(host=f"unix:{dovecot.lmtp_socket}", protocol="lmtp", fallback="relay"),
                           account(s, "relay", from_=None), timeout="10"))
    rider(["-i", "alice@bed.test", "bob@bed.test"]).must_be_silent()
    assert s.message.to == ["bob@bed.test"]
