"""The main job in a real Home Assistant with a real browser."""
