# SPDX-License-Identifier: GPL-3.0-or-later
"""DATA, BDAT and what comes after the last dot: S095 to S105."""
import pytest

from helpers import MAIL, YOU
from server import after, close, cut, default, drip, raw, replies, reply, reset, stall, wait

SEND = ["-i", YOU]
BIG = MAIL + (b"x" * 70 + b"\n") * 60000    # 4 MB: more than the kernel's buffers hold
CHUNKING = ["PIPELINING", "CHUNKING", "8BITMIME", "SIZE"]


@pytest.mark.parametrize("answer, rc", [
    ("451 4.3.0 later", 75), ("421 4.3.2 bye", 75), ("554 5.7.1 no", 69), ("550 5.7.1 no", 69),
    ("503 5.5.1 what", 69), ("552 5.3.4 too big", 69), ("452 4.3.1 disk full", 75),
    ("250 ok", 76), ("220 hello", 76), ("354-go\n250 on", 76), ("999 x", 76), ("gibberish", 76),
])
@pytest.mark.parametrize("keywords", [["PIPELINING"], []], ids=["pipelined", "lockstep"])
def test_S095_S096_data_refused(rider, server, answer, rc, keywords):
    s = server(keywords=keywords, steps={"data": answer})
    rider.use(s)
    rider(SEND).must(rc)
    assert "DATA" in s.verbs and s.messages == [] and b"A line." not in s.heard


AFTER_DOT = {
    "451": ("451 4.3.0 later", 75),
    "421": (reply("421 4.3.2 bye") + close(), 75),
    "452": ("452 4.3.1 disk full", 75),
    "554": ("554 5.7.1 spam", 69),
    "550": ("550 5.7.1 spam", 69),
    "552": ("552 5.3.4 too big", 69),
    "553": ("553 5.6.0 no", 69),
    "many lines": ("554-5.7.1 this\n554-5.7.1 looks\n554 5.7.1 like spam", 69),
    "354": ("354 go on", 76),
    "999": ("999 what", 76),
    "gibberish": ("gibberish", 76),
    "S015 250 then 554": ("250-ok\n554 no", 76),
    "S015 554 then 250": ("554-no\n250 ok", 76),
    "no blank": ("250ok", 76),
    "S102 closed": (close(), 75),
    "S102 reset": (reset(), 75),
    "S102 half a reply": (raw(b"250 o") + close(), 75),
    "S102 half of many lines": (raw(b"250-ok\r\n") + close(), 75),
    "S102 no line end": (raw(b"250 ok") + stall(), 75),
    "S102 silence": (stall(), 75),
}


@pytest.mark.parametrize("name", AFTER_DOT)
@pytest.mark.parametrize("keywords, step", [(["PIPELINING"], "dot"), (CHUNKING, "bdat")], ids=["DATA", "BDAT"])
def test_S101_after_the_dot(rider, server, name, keywords, step):
    answer, rc = AFTER_DOT[name]
    s = server(keywords=keywords, steps={step: answer})
    rider.use(s, timeout="1")
    run = rider(SEND).must(rc)
    assert run.seconds < 3 and len(s.connections) == 1, "must not be sent twice"
    if isinstance(answer, str) and rc != 76:
        assert answer.split("\n")[-1][-4:] in run.err, run


def test_S102_says_that_it_may_be_there(rider, server):
    s = server(steps={"dot": close()})
    rider.use(s)
    run = rider(SEND).must(75)
    assert any(w in run.err.lower() for w in ("duplicat", "may have", "twice", "may be")), run


SUCCESS = {
    "plain": default(),
    "S103 closed": default() + close(),
    "S103 cut": default() + cut(),
    "S103 reset": default() + wait(0.1) + reset(),
    "no text": raw(b"250\r\n"),
    "bare LF": raw(b"250 ok\n"),
    "many lines": reply("250-2.0.0 ok\n250 2.0.0 queued"),
    "251": reply("251 ok"),
    "slow": drip("250 ok", every=0.02),
    "late": wait(0.6) + default(),
}


@pytest.mark.parametrize("name", SUCCESS)
def test_S103_success(rider, server, name):
    s = server(steps={"dot": SUCCESS[name]})
    rider.use(s)
    rider(SEND).must_be_silent()
    assert len(s.messages) == 1 and len(s.connections) == 1


@pytest.mark.parametrize("quit_", [close(), reset(), stall(), reply("500 what"), reply("421 bye"), b"gibberish\r\n",
                                   replies("221 bye", "221 again")],
                         ids=["close", "reset", "silence", "500", "421", "gibberish", "two"])
def test_S103_what_quit_says_does_not_matter(rider, server, quit_):
    s = server(steps={"quit": quit_})
    rider.use(s)
    run = rider(SEND).must_be_silent()
    assert run.seconds < 6 and len(s.messages) == 1


# What follows 354 in the same breath, before we sent anything.
@pytest.mark.parametrize("early", [b"250 ok\r\n", b"554 no\r\n", b"2", b"250-x\r\n"], ids=repr)
@pytest.mark.parametrize("mail", [MAIL, BIG], ids=["small", "big"])
def test_S100_answer_before_the_dot(rider, server, early, mail):
    s = server(steps={"data": reply("354 go") + early + wait(0.2), "dot": "554 5.6.0 lost"}, strict=False)
    rider.use(s)
    run = rider(SEND, mail)
    assert run.rc != 0 and run.err, run
    assert s.messages == []


def test_S100_success_in_the_middle_of_the_data(rider, server):
    s = server(steps={"body": after(100000, reply("250 ok")), "dot": "554 5.6.0 lost"}, strict=False)
    rider.use(s)
    run = rider(SEND, BIG)
    assert run.rc != 0 and "DATA" in s.verbs, run


@pytest.mark.parametrize("answer, rc", [("554 5.7.1 spam", 69), ("452 4.3.1 disk full", 75), ("421 4.3.2 bye", 75)])
def test_S097_refused_in_the_middle_then_closed(rider, server, answer, rc):
    """The server's words, not 'broken pipe'."""
    s = server(steps={"body": after(100000, reply(answer) + close())})
    rider.use(s)
    rider(SEND, BIG).must(rc, answer)
    assert s.messages == []


@pytest.mark.parametrize("end", [close(), reset(), cut()], ids=["close", "reset", "cut"])
@pytest.mark.parametrize("keywords", [["PIPELINING"], CHUNKING], ids=["DATA", "BDAT"])
@pytest.mark.parametrize("tls", ["", "implicit"])
def test_S098_broken_off_in_the_middle(rider, server, certs, end, keywords, tls):
    s = server(keywords=keywords, tls=tls, steps={"body": after(100000, end)})
    rider.use(s, **({"tls_ca": certs.ca} if tls else {}))
    run = rider(SEND, BIG).must(75)
    assert run.seconds < 5 and s.messages == [] and len(s.connections) == 1
    assert s.connection.gone == "closed" or b"\r\n.\r\n" not in s.heard, "no dot after a reset"


@pytest.mark.parametrize("keywords", [["PIPELINING"], CHUNKING], ids=["DATA", "BDAT"])
def test_S099_server_reads_no_more(rider, server, keywords):
    s = server(keywords=keywords, steps={"body": after(0, stall())}, receive_buffer=4096)
    rider.use(s, timeout="1")
    run = rider(SEND, BIG * 2).must(75)
    assert 0.9 < run.seconds < 5, run


@pytest.mark.parametrize("mail", [MAIL, BIG], ids=["small", "big"])
@pytest.mark.parametrize("answer, rc", [("554 5.7.1 no", 69), ("451 4.3.0 later", 75), ("503 5.5.1 what", 69)])
def test_S104_chunk_refused(rider, server, mail, answer, rc):
    s = server(keywords=CHUNKING, steps={"bdat": answer})
    rider.use(s)
    rider(SEND, mail).must(rc, answer)
    assert s.messages == []


@pytest.mark.parametrize("keywords, most", [(CHUNKING, 8), (CHUNKING[1:], 1)], ids=["pipelined", "lockstep"])
def test_S104_no_chunk_follows_a_refused_one(rider, server, keywords, most):
    """Of 17. Pipelined, as much may be under way by then as the kernel's buffers hold."""
    s = server(keywords=keywords, receive_buffer=4096, strict=False,
               steps={"bdat:1": "552 5.3.4 enough", "bdat": "503 5.5.1 after a refused chunk"})
    rider.use(s)
    rider(SEND, BIG * 4).must(69, "552 5.3.4 enough")
    assert 1 <= s.verbs.count("BDAT") <= most and "LAST" not in " ".join(s.commands).upper()


@pytest.mark.parametrize("mail", [MAIL, BIG], ids=["small", "big"])
def test_bdat(rider, server, mail):
    s = server(keywords=CHUNKING)
    rider.use(s)
    rider(SEND, mail).must_be_silent()
    assert s.message.command == "BDAT"
    assert s.message.body == mail.split(b"\n\n", 1)[1].replace(b"\n", b"\r\n")


@pytest.mark.parametrize("tls", ["", "implicit"])
@pytest.mark.parametrize("keywords", [["PIPELINING"], []], ids=["pipelined", "lockstep"])
def test_large_message_comes_whole(rider, server, certs, tls, keywords):
    s = server(keywords=keywords, tls=tls)
    rider.use(s, **({"tls_ca": certs.ca} if tls else {}))
    rider(SEND, BIG).must_be_silent()
    assert s.message.body == BIG.split(b"\n\n", 1)[1].replace(b"\n", b"\r\n")
