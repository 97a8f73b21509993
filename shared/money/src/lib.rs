//! Money in integer minor units, currencies and consumption tax
