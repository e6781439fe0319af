"""Shanyraq from a clone: ``python run.py COMMAND``; everything else is in the package ``model``."""

from model.cli import main

if __name__ == "__main__":
    main()
