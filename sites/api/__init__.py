"""What every REST endpoint shares: keys and sessions, the tenant scope, problem details, strict bodies."""
