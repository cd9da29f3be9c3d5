#!/usr/bin/env python3
"""Events of providers under wrk: batches of 100 signed as SendGrid signs them, and single ones signed as SNS signs, each about another reader of an edition really sent
(to Postfix's smtp-sink). Needs Postfix, wrk and Python's cryptography.   usage: benches/events.py PROGRAM [SECONDS [READERS]]"""
import base64, datetime, json, os, pathlib, re, socket, ssl, subprocess, sys, tempfile, threading, time
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

program, seconds, readers = sys.argv[1], int((sys.argv + ["", "5"])[2] or 5) if len(sys.argv) > 2 else 5, int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
port, host, amazon = 42725, "news.harbourtimes.example", "sns.eu-west-1.amazonaws.com"
topic = "arn:aws:sns:eu-west-1:123456789012:bounces"
room = pathlib.Path(tempfile.mkdtemp())
now = int(time.time())

def certificate(name, key):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=30))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

signs, tls = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
shown = certificate("sns.amazonaws.com", signs)
(room / "tls.pem").write_bytes(pem(tls) + certificate(amazon, tls))

def proxy(listener):
    """Amazon: gives the certificate, whatever is asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(room / "tls.pem")
    while True:
        stream, _ = listener.accept()
        stream.recv(4096)
        stream.sendall(b"HTTP/1.1 200 ok\r\n\r\n")
        with context.wrap_socket(stream, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(b"HTTP/1.1 200 ok\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(shown), shown))

listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=proxy, args=[listener], daemon=True).start()

event_key = ec.generate_private_key(ec.SECP256R1())
sink = subprocess.Popen(["smtp-sink", *(["-u", "nobody"] if os.getuid() == 0 else []), f"127.0.0.1:{port}", "1000"], env={"PATH": "/usr/sbin:/usr/bin:/bin"})
serve = None
try:
    time.sleep(1)
    run = lambda *words: subprocess.run([program, "-q", *words], cwd=room, check=True, capture_output=True, text=True).stdout
    run("init", ".")
    config = re.sub(r"(?ms)^\[relay\].*?(?=^\[|\Z)", "", (room / "newsdigest.toml").read_text())
    public = event_key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    (room / "sendgrid.key").write_bytes(base64.b64encode(public))
    (room / "sendgrid.key").chmod(0o600)
    config += f'\n[relay]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n[public]\nurl = "https://{host}/"\nlisten = "127.0.0.1:{port + 1}"\n'
    config += f'[[events]]\nfrom = "sendgrid"\nkey_file = "sendgrid.key"\n[[events]]\nfrom = "ses"\ntopics = ["{topic}"]\n'
    (room / "newsdigest.toml").write_text(config)
    (room / "subscribers.toml").write_text("".join(f'[[subscriber]]\nemail = "reader{n}@example.org"\n\n' for n in range(readers)))
    run("send", "--yes")
    paths = {row["from"]: row["address"].removeprefix(f"https://{host}") for row in json.loads(run("--json", "events"))}
    # Each event is new: soft ones and complaints of readers who were not told of before.
    with open(room / "sendgrid", "w") as file:
        for first in range(0, readers, 100):
            body = json.dumps([{"email": f"reader{n}@example.org", "timestamp": now, "event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 user unknown",
                "sg_event_id": f"sg-{n}", "smtp-id": "<x@harbourtimes.example>"} for n in range(first, first + 100)], separators=(",", ":"))
            signature = base64.b64encode(event_key.sign(f"{now}{body}".encode(), ec.ECDSA(hashes.SHA256()))).decode()
            file.write(f"{signature}\t{body}\n")
    stamp = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with open(room / "ses", "w") as file:
        for n in range(min(readers, 20_000)):
            message = json.dumps({"eventType": "Bounce", "mail": {"messageId": "m", "source": "a@b.example"}, "bounce": {"feedbackId": f"f{n}", "bounceType": "Transient", "timestamp": stamp,
                "bouncedRecipients": [{"emailAddress": f"reader{n}@example.org", "status": "5.2.2", "diagnosticCode": "smtp; 552 5.2.2 over quota"}]}}, separators=(",", ":"))
            envelope = {"Type": "Notification", "MessageId": f"m{n}", "TopicArn": topic, "Message": message, "Timestamp": stamp, "SignatureVersion": "2",
                "SigningCertURL": f"https://{amazon}/SimpleNotificationService-a.pem"}
            signed = "".join(f"{name}\n{envelope[name]}\n" for name in ["Message", "MessageId", "Timestamp", "TopicArn", "Type"])
            envelope["Signature"] = base64.b64encode(signs.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
            file.write(f"\t{json.dumps(envelope, separators=(',', ':'))}\n")
    environment = {**os.environ, "HTTPS_PROXY": f"http://127.0.0.1:{listener.getsockname()[1]}", "SSL_CERT_FILE": str(room / "tls.pem")}
    serve = subprocess.Popen([program, "-q", "serve"], cwd=room, env=environment, stdout=subprocess.PIPE, text=True)
    serve.stdout.readline()
    for provider, connections in [("sendgrid", 1), ("ses", 16)]:
        (room / "post.lua").write_text(f"""
local all, at = {{}}, 0
function init()
  for line in io.lines("{room}/{provider}") do
    local signature, body = line:match("^(.-)\\t(.*)$")
    all[#all + 1] = wrk.format("POST", "{paths[provider]}", {{ ["Host"] = "{host}", ["X-Twilio-Email-Event-Webhook-Signature"] = signature,
      ["X-Twilio-Email-Event-Webhook-Timestamp"] = "{now}" }}, body)
  end
end
function request() at = at + 1; return all[at] or all[#all] end
""")
        told = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(room / "post.lua"), f"http://127.0.0.1:{port + 1}/"], capture_output=True, text=True).stdout
        metrics = subprocess.run(["curl", "-s", f"http://127.0.0.1:{port + 1}/metrics"], capture_output=True, text=True).stdout
        counts = dict(re.findall(rf'newsdigest_events_total\{{from="{provider}",what="(\w+)"\}} (\d+)', metrics))
        print(provider, re.findall(r"(?:99%|Requests/sec:|Non-2xx[^\n]*?)\s+\S+", told), {k: v for k, v in counts.items() if v != "0"}, f"{int(counts['noted']) / seconds:.0f} noted a second")
    print("peak memory:", re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{serve.pid}/status").read_text())[1], "kB")
finally:
    sink.terminate()
    if serve:
        serve.terminate()
        serve.wait()
    subprocess.run(["rm", "-rf", str(room)])
