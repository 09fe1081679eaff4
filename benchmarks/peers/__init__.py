"""Other people's software, made to do what ours does, as fast as it can."""
