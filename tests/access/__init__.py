"""Who may do what: one table of every route, and one of every action."""
