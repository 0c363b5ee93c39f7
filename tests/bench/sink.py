"""A mail server that says yes to everything and keeps nothing, in a process of its own: `python -m tests.bench.sink`.

It prints its port. It does as little as SMTP allows, so that what is measured is who sends; a server that keeps its
mail is slower.
"""

from __future__ import annotations

import asyncio

END = b"\r\n.\r\n"
ANSWERS = {b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._buffer, self._in_data = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (at := self._buffer.find(END if self._in_data else b"\r\n")) >= 0:
            said, self._buffer = self._buffer[:at], self._buffer[at + (5 if self._in_data else 2) :]
            self._answer(b"" if self._in_data else said[:4].upper())

    def _answer(self, verb: bytes) -> None:
        self._in_data = verb == b"DATA"
        self._transport.write(ANSWERS.get(verb, b"250 OK\r\n"))
        if verb == b"QUIT":
            self._transport.close()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
