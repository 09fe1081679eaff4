"""How a model is asked: requests and completions, the store that keeps them, the adapter that buys them."""
