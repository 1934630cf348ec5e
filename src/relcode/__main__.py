"""`python -m relcode` is `relcode`."""

from relcode.cli import main

main()
