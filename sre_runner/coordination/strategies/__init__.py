"""How assignments become waves: one module a strategy, with all that is asked of it, and the dict that names them."""
