# What a build script in shell does with subunit-output, one call after another.
for status in exists inprogress success uxsuccess skip fail xfail; do
    subunit-output "--$status" "session.$status"
done

printf 'poids: 3 m³ à 20 °C\n' > notes.txt
printf '\000\001\263)\001\014\003foo\377' > octets.bin
: > empty.log
subunit-output --fail session.with_file --attach-file notes.txt --mimetype 'text/plain; charset=utf8'
subunit-output --success session.without_mime_type --attach-file octets.bin
subunit-output --success session.renamed --attach-file octets.bin --file-name 'größe/объём.bin' \
    --mimetype application/octet-stream
subunit-output --xfail session.empty_file --attach-file empty.log

# One test, its log in three calls, its outcome at the end.
subunit-output --inprogress session.three_parts --tag slow --tag worker-1
for part in 1 2 3; do
    printf 'part %s of 3\n' "$part" | subunit-output --inprogress session.three_parts --attach-file -
done
subunit-output --success session.three_parts

subunit-output --skip 'сессия.с метками' --tag größe --tag объём --tag 'with space' --tag slow --tag slow
# Nothing to do with a test: an attachment of the whole run, a tag, and a packet that says only when.
subunit-output --attach-file notes.txt --file-name run.log --tag global
subunit-output --tag build-531
subunit-output
