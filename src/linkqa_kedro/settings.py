"""Kedro's settings of this project."""

from kedro.config import OmegaConfigLoader

from linkqa_kedro.hooks import HOOKS as PROJECT_HOOKS

CONFIG_LOADER_CLASS = OmegaConfigLoader
CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"}
HOOKS = PROJECT_HOOKS
