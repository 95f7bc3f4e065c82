"""Engines behind an HTTP API: LibreTranslate, and chat servers.

In come segments and settings; out come hypotheses. A key comes from the environment and goes to
the server of the settings only.
"""
