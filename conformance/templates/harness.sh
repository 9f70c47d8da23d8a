#!/bin/sh
# A harness for a subunit v2 reader in POSIX sh (with mktemp). Copy it, and add your reader.
#
# 1. Replace the code under YOUR READER GOES HERE, and under YOUR WRITER if you have one.
# 2. subunit2 conformance run --session 'sh harness.sh'
# Until then, the reader is the command in SUBUNIT2_DECODER (`subunit2 decode`), which reads the
# stream on standard input. A shell reads octet by octet: run the large cases with a filter
# instead (`run --decoder CMD`), which needs no harness. HARNESS.md describes the requests.
LC_ALL=C
export LC_ALL

# "live" is false if items are returned only at the end; a "writer" is a profile, too.
hello='"name":"sh-template","version":"1.0","language":"sh"'
hello=$hello',"profiles":["packet","stream","recovery"],"live":false'

# YOUR READER GOES HERE: read a stream on standard input, and write its items as JSON objects in the
# form of item.schema.json, one a line; offset, length and raw are optional.
# Exit status 0: done; 77: not supported; any other: the reader failed.
decode() {
    sh -c "${SUBUNIT2_DECODER:-subunit2 decode}"
}

# YOUR WRITER GOES HERE: write $1, an object of the same form, as octets on standard output. Exit
# status 77: not supported; any other but 0: refused. With $2, the content may be larger than a
# packet, and is split into several packets.
encode() {
    return 77
}

# The session follows, and needs no change. Requests are ASCII without spaces, with keys in a fixed
# order, so plain patterns can parse them.

stream=$(mktemp) && result=$(mktemp) || exit
trap 'rm -f "$stream" "$result"' EXIT

# Hex to octets, 2,000 at a time: the argument of printf must not be too long.
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

# The rest of the answer, by the exit status of the reader or writer.
reply() {
    case $1 in
    0) printf '%s' "$2" ;;
    77) printf '"unsupported":"this harness does not support it"' ;;
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
    *',"op":"encode",'*)
        packet=${request#*,\"packet\":}
        packet=${packet%\}} split=
        case $packet in *'},"split":true') packet=${packet%,*} split=yes ;; esac
        encode "$packet" $split >"$result"
        status=$?
        printf ,
        reply $status "\"bytes\":\"$(od -An -v -tx1 "$result" | tr -d ' \n')\"" '"refused":true' ;;
    *',"op":"bye"}') ;;
    *) printf ',"unsupported":"this harness does not support it"' ;;
    esac
    printf '}\n'
done
