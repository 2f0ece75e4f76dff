"""Second factors: codes of an app, recovery codes, and what happens without them."""
