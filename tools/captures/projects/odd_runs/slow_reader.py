"""A reader that lets its writers wait: ``writers | python slow_reader.py OCTETS SECONDS``.

It makes the pipe on its standard input OCTETS small, reads nothing for SECONDS, and then copies the
pipe to its standard output a little at a time. Writers whose packets are larger than the pipe stand
in each other's way, as they do behind a slow terminal or a slow network.
"""

import fcntl
import os
import sys
import time

STEP = 512


def main() -> None:
    pipe_size, seconds = int(sys.argv[1]), float(sys.argv[2])
    fcntl.fcntl(sys.stdin.fileno(), fcntl.F_SETPIPE_SZ, pipe_size)
    time.sleep(seconds)
    while octets := os.read(sys.stdin.fileno(), STEP):
        os.write(sys.stdout.fileno(), octets)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
