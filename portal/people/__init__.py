"""People: who they are, what they can do, how they sign in, and what becomes of their data."""
