"""Which boxed meal to buy at which station."""
