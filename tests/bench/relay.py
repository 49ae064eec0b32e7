# SPDX-License-Identifier: GPL-3.0-or-later
"""A longer way to a server on loopback."""
import queue
import socket
import threading
import time


class Way:
    """One direction of a connection: what comes in goes out `delay` later, and nothing before `opens`."""

    def __init__(self, source, target, delay, opens, tell=lambda: None, told=lambda: None):
        self.source, self.target, self.delay, self.opens = source, target, delay, opens
        self.tell, self.told = tell, told
        self.held = queue.SimpleQueue()
        for work in (self.take, self.give):
            threading.Thread(target=work, daemon=True).start()

    def take(self):
        data = b"x"
        while data:
            try:
                data = self.source.recv(1 << 18)
            except OSError:
                data = b""
            if data:
                self.tell()
            self.held.put((max(time.monotonic(), self.opens) + self.delay, data))

    def give(self):
        while True:
            due, data = self.held.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if not data:
                    return self.target.shutdown(socket.SHUT_WR)
                self.told()
                self.target.sendall(data)
            except OSError:
                return None


class Relay:
    """Stands in front of the server at `port`, `rtt` seconds away from its clients.

    `trips` is how often the client of the last connection waited: once to connect, and each time that the server
    answered. What reaches a client sooner than `rtt` after its words is no answer to them.
    """

    def __init__(self, port, rtt):
        self.server, self.rtt = ("127.0.0.1", port), rtt
        self.trips = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        """Here connecting takes no time; on a real way the client may speak after one round trip, and the server
        after one and a half."""
        opens = time.monotonic() + self.rtt
        self.trips, self.asked = 1, time.monotonic()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = socket.create_connection(self.server)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Way(client, server, self.rtt / 2, opens, tell=self.client_spoke)
        Way(server, client, self.rtt / 2, opens + self.rtt / 2, told=self.server_spoke)

    def client_spoke(self):
        self.asked = self.asked or time.monotonic()

    def server_spoke(self):
        if self.asked and time.monotonic() - self.asked > 0.9 * self.rtt:
            self.trips += 1
            self.asked = None
