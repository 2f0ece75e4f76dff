"""Learning tracks: modules and steps from content/tracks, and what people did of them."""
