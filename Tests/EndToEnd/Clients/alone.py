"""Runs a command with a network of its own, in which every port is free: alone.py COMMAND..."""
import ctypes
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41
flags = CLONE_NEWNET if os.getuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
if ctypes.CDLL(None, use_errno=True).unshare(flags) == 0:
    # A new network has a loopback interface that is down.
    fcntl.ioctl(socket.socket(), SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP_RUNNING))
else:
    print("alone.py: this machine allows no network of one's own; using the one there is")
os.execvp(sys.argv[1], sys.argv[1:])
