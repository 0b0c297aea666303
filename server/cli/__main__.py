"""`python -m server.cli`: the same as `agent-runs`, where no script is installed."""

from server.cli import main

main()
