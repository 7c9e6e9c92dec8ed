#!/bin/sh
# A chromedriver whose first port is in use: it ends once with chromedriver's message, and then runs the real chromedriver.
if mkdir "$BUSY_PORT_FOLDER/used" 2>/dev/null; then
  echo "IPv4 port not available. Exiting..."
  exit 1
fi
exec "$REAL_CHROMEDRIVER" "$@"
