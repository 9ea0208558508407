"""Is what a finding claims in the answers that it cites? Its values looked up, its quotes weighed, without a model."""
