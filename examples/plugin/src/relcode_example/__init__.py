"""One plug-in of each kind for relcode, to copy from."""
