"""The library owns saved clips: the queue of jobs that make them and the folder that holds them.

Files are the truth. What is known of a clip is its path and a note inside the file itself.
"""
