"""Verifies every DKIM signature of the letter on standard input with dkimpy, which takes its DNS records from the file given: a name, a tab and
the text on each line. Prints one line a signature: its algorithm, its selector, and `good` or `bad`."""
import sys
import dkim

records = dict(line.split("\t", 1) for line in open(sys.argv[1], encoding="ascii").read().splitlines())
letter = sys.stdin.buffer.read()


def lookup(name, timeout=5):
    return records[name.decode().rstrip(".")].encode()


count = sum(name.lower() == b"dkim-signature" for name, _ in dkim.rfc822_parse(letter)[0])
for index in range(count):
    check = dkim.DKIM(letter, minkey=2048)
    try:
        verdict = "good" if check.verify(idx=index, dnsfunc=lookup) else "bad"
    except dkim.DKIMException as error:
        verdict = f"bad: {error}"
    fields = check.signature_fields
    print(fields[b"a"].decode(), fields[b"s"].decode(), verdict)
