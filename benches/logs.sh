#!/usr/bin/env bash
# Writes an access log of a paper's day in the combined format: GIGABYTES of lines up to now, 20 % of them pages, 30 % of them crawlers, and beside
# it `FILE.stories`, the paths of today's 60 stories. 300 MB are invented, then repeated with their times moved. Needs Python 3.
#   usage: benches/logs.sh FILE [GIGABYTES]
# To measure, read it with `readership::read_log` and a window of a day; for scale: `wc -l`, `rg -c xyzzy`, `goaccess --log-format=COMBINED`.
set -euo pipefail
exec python3 - "$1" "${2:-3}" <<'PYTHON'
import random, sys, time
name, size = sys.argv[1], float(sys.argv[2]) * 1e9
pick = random.Random(1)
word = lambda: pick.choice("ferry fares harbour council budget strike school storm rail vote river bridge market court police theatre".split())
slug = lambda: "-".join(word() for _ in range(6)) + "-" + str(pick.randrange(10**6))
stories = [f"/{pick.choice(['news', 'sport', 'culture', 'business'])}/2026/11/23/{slug()}" for _ in range(60)]
old = [f"/news/20{pick.randrange(10, 26)}/0{pick.randrange(1, 9)}/1{pick.randrange(9)}/{slug()}" for _ in range(20000)]
assets = [f"/static/{pick.randrange(2000)}/{slug()}.{pick.choice(['js', 'css', 'woff2', 'svg'])}" for _ in range(3000)]
images = [f"/images/{slug()}/{pick.choice([320, 640, 1280])}.{pick.choice(['jpg', 'webp', 'avif'])}" for _ in range(40000)]
people = [f"Mozilla/5.0 ({pick.choice(['Windows NT 10.0; Win64; x64', 'Macintosh; Intel Mac OS X 10_15_7', 'Linux; Android 14; SM-S911B', 'iPhone; CPU iPhone OS 18_1 like Mac OS X'])}) "
          f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{pick.randrange(90, 143)}.0.{pick.randrange(7000)}.{pick.randrange(200)} Safari/537.36" for _ in range(400)]
robots = [f"Mozilla/5.0 (compatible; {bot}/{pick.randrange(9)}.{pick.randrange(9)}; +http://{bot.lower()}.example/bot.html)" for bot in
          ("Googlebot", "bingbot", "AhrefsBot", "SemrushBot", "GPTBot", "PetalBot", "YandexBot", "Amazonbot") for _ in range(5)]
addresses = [f"{pick.randrange(1, 223)}.{pick.randrange(256)}.{pick.randrange(256)}.{pick.randrange(1, 255)}" for _ in range(200000)]
rank = [int(len(stories) * pick.random() ** 3) for _ in range(100000)]
lines, total, line = [], 0, 0
while total < min(size, 300e6):
    bot, dice = pick.random() < .3, pick.random()
    if dice < .12:
        target = stories[pick.choice(rank)] + pick.choice(["", "", "", "/", "?utm_source=x&utm_medium=social", "?fbclid=" + hex(pick.getrandbits(128))])
    elif dice < .20:
        target = pick.choice(["/", "/news", "/sport", f"/search?q={word()}", pick.choice(old), pick.choice(old)])
    else:
        target = pick.choice(assets) if dice < .55 else pick.choice(images) + pick.choice(["", "?v=" + str(pick.randrange(10**9))])
    status = pick.choice([200] * 12 + [304, 301, 404, 206])
    method = "GET" if pick.random() < .97 else "POST"
    agent = pick.choice(robots if bot else people)
    referer = pick.choice(["-", "https://www.example.com/", "https://www.google.com/", "https://www.example.com" + pick.choice(stories)])
    text = f'{pick.choice(addresses)} - - [23/Nov/2026:%s +0000] "{method} {target} HTTP/{pick.choice(["1.1", "2.0"])}" {status} {pick.randrange(200, 90000)} "{referer}" "{agent}"\n'
    lines.append(text.replace("%", "%%").replace("%%s", "%s", 1))
    total += len(text) + 6
open(name + ".stories", "w").write("".join(story + "\n" for story in stories))
copies = max(1, round(size / total))
seconds = 86000 / copies / len(lines)
with open(name, "wb") as out:
    for copy in range(copies):
        clock = [time.strftime("%H:%M:%S", time.gmtime(int((copy * len(lines) + at) * seconds))) for at in range(0, len(lines), 64)]
        out.write("".join(text % clock[at // 64] for at, text in enumerate(lines)).encode())
PYTHON
