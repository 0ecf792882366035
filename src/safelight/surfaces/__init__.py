"""How the world reaches us: parse, call one action or query, answer."""
