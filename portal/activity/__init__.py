"""What happened here, and who is told: on the page of notices and by mail."""
