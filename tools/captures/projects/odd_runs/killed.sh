# A worker that is killed, as an out-of-memory killer does it, while it waits for the pipe to take the
# rest of a packet.
python -m subunit.run test_killed &
worker=$!
sleep 3
kill -KILL $worker
wait $worker 2>/dev/null || true
