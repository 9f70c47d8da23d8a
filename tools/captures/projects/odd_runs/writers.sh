# Six processes that share one pipe. Each writes a small packet and then two that are larger than the
# pipe is made by slow_reader.py; of those the pipe takes a chunk now from one, now from another.
writer() {
    seq -f "writer $1 weighed %g m³" "$2" > "writer-$1.log"
    subunit-output --inprogress "writer.$1" --tag "writer-$1"
    subunit-output --attach-file "writer-$1.log"
    subunit-output --success "writer.$1" --attach-file "writer-$1.log"
}

for number in 1 2 3 4 5 6; do
    writer $number $((number * 70)) &
done
wait
