#!/bin/sh
# The main job: a real stream decoded, explained, and written back octet for octet.
set -eu
subunit2="$BIN/subunit2"

if [ -t 1 ]; then bold=$(printf '\033[1m'); plain=$(printf '\033[0m'); else bold=; plain=; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

say "A real test run whose tests print Latin-1: $STREAM"
say "\$ subunit2 inspect --damage $STREAM"
"$subunit2" inspect --damage "$STREAM"

say "\$ subunit2 decode $STREAM | tail -n 4"
"$subunit2" decode "$STREAM" | tail -n 4

say "\$ subunit2 decode STREAM | subunit2 encode | cmp - STREAM"
streams=0
for stream in conformance/captures/*.subunit; do
    "$subunit2" decode "$stream" | "$subunit2" encode | cmp - "$stream"
    streams=$((streams + 1))
done
echo "$streams streams of real tools, damaged and noisy ones among them: each came back octet for octet."
