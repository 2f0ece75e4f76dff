"""What the front page and the dashboard show of all features together."""
