"""What every simulated recorder has, whatever its wire format: nothing here names a maker."""
