"""The rules of the call as pure functions: no database, no clock, each result explains itself.

- `explanation`: steps and warnings, how they are written
- `costs`: what a scheme accepts of a list of expenses, indirect costs included
- `grant`, `advance`, `balance`: the three amounts of a convention
- `calendar`: the dated obligations of an operation
- `eligibility`: what to tell about the dates and the bearers, without ever blocking
- `youth`: the share of young people
"""
