"""Runs the command line: `python -m gan`."""

from gan.cli import main

if __name__ == "__main__":
    main()
