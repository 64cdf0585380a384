"""The demo: an integration script that loads three scopes through the public API and prints the results computed there."""
