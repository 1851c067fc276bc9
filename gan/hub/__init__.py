"""The Hugging Face Hub's client: where it is, how long to wait for it, and one HubError for each thing that goes wrong."""

from gan.hub.client import Progress, Token, api, check_repo_name, endpoint, hub_errors, is_repo_name

__all__ = ["Progress", "Token", "api", "check_repo_name", "endpoint", "hub_errors", "is_repo_name"]
