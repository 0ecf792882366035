"""The key hierarchy: root, vault, study, object; fields, tokens, ledger."""
