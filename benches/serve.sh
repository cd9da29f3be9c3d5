#!/usr/bin/env bash
# Readers' pages under wrk, on a ledger of an edition really sent (to Postfix's smtp-sink): the archive, the preferences of another reader each time,
# and a one-click POST of another reader each time. LIST=ledger keeps the readers in the ledger. Needs Postfix, wrk, curl and Python 3 (Debian: postfix wrk curl python3).   usage: benches/serve.sh [SUBSCRIBERS [SECONDS]]
set -euo pipefail
cd "$(dirname "$0")/.."
subscribers=${1:-100000} seconds=${2:-4} port=${PORT:-42625} host=news.harbourtimes.example
bench=$PWD/benches
. benches/program.sh
room=$(mktemp -d)
trap 'kill $sink $serve 2>/dev/null; rm -rf "$room"' EXIT
serve=
setsid smtp-sink $([ "$(id -u)" = 0 ] && echo -u nobody) 127.0.0.1:"$port" 1000 & sink=$!
until (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; do sleep 0.1; done
cd "$room"
"$program" -q init . >/dev/null
sed -i '/^\[relay\]/,/^$/d' newsdigest.toml
printf '[relay]\nhost = "127.0.0.1"\nport = %s\nsecurity = "none"\n[public]\nurl = "https://%s/"\nlisten = "127.0.0.1:%s"\n' "$port" "$host" $((port + 1)) >>newsdigest.toml
seq "$subscribers" | awk '{ printf "[[subscriber]]\nemail = \"reader%d@example.org\"\n\n", $1 }' >subscribers.toml
[ "${LIST:-file}" = ledger ] && "$program" subscribers move --to ledger
"$program" -q send
# The links of all letters; an edition's readers are numbered from 1.
python3 "$bench/tokens.py" harbour "$subscribers" >tokens
cat >leave.lua <<'LUA'
local tokens, threads = {}, 0
for line in io.lines("tokens") do tokens[#tokens + 1] = line end
function setup(thread) thread:set("first", threads * math.floor(#tokens / 2)); threads = threads + 1 end
function init() at = first end
function request()
  at = at + 1
  return wrk.format("POST", "/leave/" .. tokens[(at - 1) % #tokens + 1], nil, "List-Unsubscribe=One-Click")
end
wrk.headers["Host"] = "news.harbourtimes.example"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
LUA
# Each from a client of its own, as a proxy here tells it: one client may ask for thirty such pages a minute.
sed -e 's/return .*/wrk.headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255), math.random(1, 254))\
  return wrk.format("GET", "\/preferences\/" .. tokens[(at * 7919) % #tokens + 1])/' leave.lua >preferences.lua
"$program" -q serve >/dev/null & serve=$!
base=http://127.0.0.1:$((port + 1))
until curl -s -o /dev/null "$base/healthz"; do sleep 0.1; done
edition=$(basename editions/*.toml .toml)
# The first to look after the subscribers file was changed waits until it has been read.
first=$(curl -s -o /dev/null -w '%{time_total}' -H "Host: $host" "$base/preferences/$(head -1 tokens)")
echo "preferences, the first: $first s"
echo "preferences, 20 connections"
wrk -t2 -c20 -d"${seconds}s" --latency -s preferences.lua "$base/" | grep -E "99%|Requests/sec|Non-2xx" || true
for connections in 20 50; do
    echo "an edition of the archive, $connections connections"
    wrk -t2 -c$connections -d"${seconds}s" --latency -H "Host: $host" "$base/editions/$edition" | grep -E "99%|Requests/sec|Non-2xx" || true
    echo "one-click POST, $connections connections"
    wrk -t2 -c$connections -d"${seconds}s" --latency -s leave.lua "$base/" | grep -E "99%|Requests/sec|Non-2xx" || true
done
echo "on the suppression list: $("$program" -q suppress --list | wc -l); peak memory: $(awk '/VmHWM/ { print $2 }' /proc/$serve/status) kB"
