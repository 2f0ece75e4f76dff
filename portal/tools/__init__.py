"""The catalogue of tools: toolinfo records, who maintains them, and which of them look for an owner."""
