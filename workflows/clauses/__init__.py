"""The hours of social clauses of 3.1: entered by participant and contract, merged over the territories."""
