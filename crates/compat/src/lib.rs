//! Internal component of gatepost.
