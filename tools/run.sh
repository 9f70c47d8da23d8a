#!/bin/sh
# The main job: a real stream decoded, explained, and written back octet for octet.
set -eu
subunit2="$BIN/subunit2"

say() { printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }

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
