"""The answers of the page, the HTTP endpoints and MCP: one table of calls, which take arguments and return answers."""
