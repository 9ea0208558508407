"""How assignments become waves: one small generator a strategy, and the dict that names them."""
