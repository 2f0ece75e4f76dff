"""Admin: what stewards see of accounts, of what happens at the doors, and of how the site runs."""
