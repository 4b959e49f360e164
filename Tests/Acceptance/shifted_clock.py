"""A server's time of day, set by a test: midnight and the days on which clocks change come when they are asked for."""
import struct
import subprocess
import time

import harness

SOURCE = harness.CHECKOUT / "Tests" / "Acceptance" / "shifted_clock.c"


class ShiftedClock:
    """Give `environment()` to a server's process; its clock runs on from what it was set to."""

    def __init__(self, folder):
        self.file, self.library = folder / "clock", folder / "shifted_clock.so"
        self.file.write_bytes(bytes(8))
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", self.library, SOURCE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"the clock is not built: {done.stderr}"

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "SHIFTED_CLOCK": str(self.file)}

    def set(self, milliseconds):
        shift = milliseconds * 1_000_000 - time.time_ns()
        # In place: the server has the file in its memory.
        with open(self.file, "r+b") as file:
            file.write(struct.pack("=q", shift))

    def now(self):
        return (time.time_ns() + struct.unpack("=q", self.file.read_bytes())[0]) // 1_000_000
