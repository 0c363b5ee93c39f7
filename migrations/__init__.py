"""The numbered steps that bring a database to the schema of the models. `casework.schema` applies them."""
