"""What the bearer of a network does for it (3.13), beside any participant."""
