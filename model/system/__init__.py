"""What the country looks like: tables, checks, scenarios, and the System they make."""
