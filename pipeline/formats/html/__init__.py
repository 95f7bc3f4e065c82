"""HTML pages as sources: the tree, the main content, its blocks, and inline markup.

In comes the text of a page; out come front matter and pieces in CommonMark, each with the
characters that it was made from. Nothing here knows of articles or of other formats.
"""
