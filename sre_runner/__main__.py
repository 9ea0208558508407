"""`python -m sre_runner`: the command line, where its script is not on the PATH."""

from sre_runner.cli import main

if __name__ == "__main__":
    main()
