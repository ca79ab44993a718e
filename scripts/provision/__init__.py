"""What `scripts/setup` does, step by step.

Runs on any Python from 3.9 on with nothing but the standard library, because it is what
brings the Python and the packages that everything else here needs.
"""
