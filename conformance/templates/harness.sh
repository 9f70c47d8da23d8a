#!/bin/sh
# A harness for a subunit v2 reader in POSIX sh (with mktemp). Copy it, and put your reader in.
#
# 1. Replace what stands under YOUR READER GOES HERE, and YOUR WRITER where you have one.
# 2. subunit2 conformance run --session 'sh harness.sh'
# As it stands, the reader is the command in SUBUNIT2_DECODER (`subunit2 decode`), which gets the
# stream on standard input. A shell reads octet by octet: give the large cases to a decoder as a
# filter instead (`run --decoder CMD`), which needs no harness at all. The requests: HARNESS.md.
LC_ALL=C
export LC_ALL

# "live" is false where items come when the stream has ended; there may be a "writer", too.
hello='"name":"sh-template","version":"1.0","language":"sh"'
hello=$hello',"profiles":["packet","stream","recovery"],"live":false'

# YOUR READER GOES HERE: a stream on standard input to its items, which are JSON objects in the form
# of item.schema.json, one a line; offset, length and raw may be left out.
# Exit status 0: done; 77: it does not have that; anything else: it failed.
decode() {
    sh -c "${SUBUNIT2_DECODER:-subunit2 decode}"
}

# YOUR WRITER GOES HERE: $1, an object of the same form, to octets on standard output. Exit status
# 77: it does not have that; anything else but 0: refused. With $2, the content may be larger than
# a packet: all packets that it takes.
encode() {
    return 77
}

# What follows is the session, and can stay as it is. Requests are written without spaces, in ASCII,
# keys in a fixed order: they are picked apart by plain patterns.

stream=$(mktemp) && result=$(mktemp) || exit
trap 'rm -f "$stream" "$result"' EXIT

# Hex to octets, 2,000 at a time: an argument of printf should not be too long.
octets() {
    printf '%s\n' "$1" | fold -w 4000 | while read -r hex; do
        printf "$(printf '%s\n' "$hex" | awk '{
            for (at = 1; at < length($0); at += 2) {
                high = index("0123456789abcdef", substr($0, at, 1)) - 1
                low = index("0123456789abcdef", substr($0, at + 1, 1)) - 1
                printf "\\%03o", 16 * high + low
            }
        }')"
    done
}

# The rest of the answer, by the exit status of what was asked.
reply() {
    case $1 in
    0) printf '%s' "$2" ;;
    77) printf '"unsupported":"this harness does not have that"' ;;
    *) printf '%s' "$3" ;;
    esac
}

while read -r request; do
    id=${request#*:}
    printf '{"id":%s' "${id%%,*}"
    case $request in
    *',"op":"hello",'*) printf ',%s' "$hello" ;;
    *',"op":"open"}') : >"$stream" ;;
    *',"op":"feed","bytes":"'*)
        hex=${request#*bytes\":\"}
        octets "${hex%%\"*}" >>"$stream"
        printf ',"items":[]' ;;
    *',"op":"close"}')
        decode <"$stream" >"$result"
        status=$?
        printf ,
        reply $status "\"items\":[$(paste -sd , "$result")]" "\"error\":\"exit status $status\"" ;;
    *',"op":"encode","packet":'*)
        packet=${request#*,\"packet\":}
        packet=${packet%\}} split=
        case $packet in *'},"split":true') packet=${packet%,*} split=yes ;; esac
        encode "$packet" $split >"$result"
        status=$?
        printf ,
        reply $status "\"bytes\":\"$(od -An -v -tx1 "$result" | tr -d ' \n')\"" '"refused":true' ;;
    *',"op":"bye"}') ;;
    *) printf ',"unsupported":"this harness does not have that"' ;;
    esac
    printf '}\n'
done
