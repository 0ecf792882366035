"""How fast is the client by itself? A server that reads every body and does nothing with it."""

from __future__ import annotations

import socket
import threading

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/dicom+json\r\n\r\n{}"
_PIECE = 1 << 20


def _serve(connection: socket.socket) -> None:
    """Answer one connection's requests until it closes."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waiting = b""
    while True:
        while b"\r\n\r\n" not in waiting:
            piece = connection.recv(_PIECE)
            if not piece:
                return
            waiting += piece
        head, _, body = waiting.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        left = length - len(body)
        while left > 0:
            left -= len(connection.recv(min(left, _PIECE)))
        waiting = b""
        connection.sendall(_ANSWER)


def main() -> None:
    """Listen on a free port of this machine, print it, and serve until ended."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
