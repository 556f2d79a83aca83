"""What the cold start measurement is made of."""
