"""The review queue: every open change of the configured Gerrit and GitLab servers, and whose turn it is."""
