"""The actions of `subunit2 conformance`, a module each."""
