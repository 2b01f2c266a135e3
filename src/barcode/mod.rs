//! barcode (being built).
