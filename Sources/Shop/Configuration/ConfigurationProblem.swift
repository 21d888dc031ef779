/// An error of the configuration, as a sentence for the operator.
package struct ConfigurationProblem: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
