"""The tokens of readers' links, made as src/model/token.rs makes them: `tokens.py NEWSLETTER READERS`, in a newsroom with its `secret.key`."""
import base64, hashlib, hmac, sys

key = bytes.fromhex(next(line for line in open("secret.key") if line[0] != "#").split()[1])
newsletter = sys.argv[1].encode()


def number(n):
    more = b""
    while n >= 0x80:
        more, n = more + bytes([n & 0x7F | 0x80]), n >> 7
    return more + bytes([n])


for reader in range(1, int(sys.argv[2]) + 1):
    said = bytes([0x11, 1]) + number(reader) + number(0)
    seal = hmac.new(key, b"newsdigest token\0" + newsletter + b"\0" + said, hashlib.sha256).digest()[:16]
    print(base64.b32encode(said + seal).decode().lower().rstrip("="))
