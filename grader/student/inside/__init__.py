"""What runs in the learner's process. Imports numpy and the wire format, nothing more of ours."""

import struct

# Orders to the fork server and its answers: order, pid or wait status, memory and file bytes.
CONTROL = struct.Struct("<ciqq")
OPEN, END = b"o", b"e"
# The exit code of a process that cannot reach the grader any more: its code closed the pipes.
CUT_OFF = 74
