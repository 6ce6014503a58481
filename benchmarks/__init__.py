"""Figures that the documentation quotes: each module prints its own, interleaved and as medians."""
