"""The Contributor Portal: one place where a technical community welcomes, mentors, reviews and hands over."""
