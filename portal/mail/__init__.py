"""The one way a mail leaves: composed from a template, handed to the mail server, settled. It knows no people."""
