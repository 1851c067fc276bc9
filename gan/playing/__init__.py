"""What the page, the HTTP endpoints and MCP answer: calls in, answers out, in one table."""
