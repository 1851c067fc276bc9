"""The Hugging Face Hub's client: its address, its time limits, and a HubError for each kind of failure."""

from gan.hub.client import (
    Kind,
    Progress,
    Pushed,
    Token,
    api,
    check_endpoint,
    check_repo_name,
    check_revision,
    endpoint,
    hub_errors,
    is_reachable,
    is_repo_name,
)
from gan.hub.downloads import download

__all__ = [
    "Kind",
    "Progress",
    "Pushed",
    "Token",
    "api",
    "check_endpoint",
    "check_repo_name",
    "check_revision",
    "download",
    "endpoint",
    "hub_errors",
    "is_reachable",
    "is_repo_name",
]
