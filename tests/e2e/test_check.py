# SPDX-License-Identifier: GPL-3.0-or-later
"""`--check`, apart from what it shares with sending."""
import json

from helpers import account, config
from test_routes import dead_port


def checked(rider, rc: int) -> dict:
    """What --check --json says: one object, on one line."""
    run = rider(["--check", "--json"], name="postrider").must(rc)
    assert run.err == "" and run.out.count("\n") == 1 and run.out.endswith("}\n")
    found = json.loads(run.out)
    assert list(found)[:3] == ["account", "server", "ready"] and list(found)[-1] == "servers"
    decides = {key: value for key, value in found.items() if key not in ("account", "servers")}
    assert decides in found["servers"]
    return found


def test_check_with_json_is_one_object(rider, server, tmp_path):
    s, dead, other = server(keywords=["PIPELINING", "SIZE 1000"]), dead_port(), dead_port()
    good, bad, worse = (f"127.0.0.1:{port}" for port in (s.port, dead, other))
    folder = f"maildir:{tmp_path}/mail"
    ready = {"server": good, "ready": True, "tls": None, "auth": None, "size_limit": 1000, "offers": ["PIPELINING"]}
    for hosts, decides, rc in (([good], 0, 0), ([bad], 0, 75), ([bad, good], 1, 75), ([bad, worse], 1, 75),
                               ([good, bad], 0, 75), ([good, folder], 0, 0), ([folder, good], 0, 0)):
        rider.configure(config(account(host=", ".join(hosts), tls="none")))
        found = checked(rider, rc)
        assert [one["server"] for one in found["servers"]] == hosts
        assert found["server"] == hosts[decides]
        for one in found["servers"]:
            assert one["ready"] == (one["server"] in (good, folder))
            assert one["server"] != good or one == ready
            assert one["ready"] or ("refused" in one["error"] and one["hint"] and one["exit"] == 75)


def test_check_names_a_folder_as_it_is_written(rider):
    rider.configure(config(account(host="maildir:~/mail")))
    run = rider(["--check"], name="postrider").must(0)
    assert "host:        maildir:~/mail\n" in run.out and run.err == ""
