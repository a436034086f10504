"""Two worlds side by side that differ in what governments do: effects, reasons, shares, costs, one report."""
