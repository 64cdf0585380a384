"""The whole system on one machine: `python -m deploy.local up`, which is `make up`."""
