"""A relay made of aiosmtpd.  usage: relay.py PORT FOLDER [SMTPUTF8] [CERTIFICATE KEY] < RULES
Rules are lines of "rcpt|data RECIPIENT TIMES REPLY": the first so many times that recipient is named, or their letter is in, it answers so. Letters it
takes become FOLDER/NUMBER.eml, with their envelope in X-lines before them. With a certificate, STARTTLS is demanded."""
import os
import ssl
import sys
import time
from aiosmtpd.controller import Controller

port, folder, *more = sys.argv[1:]
utf8 = "SMTPUTF8" in more
files = [word for word in more if word != "SMTPUTF8"]
rules = []
for line in sys.stdin.read().splitlines():
    stage, recipient, times, reply = line.split(" ", 3)
    rules.append([stage, recipient, int(times), reply])


def ruled(stage, recipient):
    for rule in rules:
        if rule[0] == stage and rule[1] == recipient and rule[2] > 0:
            rule[2] -= 1
            return rule[3]


class Handler:
    taken = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = ruled("rcpt", address)
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        reply = ruled("data", envelope.rcpt_tos[0])
        if reply is None:
            Handler.taken += 1
            name = f"{Handler.taken:05}.eml"
            with open(f"{folder}/.{name}", "wb") as file:
                head = f"X-To: {envelope.rcpt_tos[0]}\r\nX-From: {envelope.mail_from}\r\nX-Tls: {session.ssl is not None}\r\n"
                file.write(head.encode() + envelope.content)
            # Nobody sees half a letter.
            os.rename(f"{folder}/.{name}", f"{folder}/{name}")
        return reply or "250 2.0.0 taken"


context = None
if files:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
Controller(
    Handler(), hostname="127.0.0.1", port=int(port), enable_SMTPUTF8=utf8, tls_context=context, require_starttls=bool(files)
).start()
while True:
    time.sleep(3600)
