#!/bin/sh
# A complete subunit v2 emitter in POSIX sh, with gzip for the checksum: it reads items as JSON
# Lines (item.schema.json), without spaces, on standard input, and writes packets. It exits with 1
# if a packet cannot be written, with 77 for another item, or one that takes a shell too long.
export LC_ALL=C
statuses=' exists inprogress success uxsuccess skip fail xfail '
number() { # in hex, in the fewest octets; how many there are stands in the top two bits
    width=$((1 + ($1 > 63) + ($1 > 16383) + ($1 > 4194303)))
    printf "%0$((2 * width))x" $(($1 | (width - 1) << (8 * width - 2)))
}
sized() { number $((${#1} / 2)) && printf %s "$1"; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
octets() {
    printf "$(printf %s "$1" | awk '{ for (at = 1; at < length($0); at += 2) printf "\\%03o",
        16 * index(d, substr($0, at, 1)) + index(d, substr($0, at + 1, 1)) }' d=123456789abcdef)"
}
string() { # a JSON string's UTF-8; but for \u and \/ its escapes are those of printf
    escaped=$(printf '%s\n' "$1" | sed 's,\\/,/,g; s,\\u,\
&,g' | awk '
    !/^\\u/ { wrong += high > 0; printf "%s", $0; next }
    {   code = 0
        for (at = 3; at < 7; at++) code = 16 * code + index(d, tolower(substr($0, at, 1)))
        if (high && code > 56319 && code < 57344) { code += (high - 55296) * 1024 + 9216; high = 0 }
        wrong += high > 0 || code == 0 || code >= 56320 && code < 57344
        high = code >= 55296 && code < 56320 ? code : 0
        if (high) { wrong += length($0) > 6; next }
        more = code < 128 ? 0 : code < 2048 ? 1 : code < 65536 ? 2 : 3
        printf "\\0%03o", int(code / 64 ^ more) + (more ? 256 - 2 ^ (7 - more) : 0)
        while (more--) printf "\\0%03o", 128 + int(code / 64 ^ more) % 64
        printf "%s", substr($0, 7) }
    END { exit wrong || high }' d=123456789abcdef) || exit 1 # NUL, or half a surrogate pair
    sized "$(printf %b "$escaped" | hex)"
}
value() { # what a key has, in `found`; in a string, no quote is left to be taken for that of a key
    case $line in *"\"$1\":"*) found=${line#*"\"$1\":"} ;; *) return 1 ;; esac
}
text() { # the string of a key, with a flag
    value "$1" || return 0
    flags=$((flags | $2)) found=${found#\"}
    fields=$fields$(string "${found%%\"*}") || exit 1
}
within() { # a key's whole number, in `found`, 0 to
    value "$1" && found=${found%%[,\}]*}
    case $found in '' | *[!0-9]* | ???????????*) exit 1 ;; esac
    [ "$found" -le "$2" ] || exit 1
}
lines=$(awk 'length($0) > 50000 { exit 77 } { print }') || exit
printf '%s\n' "$lines" | sed 's/\\\\/\\u005c/g; s/\\"/\\u0022/g' | while read -r line; do
    case $line in *'"raw":'* | *'"kind":"passthrough"'* | *'"kind":"corrupt"'*) exit 77 ;; esac
    flags=$((0x2100)) fields=''
    case $line in *'"runnable":false'*) flags=$((0x2000)) ;; esac
    case $line in *'"eof":true'*) flags=$((flags | 0x10)) ;; esac
    if value test_status; then
        found=${found#\"} && found=${found%%\"*}
        case $statuses in *" $found "*) set -- ${statuses%%" $found "*} ;; *) exit 1 ;; esac
        flags=$((flags + $# + 1))
    fi
    if value timestamp; then
        within seconds 4294967295 && fields=$(printf %08x "$found")
        within nanoseconds 999999999 && fields=$fields$(number "$found") flags=$((flags | 0x200))
    fi
    text test_id 0x800
    if value test_tags; then
        count=0 tags='' list=${found#?}
        while [ "${list#\"}" != "$list" ]; do
            list=${list#\"} count=$((count + 1))
            tags=$tags$(string "${list%%\"*}") || exit 1
            list=${list#*\"} && list=${list#,}
        done
        fields=$fields$(number $count)$tags flags=$((flags | 0x80))
    fi
    text mime_type 0x20
    text file_name 0x40
    value file_bytes && found=${found#\"} && fields=$fields$(sized "${found%%\"*}")
    text route_code 0x400
    length=$((8 + ${#fields} / 2)) # and as many octets more as its number has more than one
    packet=b3$(printf %04x $flags)$(number $((length + (length > 63) + (length > 16382))))$fields
    sum=$(octets "$packet" | gzip | tail -c 8 | hex | sed 's/\(..\)\(..\)\(..\)\(..\).*/\4\3\2\1/')
    octets "$packet$sum"
done
