"""The review queue: every open change of the sources, and whose turn it is."""
