"""What every feature stands on. Knows nothing of mentors, reviews or roles."""
