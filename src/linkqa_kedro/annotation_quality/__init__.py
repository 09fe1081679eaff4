"""`kedro annotation-quality`: how well a teacher finds the labels that people gave to seeds."""
