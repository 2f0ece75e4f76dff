"""What the portal knows of contributions: the review servers, their changes, whose turn it is, who is new."""
