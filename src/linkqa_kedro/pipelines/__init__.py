"""What happens: the six stages."""
