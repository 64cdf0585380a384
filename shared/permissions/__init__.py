"""Who may see and do what: the contract that all services agree on."""
