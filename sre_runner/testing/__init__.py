"""What runs should come to, and how they compare: expectations, cases, suites, figures."""
