"""One module per outside service, each with its own errors; no Flask and no database in here."""
