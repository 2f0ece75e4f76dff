"""Invitations to sign up: by e-mail, or by a link to pass on."""
