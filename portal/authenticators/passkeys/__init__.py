"""Passkeys: keys that a device or a password manager keeps, and shows only after asking whose they are."""
