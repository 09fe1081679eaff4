"""What a person reads of a run: pictures, the dataset card, the summary in the terminal."""
