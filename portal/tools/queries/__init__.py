"""What is shown of tools."""
