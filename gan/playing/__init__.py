"""The calls of the page, the HTTP endpoints and MCP. Each call takes checked arguments and returns an answer."""
