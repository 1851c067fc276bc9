"""The Hugging Face Hub's client: its address, its time limits, and a HubError for each kind of failure."""

from gan.hub.client import Progress, Pushed, Token, api, check_repo_name, endpoint, hub_errors, is_reachable, is_repo_name

__all__ = [
    "Progress",
    "Pushed",
    "Token",
    "api",
    "check_repo_name",
    "endpoint",
    "hub_errors",
    "is_reachable",
    "is_repo_name",
]
