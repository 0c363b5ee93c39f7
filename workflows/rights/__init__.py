"""What participants may ask of the service, and what it owes them: to be told, to be answered, to be forgotten."""
