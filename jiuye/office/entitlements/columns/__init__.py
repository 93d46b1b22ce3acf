"""The facts of everyone as columns on disk, kept from one sweep to the next: only what changed is read from the database.

What could change a row is worked out from the very SQL that reads it (`reaching`), what has changed stands in a log that triggers
write (`changelog`), and the columns lie in a folder that belongs to one database (`store`). Where anything is not certain, an
entity is read whole. Begin reading at `collecting.py`.
"""
