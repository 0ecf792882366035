"""The exchange as JSON, for programs: /api/v1, described at /openapi.json."""
