"""What people and programs are shown, made from records, plans and differences alone. It decides nothing."""
