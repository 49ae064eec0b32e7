# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever takes connections on a free port of this host while it is entered, each in a thread of its own."""
from __future__ import annotations

import socket
import threading


class Acceptor:
    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """The whole of one conversation, in its thread."""
        raise NotImplementedError
