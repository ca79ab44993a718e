"""A substitute for hassfest and HACS validation, which need the network or Home Assistant's source.

Each check is a function from an integration's folder to a list of what is wrong with it, in
words for a person. Beyond hassfest they compare the texts with what the code uses.
"""
