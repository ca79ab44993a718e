"""The steps of the main job, each measured; the end-to-end test and the demo's check share them."""
