"""Pure functions from a `Report` to text: `page.page`, `data.data`, `terminal.summary`."""
