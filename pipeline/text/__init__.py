"""Language and characters: locales, markup, sentences, words, scripts.

In come strings, and a locale where it matters; out come spans, words, sentences and judgements of
them. Nothing here knows of articles, catalogs, engines, or of files, but for the tables in this
package.
"""
