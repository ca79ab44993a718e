"""What the integration costs, each figure beside something else that does the same.

`scripts/bench` runs them; README.md says under which conditions and what came out.
"""
