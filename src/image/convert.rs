//! Raw camera formats to luma, and to colour where a network needs it.
