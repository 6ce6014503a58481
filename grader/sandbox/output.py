"""What is kept of an output without end: how it began and how it ended."""

# Enough for every line of an honest program and for the traceback at its end.
KEPT_BYTES = 32_000


class Excerpt:
    """The first and the last bytes of a stream, and how many there were.

    Attributes:
        total: Bytes taken in, kept or not.
    """

    def __init__(self) -> None:
        self.total = 0
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take in what came next."""
        self.total += len(chunk)
        room = KEPT_BYTES - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > 4 * KEPT_BYTES:
            del self._tail[:-KEPT_BYTES]

    def text(self) -> bytes:
        """Return what is kept, with a line between the two parts where something was left out."""
        left_out = self.total - 2 * KEPT_BYTES
        if left_out <= 0:
            return bytes(self._head + self._tail)
        mark = f"\n[… {left_out:,} bytes left out …]\n".encode()
        return bytes(self._head) + mark + bytes(self._tail[-KEPT_BYTES:])
