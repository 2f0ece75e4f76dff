"""Signing in with accounts elsewhere: at a wiki, a forge, or any OpenID provider."""
