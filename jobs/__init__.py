"""Scheduled jobs: each is a query over what is due and not done, one transaction per case. `schedule` lists them."""
