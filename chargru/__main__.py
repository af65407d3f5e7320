"""`python -m chargru` is `chargru`."""

from chargru.cli.app import main

if __name__ == "__main__":
    main()
