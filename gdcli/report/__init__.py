"""Values to text and pictures. Pure: nothing here computes a result, prints, or reads a clock or a
terminal.

`formats` has the formats, a module each; `stages` lays open what lies between a text and its
gradient; `pictures` draws scenes. Text for people is laid out by `text_document`, the only user of
rich.
"""
