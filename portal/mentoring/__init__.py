"""Newcomers ask for a mentor, mentors claim, the two talk until the newcomer stands alone."""
