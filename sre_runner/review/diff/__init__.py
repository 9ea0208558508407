"""Two configurations to the changes that a reviewer should see: privileges first, then cost, then behaviour."""
