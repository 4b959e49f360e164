#!/usr/bin/env python3
"""measure.py OUTPUT COMMAND...: runs the command with its output in a file; prints wall s, CPU s and peak MiB."""
import os
import sys
import time


def main():
    output, command = sys.argv[1], sys.argv[2:]
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        file = os.open(output, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
        os.dup2(file, 1)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            print("measure: %s: %s" % (command[0], error), file=sys.stderr)
            os._exit(127)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    print("%.2f %.2f %d" % (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024))
    sys.exit(os.waitstatus_to_exitcode(status) != 0)


main()
