#!/usr/bin/env python3
"""A relay that answers every turn late, as one on another continent does; it takes everything.   usage: late_relay.py [PORT [MILLISECONDS]]"""
import asyncio
import sys

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 42526
LATE = float(sys.argv[2] if len(sys.argv) > 2 else 20) / 1000


class Relay(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer, self.in_letter = transport, b"", False
        transport.write(b"220 late ESMTP\r\n")

    def data_received(self, data):
        self.buffer += data
        answers = []
        while True:
            end, mark = (b"\r\n.\r\n", 5) if self.in_letter else (b"\r\n", 2)
            at = self.buffer.find(end)
            if at < 0:
                break
            line, self.buffer = self.buffer[:at], self.buffer[at + mark :]
            if self.in_letter:
                self.in_letter = False
                answers.append(b"250 2.0.0 taken")
            elif line[:4].upper() == b"EHLO":
                answers.append(b"250-late\r\n250 PIPELINING")
            elif line[:4].upper() == b"DATA":
                self.in_letter = True
                answers.append(b"354 go on")
            elif line[:4].upper() == b"QUIT":
                answers.append(b"221 bye")
            else:
                answers.append(b"250 ok")
        if answers:
            said = b"".join(answer + b"\r\n" for answer in answers)
            asyncio.get_running_loop().call_later(LATE, self.transport.write, said)


async def main():
    server = await asyncio.get_running_loop().create_server(Relay, "127.0.0.1", PORT)
    async with server:
        await server.serve_forever()


asyncio.run(main())
