"""Pictures of the demonstration, made in memory."""

import struct
import zlib
from random import Random


def photograph(rnd: Random) -> bytes:
    """A small PNG of one grey, in place of a photograph of the spot."""
    grey = 90 + 10 * rnd.randrange(11)  # few, so that each is decoded once in a process
    lines = b"".join(b"\0" + bytes([grey] * 48) for _ in range(36))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 48, 36, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
