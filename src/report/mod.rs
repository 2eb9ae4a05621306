//! What is shown: entries, a summary, an exit status, and one renderer per format.
