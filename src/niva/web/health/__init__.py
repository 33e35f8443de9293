"""How the desk is: `/healthz` for load balancers, `/metrics` for a monitor, `/health/` for its keeper."""
