"""What is shown of mentoring."""
