"""Statements to PO files to localized articles; a person approves each sentence."""
