"""Options of the Java virtual machine, chosen by measurement."""

# The first-tier compiler and the serial collector start fastest; 192 MB hold a graded topic easily.
BASE = ("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def options() -> tuple[str, ...]:
    """Return the options for a broker's start."""
    return BASE
