/// The version that reports name and that a resumed run compares.
public let medprepVersion = "0.1.0"
