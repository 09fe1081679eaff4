"""How the catalog loads and saves what Kedro's own datasets do not cover."""
