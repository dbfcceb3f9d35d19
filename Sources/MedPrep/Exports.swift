// A program that imports MedPrep sees the values, the readers and the operators too.
@_exported public import MedPrepCore
@_exported public import MedPrepIO
@_exported public import MedPrepOperators
