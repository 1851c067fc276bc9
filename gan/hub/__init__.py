"""The Hugging Face Hub's client: where it is, how long to wait for it, and one HubError for each thing that goes wrong."""

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
