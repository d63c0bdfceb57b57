"""Previews of artifacts: a process of small rights reads, bounds and draws anew what users made.

    desk.py       what the handlers ask: memory of answers, a queue with an end
    process.py    the reader's process, kept warm, killed when it takes too long
    reader.py     the process itself: limits first, then one question after the other
    question.py  what it is asked
    choosing.py   which kind a file is, by its first bytes rather than by what it is called
    texts.py, documents.py, tables.py, tensors.py, images.py, listings.py    one kind each

Nothing in here unpickles, renders HTML or SVG, or follows a link.
"""
