"""`make soak`: a long time of mixed load on the portal as it is deployed, at 80 % of what it can bear."""
