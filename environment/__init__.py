"""Set-up of the kit with nothing but the standard library."""
